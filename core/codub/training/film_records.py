"""What became of each film: its clips and the parts that were left out, one small file a film, in the cache."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from codub.files import replacing
from codub.latent import FloatArray
from codub.media.audio import read_audio
from codub.timing import SPEECH_RATE
from codub.training.spoken_clip import LeftOut, Line, Word

LIST = "left-out.tsv"


@dataclass(frozen=True)
class Film:
    """A film of a corpus: its name there, who talks in it ("": to be told by looks and voice), and what is said."""

    name: str
    person: str
    path: Path
    lines: tuple[Line, ...] = ()
    note: str = ""  # why it has no lines although something is there


@dataclass(frozen=True)
class CutClip:
    """Where a clip lies in its film: `start` and `end` in seconds of the picture, `late` those the sound is late.

    `looks` (320,) and `voice` (256,) tell people apart where the corpus does not say who talks.
    """

    name: str
    start: float
    end: float
    late: float
    looks: tuple[float, ...] = ()
    voice: tuple[float, ...] = ()


@dataclass(frozen=True)
class FilmRecord:
    """The clips of a film and what was left out; `size` of its file in bytes, by which another film is noticed.

    `duration` of its sound in seconds.
    """

    film: str
    size: int
    duration: float = 0.0
    clips: tuple[CutClip, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class TalkingClip:
    """A cut clip with its film, as latents are made of it (`spoken_clip.SpokenClip`)."""

    name: str
    person: str
    film: Film
    cut: CutClip = field(repr=False)
    duration: float = float("inf")  # seconds of the film

    def sound(self) -> FloatArray:
        """16 kHz mono of the clip, with the film's lag put right."""
        return self.around(0.0, self.cut.end - self.cut.start)

    def around(self, start: float, end: float) -> FloatArray:
        """16 kHz mono between two moments in seconds of the clip; silence beyond the film."""
        first = _exact(self.cut.start + self.cut.late + start)
        return np.asarray(read_audio(self.film.path, first, _exact(end - start), SPEECH_RATE), np.float32)

    def words(self) -> tuple[Word, ...]:
        """Nobody says when which word begins."""
        return ()

    def lines(self) -> tuple[Line, ...]:
        """Lines that are spoken during the clip, in seconds of the clip."""
        start, end = self.cut.start, self.cut.end
        heard = [line for line in self.film.lines if line.start < end and line.end > start]
        return tuple(
            replace(line, start=line.start - start, end=min(line.end, self.duration) - start) for line in heard
        )


def record_path(folder: Path, film: str) -> Path:
    """File of a film's record in the cache's `folder`."""
    return folder / "films" / f"{film}.json"


def save_record(folder: Path, record: FilmRecord) -> None:
    """Keep a film's record."""
    with replacing(record_path(folder, record.film)) as temporary:
        temporary.write_text(json.dumps(asdict(record)), encoding="utf-8")


def load_record(folder: Path, film: str) -> FilmRecord | None:
    """A film's record; None where there is none, or a damaged one, which is then made again."""
    try:
        held = json.loads(record_path(folder, film).read_text(encoding="utf-8"))
        clips = tuple(
            CutClip(**{**clip, "looks": tuple(clip["looks"]), "voice": tuple(clip["voice"])}) for clip in held["clips"]
        )
        left_out = tuple(LeftOut(**part) for part in held["left_out"])
        return FilmRecord(held["film"], held["size"], held["duration"], clips, left_out)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_list(folder: Path, left_out: Sequence[LeftOut]) -> Path:
    """The table of all parts that were left out, `left-out.tsv`, in the order of films and times."""
    path = folder / LIST
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(("film", "from", "to", "kind", "reason"))
        for part in sorted(left_out, key=lambda part: (part.film, part.start)):
            rows.writerow((part.film, f"{part.start:.2f}", f"{part.end:.2f}", part.kind, part.reason))
    return path


def summary(clips: int, people: int, left_out: Iterable[LeftOut], folder: Path) -> str:
    """One line: what there is to train on, and how much was left out for which kinds of reason."""
    kinds: Mapping[str, int] = Counter(part.kind for part in left_out)
    there = f"{clips} clips of {people} people"
    if not kinds:
        return f"{there}; nothing was left out"
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: -item[1]))
    return f"{there}; left out: {counted} (see '{folder / LIST}')"


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1_000_000), 1_000_000)
