"""What face training reads: films of any corpora cut and heard, people made up of portraits, all kept in the cache."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codub.errors import UsageError
from codub.latent import FloatArray
from codub.training.face_cache import FaceCache, FaceData
from codub.training.face_latents import SILENCE_NAME, FilmReader, fill, kinds
from codub.training.film_corpus import CorpusSplit, FilmCorpus, Progress, joined
from codub.training.film_records import summary, write_list
from codub.training.grid import Grid
from codub.training.identities import make_identities
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import LeftOut

MADE_UP = 454  # clips: every portrait that is not kept out, once
PORTRAITS_CREDIT = "portraits of members of Congress, works of the US government"


@dataclass(frozen=True)
class Material:
    """Corpora of films, and the folder that holds `portraits/`, or None for no made-up people."""

    corpora: tuple[FilmCorpus, ...]
    portraits: Path | None = None

    @property
    def credit(self) -> str:
        """What trained weights say of their data."""
        parts = [corpus.credit for corpus in self.corpora]
        return "; ".join([*parts, *([PORTRAITS_CREDIT] if self.portraits is not None else [])])


def our_material(corpora: Path) -> Material:
    """GRID and the portraits in the folder `corpora`."""
    return Material((Grid(corpora),), corpora)


def material_of(
    corpora: Path | None, lrs2: Sequence[Path], films: Sequence[Path], *, portraits: Path | None, language: str
) -> Material:
    """GRID in `corpora`, folders laid out as LRS2 and folders of films in `language`, with what portraits there are.

    Raises:
        UsageError: no folder of films is given.
    """
    from codub.training.film_folder import FilmFolder
    from codub.training.lrs2 import Lrs2

    found: list[FilmCorpus] = [Grid(corpora)] if corpora is not None else []
    found += [Lrs2(folder) for folder in lrs2]
    found += [FilmFolder(folder, language) for folder in films]
    if not found:
        raise UsageError("There are no films to train on.", fix="Give a folder with --corpora, --lrs2 or --films.")
    return Material(tuple(found), portraits or corpora)


def prepare(
    material: Material,
    cache: FaceCache,
    progress: Progress,
    processes: Processes = ALONE,
    reader: FilmReader | None = None,
) -> CorpusSplit:
    """Fill the cache with what is missing: cut clips, made-up identities, latents of sound and of text.

    What cannot be trained on is listed in the cache's `left-out.tsv`. Several processes share the work.

    Raises:
        UsageError: a corpus is not where it should be, or has nothing that can be trained on.
    """
    splits = []
    for number, corpus in enumerate(material.corpora):
        begin, share = 0.5 * number / len(material.corpora), 0.5 / len(material.corpora)
        splits.append(corpus.cut(cache, _within(progress, begin, share), processes))
    parts = joined(splits)
    if not parts.training:
        _list(parts, cache, processes)
        raise UsageError(
            "There is nothing to train on.",
            cause=summary(len(parts.clips), len({clip.person for clip in parts.clips}), parts.left_out, cache.folder),
        )
    if material.portraits is not None and processes.first and not cache.has_made_up():
        films = cache.load(parts.training)
        for number, clip in enumerate(make_identities(films, material.portraits, MADE_UP)):
            progress(0.5 + 0.2 * number / MADE_UP, f"making up {clip.name}")
            cache.save_made_up(clip)
        cache.close_made_up()
    processes.wait()
    fill(parts.clips, cache, _within(progress, 0.7, 0.3), reader, processes)
    progress(1.0, _list(parts, cache, processes))
    return parts


def read_data(parts: CorpusSplit, cache: FaceCache, credit: str = "") -> FaceData:
    """What `prepare` left in the cache; pictures and latents stay on the disk until they are looked at."""
    trained = {clip.name for clip in parts.training}
    made_up = [clip for clip in cache.load_made_up() if clip.source in trained]
    clips = (*cache.load(parts.training), *made_up)
    held_out = cache.load(parts.held_out)
    sources = sorted({clip.source for clip in (*clips, *held_out)})
    latents = {kind: Shelf(cache, kind, sources) for kind in kinds(cache.space)}
    return FaceData(clips, held_out, latents, cache.load_latent("text", SILENCE_NAME)[:, 0], credit=credit)


class Shelf(Mapping[str, FloatArray]):
    """The latents of one kind by film, each read when it is asked for: a large corpus has more than fits in memory."""

    def __init__(self, cache: FaceCache, kind: str, names: Sequence[str]) -> None:
        self._cache, self._kind = cache, kind
        self._names = {name: None for name in names if cache.latent(kind, name).is_file()}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self._names:
            raise KeyError(name)
        return self._cache.load_latent(self._kind, name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _list(parts: CorpusSplit, cache: FaceCache, processes: Processes) -> str:
    """Writes the table of what is left out; one line about all."""
    texts = [
        LeftOut(clip.name, 0.0, 0.0, "transcript", f"trained on by its sound alone: {reason}")
        for clip in parts.clips
        if (reason := cache.reason("text", clip.name))
    ]
    left_out = (*parts.left_out, *texts)
    if processes.first:
        write_list(cache.folder, left_out)
    return summary(len(parts.clips), len({clip.person for clip in parts.clips}), left_out, cache.folder)


def _within(progress: Progress, begin: float, share: float) -> Progress:
    return lambda fraction, what: progress(begin + share * fraction, what)
