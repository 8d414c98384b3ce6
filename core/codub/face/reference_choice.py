"""The frames of a person's footage that show each kind of mouth best: of the shot itself, and of other clips."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import Picture, Plate, extract
from codub.face.mouth_kinds import SHUT_UNTIL, mouth_costs
from codub.face.references import FaceReferences, crop_size, darkness, sharpness
from codub.face.spool import picked
from codub.face.track import FaceTrack
from codub.face.visibility import visibility

CANDIDATES = 12  # frames whose pictures are compared, a kind of mouth
# Costs, in the range of the mouth's opening (or width) that the footage shows:
YAW_COST = 1 / 15  # a degree away from the shot's usual pose
LIGHT_COST = 2.0  # all of white away from the shot's usual light on nose and cheeks
SMALL_COST = 0.3  # half as large on the plate as in the shot
ELSEWHERE_COST = 0.2  # of another clip: its light and lens are never quite the shot's
SHARPNESS_GAIN = 0.1  # twice as sharp
# Twice as dark between the lips, in the closed mouth: the mesh is unsure of small gaps.
DARKNESS_COST = 0.35
UPPER_ROWS, UPPER_COLUMNS = slice(0, 5), slice(3, 13)  # of a track's thumbnails: nose and cheeks, which speech leaves

# What a clip has that lacks nothing. Of 100 GRID clips of three seconds, 95 open the mouth as wide as 0.078 (97th
# percentile of the frames) and change its width by 0.037 or more.
OPEN_ENOUGH, WIDTHS_ENOUGH = 0.078, 0.037
FRAMES_ENOUGH = 25


@dataclass(frozen=True)
class Footage:
    """A person's `track` in the frames of a clip.

    `frames` gives all of them from the start, each time it is called; the first is number `first` in the media, whose
    `name` is "" for the shot that is dubbed.
    """

    frames: Callable[[], Iterable[Plate]]
    track: FaceTrack
    name: str = ""
    first: int = 0


def lacks_mouths(track: FaceTrack) -> bool:
    """Whether other clips should be asked: a mouth never shut or never opened, hardly moving, or seen too briefly."""
    usable = _usable(track)
    openings, widths = track.openings[usable], track.widths[usable]
    narrow, broad = np.percentile(widths, (4, 96))
    opens = openings.min() <= SHUT_UNTIL and np.percentile(openings, 97) >= OPEN_ENOUGH
    return not (opens and broad - narrow >= WIDTHS_ENOUGH and len(usable) >= FRAMES_ENOUGH)


def choose_references(footage: Sequence[Footage], count: int) -> FaceReferences:
    """The best `count` lower faces in the order of `MOUTHS`, from the shot (first of `footage`) and other clips.

    Frames are compared by the mouth, the pose, the light, the size and the sharpness. No frame serves for two kinds
    while there are others; a clip is read only as far as its candidates reach.

    Raises:
        MediaError: the frames of a clip end before one of its candidates.
    """
    size = crop_size(footage[0].track)
    best = [_Best(count) for _ in range(count)]
    candidates = _candidates(footage, count)
    for number, clip in enumerate(footage):
        wanted = [{frame: cost for (where, frame), cost in kind.items() if where == number} for kind in candidates]
        _compare(clip, number, wanted, size, best)
    chosen: list[_Entry] = []
    for kind in best:
        taken = {entry.place for entry in chosen}
        chosen.append(next((entry for entry in kind.entries if entry.place not in taken), kind.entries[0]))
    return FaceReferences(
        np.stack([entry.crop for entry in chosen]),
        tuple(_origin(footage[entry.place[0]], entry.place[1]) for entry in chosen),
        tuple(entry.opening for entry in chosen),
        tuple(entry.place[1] if entry.place[0] == 0 else -1 for entry in chosen),
    )


@dataclass(frozen=True)
class _Entry:
    """A frame (of which footage, which one) compared by its picture."""

    cost: float
    place: tuple[int, int]
    crop: Picture
    opening: float


@dataclass
class _Best:
    """The cheapest frames of one kind, at most `keep`."""

    keep: int
    entries: list[_Entry] = field(default_factory=list)

    def offer(self, entry: _Entry) -> None:
        self.entries = sorted([*self.entries, entry], key=lambda e: e.cost)[: self.keep]


def _compare(clip: Footage, number: int, wanted: Sequence[dict[int, float]], size: int, best: Sequence[_Best]) -> None:
    """Offer a clip's candidates, now that they are seen."""
    last = max((frame for costs in wanted for frame in costs), default=-1)
    if last < 0:
        return
    seen = -1
    for frame, picture in enumerate(clip.frames()):
        if any(frame in costs for costs in wanted):
            crop = extract(picture, clip.track.transform(frame), size)
            bonus = SHARPNESS_GAIN * float(np.log2(sharpness(crop) + 1e-3))
            gap = DARKNESS_COST * float(np.log2(darkness(crop) + 1.0))
            opening = float(clip.track.openings[frame - clip.track.first])
            for kind, costs in enumerate(wanted):
                if frame in costs:
                    cost = costs[frame] - bonus + (gap if kind == 0 else 0.0)
                    best[kind].offer(_Entry(cost, (number, frame), crop, opening))
        seen = frame
        if frame >= last:
            break
    if seen < last:
        raise MediaError(
            f"The shot ended before frame {last}, which the face track names.",
            cause="The frames given are not those that were tracked.",
        )


