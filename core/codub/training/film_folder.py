"""Any folder of films of people who talk: a sub-folder is a person; where films lie flat, looks and voices tell."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from codub.errors import MediaError, UsageError
from codub.media.probe import probe
from codub.training.face_cache import FaceCache
from codub.training.film_corpus import CorpusSplit, Progress
from codub.training.film_records import Film
from codub.training.processes import ALONE, Processes
from codub.training.talking_films import cut_films, named_by_looks, split_by_people
from codub.training.transcripts import read_transcript

FILMS = frozenset(
    f".{kind}"
    for kind in "3gp asf avi dv flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts vob webm wmv".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class FilmFolder:
    """A folder as a corpus; `language` is that of the transcripts beside the films."""

    folder: Path
    language: str = "en"

    @property
    def credit(self) -> str:
        """Only the owner of the films knows more."""
        return f"own films, folder '{self.folder.name}'"

    def cut(self, cache: FaceCache, progress: Progress, processes: Processes = ALONE) -> CorpusSplit:
        """Clips of all films, a tenth of them, of people by themselves, held out.

        Raises:
            UsageError: there is no film in the folder.
        """
        found = cut_films(read_folder(self.folder, self.language), cache, progress, processes)
        return split_by_people(replace(found, clips=named_by_looks(found.clips)))


def read_folder(folder: Path, language: str = "en") -> tuple[Film, ...]:
    """All films in the folder and its sub-folders, by name, with the text beside each.

    The first sub-folder of a film's path is its person. Hidden files are left alone.

    Raises:
        UsageError: there is no film.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder '{folder}'.", fix="Give a folder with films of people who talk.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in FILMS and path.is_file())
    paths = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not paths:
        raise UsageError(
            f"There is no film in '{folder}'.", fix=f"Films are files such as {', '.join(sorted(FILMS)[:6])}."
        )
    stems = Counter(path.relative_to(folder).with_suffix("") for path in paths)
    films = []
    for path in paths:
        inside = path.relative_to(folder)
        named = inside.with_suffix("") if stems[inside.with_suffix("")] == 1 else inside
        person = inside.parts[0] if len(inside.parts) > 1 else ""
        lines, note = read_transcript(path, _duration(path), language)
        films.append(Film(cache_name(folder.name, *named.parts), person, path, lines, note))
    return tuple(films)


def cache_name(*parts: str) -> str:
    """A file name of the parts; letters, figures, dots and underlines stay."""
    return "_".join(re.sub(r"[^\w.]+", "-", part).strip(".") for part in parts)


def _duration(path: Path) -> float:
    """Seconds of picture; 0 of a file that cannot be read, which is told of when it is to be cut."""
    try:
        video = probe(path).video
    except MediaError:
        return 0.0
    return float(video.duration) if video is not None else 0.0
