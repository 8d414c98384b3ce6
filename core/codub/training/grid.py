"""The GRID corpus as training reads it: who speaks, what is said when, and who is kept out.

GRID (Cooke, Barker, Cunningham, Shao 2006, CC BY 4.0): 3 s clips at 25 frames/s, six words each, word times.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from codub.errors import MediaError, UsageError
from codub.face.detect import load_detector
from codub.face.mesh import load_mesh
from codub.latent import FloatArray
from codub.timing import SPEECH_RATE
from codub.training.face_cache import FaceCache
from codub.training.face_clips import PICTURE_RATE, clip_of_frames, read_film
from codub.training.film_corpus import CorpusSplit, Progress
from codub.training.film_records import FilmRecord, load_record, save_record
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import LeftOut, Line, Word

FRAMES = 75  # of every film
CREDIT = "GRID audio-visual corpus (Cooke, Barker, Cunningham, Shao 2006), CC BY 4.0"
ALIGN_UNITS = 25_000  # per second: frame number x 1000

TRAINING_PEOPLE = ("s1", "s4", "s26", "s31")
HELD_OUT_PEOPLE = ("s2", "s3", "s17", "s20", "s23", "s32")
LARGE_PICTURE = 700  # pixels: s4 was filmed 720 wide for most clips, the others 360
KEPT_OUT = {"s1": 20, "s4": 6}  # clips of trained people for tests on new words


@dataclass(frozen=True)
class GridClip:
    """One clip: person (`s1`), utterance code, film, transcript."""

    person: str
    utterance: str
    film: Path
    text: str

    @property
    def name(self) -> str:
        """`s1-bbaf2n`."""
        return f"{self.person}-{self.utterance}"

    def words(self) -> tuple[Word, ...]:
        """Words with their times, silences among them, in order."""
        return read_words(self.film.with_suffix(".align"))

    def lines(self) -> tuple[Line, ...]:
        """None: the words' own times are known."""
        return ()

    def sound(self) -> FloatArray:
        """The film's sound, 3 s at 16 kHz mono."""
        return self.around(0.0, FRAMES / PICTURE_RATE)

    def around(self, start: float, end: float) -> FloatArray:
        """16 kHz mono between two moments in seconds."""
        from codub.media.audio import read_audio

        first, last = (Fraction(round(second * SPEECH_RATE), SPEECH_RATE) for second in (start, end))
        return np.asarray(read_audio(self.film, first, last - first, SPEECH_RATE), np.float32)


@dataclass(frozen=True)
class GridSplit:
    """Clips by use; nobody in `held_out` appears in the other two."""

    training: tuple[GridClip, ...]
    same_person: tuple[GridClip, ...]
    held_out: tuple[GridClip, ...]


@dataclass(frozen=True)
class Grid:
    """The corpus in the folder `corpora` as face training reads it (`film_corpus.FilmCorpus`)."""

    corpora: Path
    credit: str = CREDIT

    def cut(self, cache: FaceCache, progress: Progress, processes: Processes = ALONE) -> CorpusSplit:
        """Clips of the films that `split` chooses, one a film.

        Raises:
            UsageError: the corpus is not there.
        """
        parts = split(read_grid(self.corpora))
        every = (*parts.training, *parts.same_person, *parts.held_out)
        cut_films(every, cache, progress, processes)
        there = {clip.name for clip in every if cache.clip(clip.name).is_file()}
        training, same_person, held_out = (
            tuple(clip for clip in clips if clip.name in there)
            for clips in (parts.training, parts.same_person, parts.held_out)
        )
        return CorpusSplit(training, same_person, held_out, cache.left_out(every))


def cut_films(clips: Sequence[GridClip], cache: FaceCache, progress: Progress, processes: Processes = ALONE) -> None:
    """Cut every film that is not in the cache yet; one that shows no face is left out, and it is noted."""
    missing = [
        clip for clip in clips if not cache.clip(clip.name).is_file() and not load_record(cache.folder, clip.name)
    ]
    missing = missing[processes.rank :: processes.count]
    if missing:
        detector, mesh = load_detector(), load_mesh()
    for number, clip in enumerate(missing):
        progress(number / len(missing), f"cutting {clip.name}")
        try:
            frames = read_film(clip.film)
            cut = clip_of_frames(frames, detector, mesh, name=clip.name, person=clip.person, size=cache.size)
        except MediaError as error:
            progress(number / len(missing), f"left out: {error}")
            kind = "no face" if "shows no face" in error.message else "undecodable"
            size = clip.film.stat().st_size if clip.film.is_file() else 0
            left_out = LeftOut(clip.name, 0.0, 3.0, kind, str(error))
            save_record(cache.folder, FilmRecord(clip.name, size, 3.0, (), (left_out,)))
        else:
            cache.save(cut)
    processes.wait()


def read_grid(corpora: Path) -> tuple[GridClip, ...]:
    """All clips of the manifest, in its order.

    Raises:
        UsageError: the corpus is not in that folder.
    """
    manifest = corpora / "grid" / "manifest.tsv"
    if not manifest.is_file():
        raise UsageError(
            f"There is no GRID corpus in '{corpora}'.",
            cause=f"'{manifest}' does not exist.",
            fix="Give the folder that holds grid/ with --corpora.",
        )
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(GridClip(row["speaker"], row["utterance"], manifest.parent / row["file"], row["text"]) for row in rows)


def read_words(align: Path) -> tuple[Word, ...]:
    """Words of a GRID `.align` file."""
    lines = [line.split() for line in align.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(Word(text, int(start) / ALIGN_UNITS, int(end) / ALIGN_UNITS) for start, end, text in lines)


def split(clips: tuple[GridClip, ...], *, most_of_one: int = 400) -> GridSplit:
    """Clips for training, for tests on trained people's other clips, and of people never trained on.

    At most `most_of_one` training clips of one person, evenly spread over that person's clips. The kept-out ones are
    spread too; of s4 they are among the 720-pixel films.
    """
    training: list[GridClip] = []
    same_person: list[GridClip] = []
    for person in TRAINING_PEOPLE:
        own = [clip for clip in clips if clip.person == person]
        candidates = [clip for clip in own if person != "s4" or picture_width(clip.film) > LARGE_PICTURE]
        kept = _spread(candidates, KEPT_OUT.get(person, 0))
        same_person += kept
        training += _spread([clip for clip in own if clip not in kept], most_of_one)
    held_out = tuple(clip for clip in clips if clip.person in HELD_OUT_PEOPLE)
    return GridSplit(tuple(training), tuple(same_person), held_out)


def picture_width(film: Path) -> int:
    """Width of a film in pixels."""
    from codub.media.probe import probe

    video = probe(film).video
    return video.width if video is not None else 0


def _spread(clips: list[GridClip], count: int) -> list[GridClip]:
    if count >= len(clips):
        return list(clips)
    return [clips[i * len(clips) // count] for i in range(count)]
