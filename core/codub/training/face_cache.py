"""The cache of face training: cut clips, made-up identities and latents, each made once and found again by name; and
what is read of it into memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.errors import CodubError, MediaError
from codub.face.detect import load_detector
from codub.face.mesh import load_mesh
from codub.files import replacing
from codub.latent import EMBEDDED, LatentSpace
from codub.training.face_clips import SIZE, FaceClip, clip_of_frames, load_clip, read_film, save_clip
from codub.training.grid import GridClip

Progress = Callable[[float, str], None]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class FaceCache:
    """A folder with `clips/`, `made-up/`, and latents of each film: of its sound in `sound/`, its words in `text/`.

    Latents of another space than `embedded` lie in folders of their own; clips serve every space. `size` is the side in
    pixels of the crops that are trained on; clips of more than 80 lie in `clips-<size>/` and `made-up-<size>/`.
    """

    folder: Path
    space: LatentSpace = EMBEDDED
    size: int = SIZE

    def clip(self, name: str) -> Path:
        """File of a cut film."""
        return self._clips("clips") / f"{name}.npz"

    def made_up(self, name: str) -> Path:
        """File of a clip with a made-up identity."""
        return self._clips("made-up") / f"{name}.npz"

    def latent(self, kind: str, name: str) -> Path:
        """File of a film's latent features; `kind` is "sound", "text", or "text-2" and so on for further drawings."""
        folder = kind if self.space == EMBEDDED else f"{self.space.name}-{kind}"
        return self.folder / folder / f"{name}.npy"

    def _clips(self, kind: str) -> Path:
        return self.folder / (kind if self.size <= SIZE else f"{kind}-{self.size}")

    def cut(self, clips: Sequence[GridClip], progress: Progress) -> None:
        """Cut every film that is not in the cache yet; one that shows no face is reported and left out."""
        missing = [clip for clip in clips if not self.clip(clip.name).is_file()]
        if not missing:
            return
        detector, mesh = load_detector(), load_mesh()
        for number, clip in enumerate(missing):
            progress(number / len(missing), f"cutting {clip.name}")
            frames = read_film(clip.film)
            try:
                cut = clip_of_frames(frames, detector, mesh, name=clip.name, person=clip.person, size=self.size)
            except MediaError as error:
                progress(number / len(missing), f"left out: {error}")
            else:
                save_clip(self.clip(clip.name), cut)

    def load(self, names: Sequence[str]) -> tuple[FaceClip, ...]:
        """Cut films by name; those that were left out are not among them."""
        return tuple(load_clip(self.clip(name)) for name in names if self.clip(name).is_file())

    def load_made_up(self) -> tuple[FaceClip, ...]:
        """All made-up clips, by name."""
        return tuple(load_clip(path) for path in sorted(self._clips("made-up").glob("*.npz")))

    def save_made_up(self, clip: FaceClip) -> None:
        """Keep a clip with a made-up identity."""
        save_clip(self.made_up(clip.name), clip)

    def close_made_up(self) -> None:
        """Say that all made-up clips are there."""
        (self._clips("made-up") / "complete").touch()

    def has_made_up(self) -> bool:
        """Whether all made-up clips are there."""
        return (self._clips("made-up") / "complete").is_file()

    def save_latent(self, kind: str, name: str, features: NDArray[np.float32]) -> None:
        """Keep latent features `(C, T)`; half precision is far finer than what is learnt from them."""
        with replacing(self.latent(kind, name)) as temporary, temporary.open("wb") as file:
            np.save(file, features.astype(np.float16))

    def load_latent(self, kind: str, name: str) -> NDArray[np.float32]:
        """Latent features `(C, T)` float32.

        Raises:
            CodubError: they were not made, or are damaged.
        """
        path = self.latent(kind, name)
        try:
            features: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
        except (OSError, ValueError) as error:
            raise CodubError(
                f"The latent '{path}' cannot be read.", cause=str(error), fix="Delete it; it is made again."
            ) from error
        return features


@dataclass(frozen=True)
class FaceData:
    """Everything training reads, in memory; `latents` by kind ("sound", "text", further drawings) and film."""

    clips: tuple[FaceClip, ...]
    held_out: tuple[FaceClip, ...]
    latents: Mapping[str, Mapping[str, FloatArray]]
    silence: FloatArray | None = None  # (C,), what the TTV gives where nothing is said
    mels: Mapping[str, FloatArray] = field(default_factory=dict)  # (80, T) by film, where a sync expert hears them

    @property
    def sources(self) -> set[str]:
        """Films whose sound or words belong to a clip."""
        return {clip.source for clip in (*self.clips, *self.held_out)}
