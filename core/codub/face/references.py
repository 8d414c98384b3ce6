"""Pictures of the actor's own mouth that the generated one is made of: closed, wide open, between."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import CropTransform, Picture, extract
from codub.face.model import MOUTHS, mouth_order
from codub.face.sampling import LUMA
from codub.face.still import LARGEST_CROP, SMALLEST_CROP, FaceStill
from codub.face.track import FaceTrack
from codub.face.visibility import visibility

CANDIDATES = 12  # frames whose pictures are compared, a kind of mouth
YAW_COST = 1 / 15  # a degree away from the usual pose, against one range of opening
SHARPNESS_GAIN = 0.1  # twice as sharp outweighs so much of the range of opening
# Twice as dark between the lips counts for so much of it in the closed mouth: the mesh is unsure of small gaps.
DARKNESS_COST = 0.35
LIPS_ROWS, LIPS_COLUMNS = (0.36, 0.58), (0.36, 0.64)  # of the crop's side


@dataclass(frozen=True)
class FaceReferences:
    """`crops` uint8 (K, S, S, 3) RGB: lower faces at the plate's resolution, mouth closed, wide open, between.

    `origin` says in words where they are from; `frames` are the shot's frames they show, () for others' pictures.
    """

    crops: NDArray[np.uint8]
    origin: str = ""
    frames: tuple[int, ...] = ()

    def at(self, size: int) -> NDArray[np.uint8]:
        """The crops at another size, (K, size, size, 3)."""
        side = self.crops.shape[1]
        if side == size:
            return self.crops
        whole = CropTransform(np.array([[1 / side, 0, 0], [0, 1 / side, 0]]))
        return np.stack([extract(crop, whole, size) for crop in self.crops])


def crop_size(track: FaceTrack) -> int:
    """Side in pixels of crops that keep all that the plate shows of this face; a multiple of 8."""
    side = float(np.percentile(track.sides(), 95))
    return int(min(LARGEST_CROP, max(SMALLEST_CROP, np.ceil(side / 8) * 8)))


def choose_references(frames: Iterable[Picture], track: FaceTrack, count: int = 3) -> FaceReferences:
    """The best `count` lower faces of a track, closed first, from the shot's frames (all of them, in order).

    Frames are compared by the mouth's opening, the pose and the sharpness; only the best crop of each kind is kept.

    Raises:
        MediaError: the frames end before one of the chosen.
    """
    size = crop_size(track)
    wanted = _candidates(track, count)
    best: list[tuple[float, int, Picture] | None] = [None] * count
    last = max(frame for kind in wanted for frame in kind)
    for number, frame in enumerate(frames):
        for kind, costs in enumerate(wanted):
            if number not in costs:
                continue
            crop = extract(frame, track.transform(number), size)
            cost = costs[number] - SHARPNESS_GAIN * float(np.log2(sharpness(crop) + 1e-3))
            if kind == 0:
                cost += DARKNESS_COST * float(np.log2(darkness(crop) + 1.0))
            held = best[kind]
            if held is None or cost < held[0]:
                best[kind] = (cost, number, crop)
        if number >= last:
            break
    chosen = [entry for entry in best if entry is not None]
    if len(chosen) < count:
        raise MediaError(
            f"The shot ended before frame {last}, which the face track names.",
            cause="The frames given are not those that were tracked.",
        )
    numbers = tuple(number for _, number, _ in chosen)
    origin = f"frames {', '.join(map(str, numbers))} of the shot"
    return FaceReferences(np.stack([crop for _, _, crop in chosen]), origin, numbers)


def references_of_stills(stills: Sequence[FaceStill], count: int = 3) -> FaceReferences:
    """References from pictures of one person (closed mouth first by opening); with fewer than `count` they repeat."""
    found = sorted(stills, key=lambda still: still.opening)
    size = max(still.crop.shape[0] for still in found)
    order = mouth_order(len(found), count)
    crops = [FaceReferences(found[i].crop[None]).at(size)[0] for i in order]
    return FaceReferences(np.stack(crops), origin=", ".join(dict.fromkeys(found[i].origin for i in order)))


def with_stills(references: FaceReferences, stills: Mapping[str, FaceStill]) -> FaceReferences:
    """The references with the crops of some kinds of mouth (`MOUTHS`) replaced; a kind they have not is left out."""
    chosen = {MOUTHS.index(kind): still for kind, still in stills.items() if MOUTHS.index(kind) < len(references.crops)}
    size = max(references.crops.shape[1], *(still.crop.shape[0] for still in chosen.values()), 0)
    crops = references.at(size).copy()
    for place, still in chosen.items():
        crops[place] = FaceReferences(still.crop[None]).at(size)[0]
    origins = [f"{MOUTHS[place]} {still.origin}" for place, still in sorted(chosen.items())]
    return FaceReferences(crops, origin="; ".join([references.origin, *origins]))


def sharpness(crop: Picture) -> float:
    """Mean strength of the luma's second differences, in levels."""
    luma = crop.astype(np.float32) @ LUMA
    across = np.abs(np.diff(luma, 2, axis=1)).mean()
    down = np.abs(np.diff(luma, 2, axis=0)).mean()
    return float(across + down)


def darkness(crop: Picture) -> float:
    """How far the darkest place between the lips lies below the mouth's mean luma, in levels; small when shut."""
    size = crop.shape[0]
    (top, bottom), (left, right) = ((round(a * size), round(b * size)) for a, b in (LIPS_ROWS, LIPS_COLUMNS))
    luma = crop[top:bottom, left:right].astype(np.float32) @ LUMA
    return float(luma.mean() - np.percentile(luma, 2))


def _candidates(track: FaceTrack, count: int) -> list[dict[int, float]]:
    """For each kind of mouth the frames of the shot that come closest, with what they cost."""
    seen = visibility(track)
    usable = np.flatnonzero(seen >= 0.99)
    if not len(usable):
        usable = np.flatnonzero(seen >= seen.max())
    openings, yaws = track.openings[usable], track.yaws[usable]
    closed, wide = np.percentile(openings, (4, 97))
    span = max(float(wide - closed), 1e-3)
    targets = [float(closed), float(wide), float((closed + wide) / 2)]
    targets += [float(v) for v in np.percentile(openings, np.linspace(20, 80, max(0, count - 3)))]
    pose = YAW_COST * np.abs(yaws - np.median(yaws))
    kinds = []
    for target in targets[:count]:
        costs = np.abs(openings - target) / span + pose
        nearest = np.argsort(costs, kind="stable")[:CANDIDATES]
        kinds.append({int(usable[i]) + track.first: float(costs[i]) for i in nearest})
    return kinds
