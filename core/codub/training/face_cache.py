"""The cache of face training: cut clips, made-up identities and latents, each made once and found again by name; and
what is read of it into memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.errors import CodubError
from codub.files import replacing
from codub.latent import EMBEDDED, LatentSpace
from codub.training.face_clips import SIZE, FaceClip, load_clip, save_clip
from codub.training.film_records import load_record
from codub.training.spoken_clip import LeftOut, SpokenClip

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

    def left_out(self, clips: Sequence[SpokenClip]) -> tuple[LeftOut, ...]:
        """What was left out of films that are cut to one clip each."""
        records = [load_record(self.folder, clip.name) for clip in clips]
        return tuple(part for record in records if record is not None for part in record.left_out)

    def load(self, clips: Sequence[SpokenClip]) -> tuple[FaceClip, ...]:
        """Cut clips, each with the person that its corpus names; those that were left out are not among them."""
        there = [clip for clip in clips if self.clip(clip.name).is_file()]
        return tuple(replace(load_clip(self.clip(clip.name)), person=clip.person) for clip in there)

    def save(self, clip: FaceClip) -> None:
        """Keep a cut clip."""
        save_clip(self.clip(clip.name), clip)

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

    def save_reason(self, kind: str, name: str, reason: str) -> None:
        """Keep why a film has no latent of that kind."""
        with replacing(self._reason(kind, name)) as temporary:
            temporary.write_text(reason, encoding="utf-8")

    def reason(self, kind: str, name: str) -> str:
        """Why a film has no latent of that kind; "" where it has one or is still to be tried."""
        path = self._reason(kind, name)
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _reason(self, kind: str, name: str) -> Path:
        return self.latent(kind, name).with_suffix(".none")

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
    credit: str = ""  # of the films and portraits, for the weights' record

    @property
    def sources(self) -> set[str]:
        """Films whose sound or words belong to a clip."""
        return {clip.source for clip in (*self.clips, *self.held_out)}
