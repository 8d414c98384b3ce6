"""What face training asks of a corpus of films, whatever its layout: clips in the cache, and who is kept out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from codub.training.face_cache import FaceCache
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import LeftOut, SpokenClip

Progress = Callable[[float, str], None]

CHECKED = 40  # held-out clips of a corpus that are measured at each checkpoint, spread over its people


@dataclass(frozen=True)
class CorpusSplit:
    """Clips by use; nobody in `held_out` appears in the other two. And what cannot be used."""

    training: tuple[SpokenClip, ...]
    same_person: tuple[SpokenClip, ...] = ()
    held_out: tuple[SpokenClip, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def clips(self) -> tuple[SpokenClip, ...]:
        """All of them."""
        return (*self.training, *self.same_person, *self.held_out)


class FilmCorpus(Protocol):
    """Films of people who talk."""

    @property
    def credit(self) -> str:
        """What trained weights say of their data: name, makers, licence."""
        ...

    def cut(self, cache: FaceCache, progress: Progress, processes: Processes = ALONE) -> CorpusSplit:
        """Put clips of all films that are not in the cache yet there; what each is for.

        Several processes share the films. What cannot be trained on is told with the reason, and stops nothing.

        Raises:
            UsageError: the corpus is not where it should be.
        """
        ...


def joined(splits: Sequence[CorpusSplit]) -> CorpusSplit:
    """Several corpora as one."""
    return CorpusSplit(
        tuple(clip for split in splits for clip in split.training),
        tuple(clip for split in splits for clip in split.same_person),
        tuple(clip for split in splits for clip in split.held_out),
        tuple(part for split in splits for part in split.left_out),
    )


def held_out_people(clips: Mapping[str, int], share: float) -> frozenset[str]:
    """Who is kept out of training, by people's counts of clips: about `share` of all clips, one person at least.

    The choice depends on the names alone. Of a single person nobody is kept out.
    """
    if len(clips) < 2:
        return frozenset()
    room, chosen = share * sum(clips.values()), set()
    for person in sorted(clips, key=mark):
        if clips[person] <= room:
            chosen.add(person)
            room -= clips[person]
    return frozenset(chosen or {min(clips, key=lambda person: (clips[person], mark(person)))})


def spread(clips: Sequence[SpokenClip], count: int) -> tuple[SpokenClip, ...]:
    """At most `count` of the clips, people in turn, in an order that depends on the names alone."""
    people: dict[str, list[SpokenClip]] = {}
    for clip in sorted(clips, key=lambda clip: mark(clip.name)):
        people.setdefault(clip.person, []).append(clip)
    queues = [people[person] for person in sorted(people, key=mark)]
    longest = max((len(queue) for queue in queues), default=0)
    return tuple([queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)][:count])


def mark(name: str) -> str:
    """A key by which names are in an order that means nothing."""
    return sha256(name.encode()).hexdigest()
