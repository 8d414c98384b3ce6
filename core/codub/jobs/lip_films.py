"""GRID's films as measuring wants them: frames, the true mouth, what is said; worked out once and kept in a folder."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from codub import weights
from codub.errors import CodubError, UsageError
from codub.evaluation.lip_goals import SAID
from codub.evaluation.lips import LipClip
from codub.evaluation.mouths import MouthTrack, Picture, steady_transforms, track_mouth
from codub.evaluation.said_lines import LINES, said_by
from codub.face.detect import FaceDetector, load_detector
from codub.face.mesh import FaceMesh, load_mesh
from codub.files import replacing
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.media.video import read_frames
from codub.speech.encoder_file import ADAPTER_FILE
from codub.training.face_clips import PICTURE_RATE
from codub.training.face_latents import AlignedReader
from codub.training.grid import GridClip, read_grid, split

Progress = Callable[[float, str], None]

OWN_WORDS = ("sound", "text")  # drives that say what the film says
DRIVES = (*OWN_WORDS, SAID)
PEOPLE = ("held-out", "same")


@dataclass(frozen=True)
class LipFilms:
    """Films of people that nothing was trained on, or of trained people's other films ("same").

    `cache` keeps meshes and latents, which every set of weights is measured on; None keeps nothing.
    """

    corpora: Path
    people: str = "held-out"
    cache: Path | None = None

    def clips(self, drives: Sequence[str], progress: Progress) -> dict[str, tuple[LipClip, ...]]:
        """Clips by drive: "sound" hears the film, "text" reads its words at the film's timing, "lines" says others.

        Raises:
            UsageError: the corpus is not there, or a drive or the people are unknown.
        """
        for name, known in ((self.people, PEOPLE), *((drive, DRIVES) for drive in drives)):
            if name not in known:
                raise UsageError(f"Lips are measured with {' or '.join(known)}, not with '{name}'.")
        parts = split(read_grid(self.corpora))
        films = parts.held_out if self.people == "held-out" else parts.same_person
        found: dict[str, list[LipClip]] = {drive: [] for drive in drives}
        said = [self._reader.say(line) for line in LINES] if SAID in drives else []
        for number, film in enumerate(films):
            progress(number / len(films), f"reading {film.name}")
            frames = tuple(read_frames(film.film))
            mouth = self._mouth(film, frames)
            for drive in drives:
                latent = said[0] if drive == SAID else self._latent(film, drive)
                found[drive].append(LipClip(film.name, film.person, frames, Fraction(PICTURE_RATE), latent, mouth))
        if SAID in drives:
            found[SAID] = list(said_by(found[SAID], said))
        return {drive: tuple(clips) for drive, clips in found.items()}

    @cached_property
    def _models(self) -> tuple[FaceDetector, FaceMesh]:
        return load_detector(), load_mesh()

    @cached_property
    def _reader(self) -> AlignedReader:
        return AlignedReader()

    @cached_property
    def _encoder(self) -> str:
        """Which speech encoder hears: latents of another one are not taken up."""
        return hashlib.sha256(weights.shipped(ADAPTER_FILE).read_bytes()).hexdigest()[:8]

    def _mouth(self, film: GridClip, frames: Sequence[Picture]) -> MouthTrack:
        path = self.cache / f"{film.name}-mesh.npz" if self.cache is not None else None
        if path is None or not path.is_file():
            mouth = track_mouth(frames, *self._models, film.name)
            if path is not None:
                _save(path, {"points": mouth.points})
            return mouth
        points = _load(path)["points"]
        return MouthTrack(points, tuple(steady_transforms(points)))

    def _latent(self, film: GridClip, drive: str) -> SpeechLatent:
        path = self.cache / f"{film.name}-{drive}-{self._encoder}.npz" if self.cache is not None else None
        if path is None or not path.is_file():
            latent = self._reader.hear(film) if drive == "sound" else self._reader.read(film)
            if path is not None:
                times = np.array([(span.start, span.end) for span in latent.spans])
                phonemes = np.array([span.phoneme for span in latent.spans])
                _save(path, {"features": latent.features, "times": times, "phonemes": phonemes})
            return latent
        held = _load(path)
        spans = tuple(
            PhonemeSpan(str(name), float(start), float(end))
            for name, (start, end) in zip(held["phonemes"], held["times"], strict=True)
        )
        prosody = np.zeros(2 * held["features"].shape[1], np.float32)  # which a face does not read
        return SpeechLatent(EMBEDDED, held["features"], prosody, prosody, spans)


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError) as error:
        raise CodubError(f"'{path}' is damaged.", cause=str(error), fix="Delete it; it is made again.") from error
