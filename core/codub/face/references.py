"""Pictures of the actor's own mouth that the generated one is made of: closed, wide open, between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import CropTransform, Picture, extract, lower_face_of_eyes
from codub.face.landmarks import LandmarkSource
from codub.face.sampling import LUMA
from codub.face.track import FaceTrack
from codub.face.visibility import visibility

LARGEST_CROP = 1024  # pixels; a crop of an UHD close-up is not looked at more finely
CANDIDATES = 12  # frames whose pictures are compared, a kind of mouth
YAW_COST = 1 / 15  # a degree away from the usual pose, against one range of opening
SHARPNESS_GAIN = 0.1  # twice as sharp outweighs so much of the range of opening
# Twice as dark between the lips counts for so much of it in the closed mouth: the mesh is unsure of small gaps.
DARKNESS_COST = 0.35
LIPS_ROWS, LIPS_COLUMNS = (0.36, 0.58), (0.36, 0.64)  # of the crop's side


@dataclass(frozen=True)
class FaceReferences:
    """`crops` uint8 (K, S, S, 3) RGB: lower faces at the plate's resolution, mouth closed, wide open, between.

    `origin` says in words where they are from.
    """

    crops: NDArray[np.uint8]
    origin: str = ""

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
    return int(min(LARGEST_CROP, max(80, np.ceil(side / 8) * 8)))


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
    numbers = ", ".join(str(number) for _, number, _ in chosen)
    return FaceReferences(np.stack([crop for _, _, crop in chosen]), origin=f"frames {numbers} of the shot")


def references_of_stills(stills: Sequence[Picture], source: LandmarkSource, count: int = 3) -> FaceReferences:
    """References from pictures of one person (closed mouth first by opening); with fewer than `count` they repeat.

    Raises:
        MediaError: there is no face in any of them.
    """
    found = []
    for still in stills:
        faces = source.find(still, thorough=True)
        if faces:
            face = max(faces, key=lambda f: float(np.hypot(*(f.eyes[1] - f.eyes[0]))))
            found.append((face.opening, lower_face_of_eyes(*face.eyes), still))
    if not found:
        raise MediaError(
            "There is no face in the pictures given as references.",
            cause=f"{len(stills)} were looked at by {source.name}.",
            fix="Give at least one picture in which the person's face is seen from the front.",
        )
    found.sort(key=lambda entry: entry[0])
    size = int(min(LARGEST_CROP, max(80, *(np.ceil(t.side / 8) * 8 for _, t, _ in found))))
    places = [0, len(found) - 1, len(found) // 2]
    order = [places[i] if i < 3 else i % len(found) for i in range(count)]
    crops = [extract(found[i][2], found[i][1], size) for i in order]
    return FaceReferences(np.stack(crops), origin=f"{len(found)} stills")


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
