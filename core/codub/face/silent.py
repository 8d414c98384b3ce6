"""The silent face: the picture of an open mouth in, the same person with the mouth shut out.

The paper's pre-processing network, its generator on silent speech (Yaman et al., stabilized synchronization loss),
trained without a sync loss. Used where no frame of a person shows a shut mouth.
"""

from importlib import resources
from pathlib import Path

from codub.errors import WeightsError
from codub.face.crop import Picture
from codub.face.loading import TorchFaceGenerator, load_face_generator
from codub.face.moved import apply
from codub.face.references import resized


class TorchSilentFace:
    """A trained network behind the `SilentFace` protocol.

    It moves the crop's own pixels, so it works at the plate's resolution.
    """

    def __init__(self, generator: TorchFaceGenerator) -> None:
        self._generator = generator
        self._silence = generator.network.mean.cpu().numpy()[None, :, None].repeat(generator.window, 2)

    def shut(self, crop: Picture) -> Picture:
        """The crop `(S, S, 3)` RGB uint8 with the mouth shut, at the same resolution; unchanged outside the mask."""
        small = resized(crop, self._generator.size)[None]
        return apply(self._generator.generate(self._silence, small, small), crop[None], crop)


def shipped() -> Path:
    """Where the weights that come with codub lie."""
    return Path(str(resources.files("codub"))) / "assets" / "silent-face.safetensors"


def load_silent_face(path: Path | None = None, *, device: str = "cpu") -> TorchSilentFace:
    """The silent face of a weights file, by default the one that ships.

    Raises:
        WeightsError: the file is missing, damaged, or holds a face that wants several references.
    """
    generator = load_face_generator(path or shipped(), device=device)
    if generator.references != 1:
        raise WeightsError(
            f"The face weights '{path}' want {generator.references} pictures, a silent face wants one.",
            fix="Give weights of the stage train-face-silent.",
        )
    return TorchSilentFace(generator)
