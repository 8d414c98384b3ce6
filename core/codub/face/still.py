"""One face of one frame, cropped as references are: found where somebody points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codub.errors import MediaError
from codub.face.crop import CropTransform, Picture, extract, lower_face_of_eyes
from codub.face.landmarks import FaceLandmarks, LandmarkSource
from codub.face.likeness import Looks
from codub.face.looks import looks
from codub.face.pointing import BESIDE, FaceBox, face_box, track_at
from codub.face.track import find_faces

LARGEST_CROP = 1024  # pixels; a crop of an UHD close-up is not looked at more finely
SMALLEST_CROP = 80


@dataclass(frozen=True)
class FaceStill:
    """`crop` uint8 (S, S, 3) RGB: the lower face at the plate's resolution.

    `opening` of the lips and `width` of the mouth over the distance of the eyes; `box` says where in its picture the
    face is; `origin` in words where it is from; `looks` are the upper face's, None where nobody took them.
    """

    crop: Picture
    opening: float
    width: float
    box: FaceBox
    origin: str = ""
    looks: Looks | None = None


def find_still(
    frames: Sequence[Picture],
    number: int,
    source: LandmarkSource,
    at: tuple[float, float] | None = None,
    origin: str = "",
) -> FaceStill:
    """The face at a place (shares of width and height; None: the largest) of `frames[number]`.

    The frames round it place the crop as steadily as a track's; a picture alone does with what is seen in it.

    Raises:
        MediaError: there is no face at that place.
    """
    picture = frames[number]
    if len(frames) > 2:
        faces = find_faces(frames, source)
        track = track_at(faces, number, at)
        if track is not None:
            box = face_box(track, number, faces.size)
            place, transform = number - track.first, track.transform(number)
            mouth = float(track.openings[place]), float(track.widths[place])
            return FaceStill(_crop(picture, transform), *mouth, box, origin, looks(picture, transform))
    face = _meant(source.find(picture, thorough=True), picture, at)
    if face is None:
        where = "in the picture" if at is None else f"at {at[0]:.2f}, {at[1]:.2f} of the picture"
        raise MediaError(
            f"There is no face {where} {origin or 'given as a reference'}.",
            cause=f"It was looked for by {source.name}.",
            fix="Choose a frame in which the person's face is seen from the front, and point at the face.",
        )
    transform = lower_face_of_eyes(*face.eyes)
    mouth = face.opening, face.width
    return FaceStill(_crop(picture, transform), *mouth, _box(face, picture), origin, looks(picture, transform))


def _crop(picture: Picture, transform: CropTransform) -> Picture:
    side = int(min(LARGEST_CROP, max(SMALLEST_CROP, np.ceil(transform.side / 8) * 8)))
    return extract(picture, transform, side)


def _meant(faces: Sequence[FaceLandmarks], picture: Picture, at: tuple[float, float] | None) -> FaceLandmarks | None:
    if at is None:
        return max(faces, key=lambda face: float(np.hypot(*(face.eyes[1] - face.eyes[0]))), default=None)
    near = [face for face in faces if _box(face, picture).distance(at) <= BESIDE]
    return min(near, key=lambda face: _box(face, picture).distance(at), default=None)


def _box(face: FaceLandmarks, picture: Picture) -> FaceBox:
    height, width = picture.shape[:2]
    edges = np.clip(np.array(face.box) / [width, height, width, height], 0, 1)
    return FaceBox(0, *map(float, edges))
