"""Pictures of the actor's own mouth that the generated one is made of, one for each kind of mouth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codub.face.crop import CropTransform, Picture, extract
from codub.face.model import MOUTHS, SilentFace, shut_origin
from codub.face.mouth_kinds import SHUT_UNTIL, pick_mouths
from codub.face.sampling import LUMA
from codub.face.still import LARGEST_CROP, SMALLEST_CROP, FaceStill
from codub.face.track import FaceTrack

LIPS_ROWS, LIPS_COLUMNS = (0.36, 0.58), (0.36, 0.64)  # of the crop's side


@dataclass(frozen=True)
class FaceReferences:
    """`crops` uint8 (K, S, S, 3) RGB: lower faces at the plate's resolution, in the order of `MOUTHS`.

    `origins` says in words where each is from, `openings` how far each mouth is open over the distance of the eyes;
    `frames` are the shot's frames they show, -1 for pictures from elsewhere; each of the three may be () for unknown.
    """

    crops: NDArray[np.uint8]
    origins: tuple[str, ...] = ()
    openings: tuple[float, ...] = ()
    frames: tuple[int, ...] = ()

    @property
    def origin(self) -> str:
        """All origins in a line: "closed frame 3, open frame 20, ..."; one for all is named alone."""
        if len(set(self.origins)) == 1:
            return self.origins[0]
        return ", ".join(f"{mouth_name(place)} {origin}" for place, origin in enumerate(self.origins))

    def at(self, size: int) -> NDArray[np.uint8]:
        """The crops at another size, (K, size, size, 3)."""
        if self.crops.shape[1] == size:
            return self.crops
        return np.stack([resized(crop, size) for crop in self.crops])


def mouth_name(place: int) -> str:
    """The kind of mouth that a reference shows; those after the fifth lie between the others."""
    return MOUTHS[place] if place < len(MOUTHS) else "between"


def resized(crop: Picture, size: int) -> Picture:
    """A crop (S, S, 3) at another size."""
    side = crop.shape[0]
    return crop if side == size else extract(crop, CropTransform(np.array([[1 / side, 0, 0], [0, 1 / side, 0]])), size)


def crop_size(track: FaceTrack) -> int:
    """Side in pixels of crops that keep all that the plate shows of this face; a multiple of 8."""
    side = float(np.percentile(track.sides(), 95))
    return int(min(LARGEST_CROP, max(SMALLEST_CROP, np.ceil(side / 8) * 8)))


def references_of_stills(stills: Sequence[FaceStill], count: int) -> FaceReferences:
    """References from pictures of one person, the best for each kind of mouth; where there are few they repeat."""
    size = max(still.crop.shape[0] for still in stills)
    order = pick_mouths([still.opening for still in stills], [still.width for still in stills], count)
    return FaceReferences(
        np.stack([resized(stills[i].crop, size) for i in order]),
        tuple(stills[i].origin for i in order),
        tuple(stills[i].opening for i in order),
        (-1,) * count,
    )


def with_stills(references: FaceReferences, stills: Mapping[str, FaceStill]) -> FaceReferences:
    """The references with the crops of some kinds of mouth (`MOUTHS`) replaced; a kind they have not is left out."""
    count = len(references.crops)
    chosen = {MOUTHS.index(kind): still for kind, still in stills.items() if MOUTHS.index(kind) < count}
    size = max(references.crops.shape[1], *(still.crop.shape[0] for still in chosen.values()), 0)
    crops = references.at(size).copy()
    origins = list(references.origins or ("",) * count)
    openings = list(references.openings or (0.0,) * count)
    frames = list(references.frames or (-1,) * count)
    for place, still in chosen.items():
        crops[place] = resized(still.crop, size)
        origins[place], openings[place], frames[place] = still.origin, still.opening, -1
    return FaceReferences(crops, tuple(origins), tuple(openings), tuple(frames))


def with_shut_mouth(references: FaceReferences, silent: SilentFace | None) -> FaceReferences:
    """The references with a shut mouth as the closed one: where none of them is shut, the least open one is shut by
    `silent` (None: there is no such network, and the least open one stands)."""
    if not references.openings or min(references.openings) <= SHUT_UNTIL:
        return references
    if silent is None:
        return replace(references, origins=(f"{references.origins[0]} not shut", *references.origins[1:]))
    least = int(np.argmin(references.openings))
    crops = references.crops.copy()
    crops[0] = silent.shut(crops[least])
    origins = (shut_origin(references.origins[least]), *references.origins[1:])
    frames = (references.frames[least], *references.frames[1:])
    return replace(references, crops=crops, origins=origins, openings=(0.0, *references.openings[1:]), frames=frames)


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