def _candidates(footage: Sequence[Footage], count: int) -> list[dict[tuple[int, int], float]]:
    """For each kind of mouth the frames (of which footage, which one) that come closest, with what they cost."""
    own = footage[0].track
    clips, places, openings, widths, costs = [], [], [], [], []
    usable = [_usable(clip.track) for clip in footage]
    yaw = float(np.median(own.yaws[usable[0]]))
    side = float(np.median(own.sides()))
    usual = _usual_light(own, usable[0])
    for number, (clip, frames) in enumerate(zip(footage, usable, strict=True)):
        track = clip.track
        clips.append(np.full(len(frames), number))
        places.append(frames + track.first)
        openings.append(track.openings[frames])
        widths.append(track.widths[frames])
        darker = np.concatenate([_difference(seen, usual) for _, seen in picked(track.thumbnails, frames)])
        smaller = np.maximum(0.0, np.log2(side / track.sides()[frames]))
        elsewhere = ELSEWHERE_COST if number else 0.0
        costs.append(
            YAW_COST * np.abs(track.yaws[frames] - yaw) + LIGHT_COST * darker + SMALL_COST * smaller + elsewhere
        )
    besides, clip_of, place_of = np.concatenate(costs), np.concatenate(clips), np.concatenate(places)
    found = []
    for kind in mouth_costs(np.concatenate(openings), np.concatenate(widths), count):
        total = kind + besides
        nearest = np.argsort(total, kind="stable")[:CANDIDATES]
        found.append({(int(clip_of[i]), int(place_of[i])): float(total[i]) for i in nearest})
    return found


def _usable(track: FaceTrack) -> NDArray[np.intp]:
    """Places in the track where the face is seen wholly, or as well as it ever is."""
    seen = visibility(track) * ~track.hidden.touched()
    usable = np.flatnonzero(seen >= 0.99)
    return usable if len(usable) else np.flatnonzero(seen >= seen.max())


def _usual_light(track: FaceTrack, frames: NDArray[np.intp]) -> NDArray[np.float32]:
    """Nose and cheeks as they usually are in some frames, 0..1: the light falls on them alike, whatever is said."""

    def usual(row: int) -> NDArray[np.float64]:
        # A row at a time, and copies: of a long track all pictures would be more than is kept of it.
        shown = [seen[:, row, UPPER_COLUMNS].copy() for _, seen in picked(track.thumbnails, frames)]
        return np.asarray(np.median(np.concatenate(shown), axis=0))

    rows = range(UPPER_ROWS.start, UPPER_ROWS.stop)
    return np.asarray(np.stack([usual(row) for row in rows]) / 255, np.float32)


def _difference(thumbnails: NDArray[np.uint8], usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the light on thumbnails' (N, 16, 16, 3) nose and cheeks is from the usual one: (N,)."""
    upper = thumbnails[:, UPPER_ROWS, UPPER_COLUMNS] / np.float32(255)
    return np.asarray(np.sqrt(((upper - usual) ** 2).mean(axis=(1, 2, 3))), np.float32)


def _origin(clip: Footage, frame: int) -> str:
    return f"{clip.name}:{clip.first + frame}" if clip.name else f"frame {clip.first + frame}"
