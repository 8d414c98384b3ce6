"""Face weights read from safetensors, ready to generate: numpy in, numpy out."""

import dataclasses
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from codub.config import build
from codub.errors import LatentSpaceError, WeightsError
from codub.face.fused_generator import FusedGenerator, quick_type
from codub.face.generator import Generator, GeneratorConfig, Motion
from codub.face.model import FloatArray, MouthMotion, Pictures
from codub.face.poses import few_looks
from codub.files import replacing
from codub.latent import SPACES, LatentSpace

FORMAT = "codub-face-1"
AT_ONCE = 25  # frames the network sees together; more cost memory and save no time
PEOPLE = 4  # whose references are remembered


class TorchFaceGenerator:
    """A trained generator behind the `FaceGenerator` protocol.

    `network` is what it holds, never to be trained on while it is here; `metadata` what the weights say of themselves.
    """

    def __init__(
        self, network: Generator, space: LatentSpace, device: str = "cpu", metadata: dict[str, str] | None = None
    ) -> None:
        config = network.config
        self.space = space
        self.size, self.references, self.window = config.size, config.references, config.window
        self.metadata = metadata or {}
        self.network = network.to(device).eval().requires_grad_(False)
        self._device = device
        self._mask: FloatArray = self.network.mask[0, 0].cpu().numpy()
        self._fused = FusedGenerator(self.network, quick_type(torch.device(device)))
        self._identities: dict[bytes, list[torch.Tensor]] = {}  # of the references that were shown last

    def generate(self, windows: FloatArray, pose: Pictures, references: Pictures) -> MouthMotion:
        """Motion of N frames; see `FaceGenerator.generate`."""
        self._check(windows, pose, references)
        with torch.inference_mode():
            known = self._identify(references)
            places = [slice(i, i + AT_ONCE) for i in range(0, len(windows), AT_ONCE)]
            parts = [self._motion(windows[some], pose[some], known) for some in places]
            flow, blend, colour = (torch.cat(maps).cpu().numpy() for maps in zip(*parts, strict=True))
        return MouthMotion(flow, blend, colour, self._mask)

    def _motion(self, windows: FloatArray, pose: Pictures, known: list[torch.Tensor]) -> Motion:
        looks = few_looks(pose, self._mask <= 0)
        return self._fused(self._tensor(windows), self._pictures(pose[list(looks.looked)]), known, looks)

    def _identify(self, references: Pictures) -> list[torch.Tensor]:
        """What the references show; a shot is generated a few frames at a time, with the same ones every time."""
        key = references.tobytes()
        if key not in self._identities:
            if len(self._identities) >= PEOPLE:
                self._identities.clear()
            self._identities[key] = self._fused.identify(self._pictures(references))
        return self._identities[key]

    def _check(self, windows: FloatArray, pose: Pictures, references: Pictures) -> None:
        wanted = (self.space.channels, self.window)
        if windows.ndim != 3 or windows.shape[1:] != wanted:
            raise LatentSpaceError(
                f"Latent windows of shape {windows.shape[1:]} were given to a face trained for {wanted}.",
                cause=f"It was trained for the space '{self.space.name}'.",
                fix="Use the voice and the face of one profile.",
            )
        side = (self.size, self.size, 3)
        assert pose.shape == (len(windows), *side), f"pose {pose.shape}"
        assert references.shape == (self.references, *side), f"references {references.shape}"

    def _tensor(self, values: FloatArray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self._device)

    def _pictures(self, pictures: Pictures) -> torch.Tensor:
        held = torch.from_numpy(np.ascontiguousarray(pictures)).to(self._device)
        return held.permute(0, 3, 1, 2).float() / 255


def shipped(space: str = "embedded") -> Path:
    """Where the weights that come with codub lie for a latent space, whether there are any or not."""
    return Path(str(resources.files("codub"))) / "assets" / f"face-{space}.safetensors"


def load_face_generator(
    path: Path | None = None, *, space: LatentSpace | None = None, device: str = "cpu", threads: int | None = None
) -> TorchFaceGenerator:
    """The generator of a weights file, by default the one that ships; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: the file is missing, damaged, or of another model.
        LatentSpaceError: it was trained for another space than `space`.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    path = path or shipped(space.name if space else "embedded")
    tensors, metadata = _read(path)
    network, own = network_of(tensors, metadata, path)
    if space is not None and own != space:
        raise LatentSpaceError(
            f"The face weights '{path.name}' were trained for the space '{own.name}', not for '{space.name}'.",
            fix="Use the voice and the face of one profile, or train a face for this one: codub train face.",
        )
    return TorchFaceGenerator(network, own, device, metadata)


def network_of(tensors: dict[str, torch.Tensor], metadata: dict[str, str], path: Path) -> tuple[Generator, LatentSpace]:
    """The network of a weights file's content, and its latent space."""
    try:
        config = build(GeneratorConfig, json.loads(metadata["config"]), where=path.name)
        network, space = Generator(config), SPACES[config.space]
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(
            f"The file '{path}' holds no face generator of this version.",
            cause=str(error).splitlines()[0],
            fix="Train it again: codub train face.",
        ) from error
    return network, space


def save_face(path: Path, network: Generator, metadata: dict[str, str]) -> None:
    """Write weights in half precision (statistics in full), with the configuration and `metadata` (data, recipe,
    figures) in the file's header."""
    tensors = {
        name: value.detach().cpu().contiguous() if name in _FULL else value.detach().cpu().half().contiguous()
        for name, value in network.state_dict().items()
    }
    config = json.dumps(dataclasses.asdict(network.config))
    with replacing(path) as temporary:
        save_file(tensors, str(temporary), metadata={**metadata, "config": config, "format": FORMAT})


_FULL = ("mean", "deviation")


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    if not path.is_file():
        raise WeightsError(
            f"The face weights '{path}' are missing.",
            fix="Reinstall codub, or train them: codub train face.",
        )
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"The face weights '{path}' are damaged.", cause=str(error), fix="Reinstall codub."
        ) from error
