"""Many films cut into clips of talking faces, each once, whatever becomes of it; and who talks in them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from codub.latent import FloatArray
from codub.training.face_cache import FaceCache
from codub.training.film_corpus import CHECKED, CorpusSplit, Progress, held_out_people, mark, spread
from codub.training.film_records import Film, FilmRecord, TalkingClip, load_record, save_record
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import LeftOut
from codub.training.talking_clips import CutTools, cut_film

HELD_OUT = 0.1  # of the clips, by people, where the corpus does not say whom to keep out
# Mean of the faces' agreement and twice the voices' above which two clips are one person's: of 38 clips of ten people
# of GRID exactly the ten are found from 0.82 to 0.84; faces alone need another limit for every light.
SAME_PERSON = 0.82


@dataclass(frozen=True)
class CutFilms:
    """The clips of films, and all that was left out of them."""

    clips: tuple[TalkingClip, ...]
    left_out: tuple[LeftOut, ...]


def cut_films(
    films: Sequence[Film],
    cache: FaceCache,
    progress: Progress,
    processes: Processes = ALONE,
    tools: CutTools | None = None,
) -> CutFilms:
    """Clips of all films; those that are not in the cache, or whose file is of another size now, are cut.

    Several processes share the films.
    """
    missing = [film for film in films if _record(film, cache) is None][processes.rank :: processes.count]
    if missing:
        tools = tools or load_tools()
    for number, film in enumerate(missing):
        assert tools is not None
        progress(number / len(missing), f"cutting {film.name}")
        made = cut_film(film, tools, cache.save, cache.size)
        save_record(cache.folder, made)
        for part in made.left_out:
            progress(
                number / len(missing), f"{film.name}: left out {part.start:.1f} to {part.end:.1f} s, {part.reason}"
            )
    processes.wait()
    records = [(film, record) for film in films if (record := load_record(cache.folder, film.name)) is not None]
    clips = tuple(
        TalkingClip(clip.name, film.person, film, clip, record.duration)
        for film, record in records
        for clip in record.clips
        if cache.clip(clip.name).is_file()
    )
    notes = tuple(LeftOut(film.name, 0.0, 0.0, "transcript", film.note) for film, _ in records if film.note)
    return CutFilms(clips, (*(part for _, record in records for part in record.left_out), *notes))


def load_tools() -> CutTools:
    """The face finder, the speech encoder and the speaker encoder.

    Raises:
        WeightsError: their weights were not fetched.
    """
    from codub.face.detect import load_detector
    from codub.face.landmarks import MeshSource
    from codub.face.mesh import load_mesh
    from codub.speech.encoder import load_speech_encoder
    from codub.speech.speaker import load_speaker_encoder

    return CutTools(
        MeshSource(load_detector(), load_mesh()), load_speech_encoder().posteriors, load_speaker_encoder().embed
    )


def named_by_looks(clips: Sequence[TalkingClip]) -> tuple[TalkingClip, ...]:
    """The clips of films without a person, with people told apart by faces and voices; the others as they are.

    A person's name is that of the first clip.
    """
    nameless = sorted((clip for clip in clips if not clip.person), key=lambda clip: clip.name)
    if not nameless:
        return tuple(clips)
    looks, voices = (
        np.array([getattr(clip.cut, kind) for clip in nameless], np.float32) for kind in ("looks", "voice")
    )
    groups = people_of(looks, voices)
    names: dict[int, str] = {}
    for clip, group in zip(nameless, groups, strict=True):
        names.setdefault(group, f"like {clip.name}")
    people = {clip.name: names[group] for clip, group in zip(nameless, groups, strict=True)}
    return tuple(replace(clip, person=clip.person or people[clip.name]) for clip in clips)


def people_of(looks: FloatArray, voices: FloatArray) -> list[int]:
    """A number for the person of each of N clips, by unit vectors `looks` (N, 320) and `voices` (N, 256)."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(looks) < 2:
        return [1] * len(looks)
    alike = (looks @ looks.T + 2 * voices @ voices.T) / 3
    distance = np.clip(1 - alike, 0, None)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform((distance + distance.T) / 2, checks=False), "average")
    return [int(group) for group in fcluster(tree, 1 - SAME_PERSON, "distance")]


def split_by_people(found: CutFilms, held_out: Collection[str] | None = None) -> CorpusSplit:
    """Training clips, and some of the people that are held out; by default a tenth, the same ones each time."""
    if held_out is None:
        counts: dict[str, int] = defaultdict(int)
        for clip in found.clips:
            counts[clip.person] += 1
        held_out = held_out_people(counts, HELD_OUT)
    training = tuple(clip for clip in found.clips if clip.person not in held_out)
    others = spread([clip for clip in found.clips if clip.person in held_out], CHECKED)
    return CorpusSplit(training, (), others, found.left_out)


def some_films(films: Sequence[Film], count: int) -> list[Film]:
    """At most `count` films, people in turn, in an order that depends on names alone."""
    people: Mapping[str, list[Film]] = defaultdict(list)
    for film in sorted(films, key=lambda film: mark(film.name)):
        people[film.person].append(film)
    queues = [people[person] for person in sorted(people, key=mark)]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)][:count]


def _record(film: Film, cache: FaceCache) -> FilmRecord | None:
    record = load_record(cache.folder, film.name)
    if record is None:
        return None
    size = film.path.stat().st_size if film.path.is_file() else 0
    if record.size != size or not all(cache.clip(clip.name).is_file() for clip in record.clips):
        return None
    if not film.person and any(not clip.looks for clip in record.clips):
        return None
    return record
