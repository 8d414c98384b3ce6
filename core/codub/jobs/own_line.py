"""One of a speaker's own lines: frames of a clip in which the face is well seen, and the sound that goes with them."""

import hashlib
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.evaluation.mouths import MouthTrack, Picture
from codub.face.crop import CropTransform, extract
from codub.face.mesh import mouth_opening, region_of_mesh
from codub.media.video import read_frames
from codub.timeline.placed import PlacedClip
from codub.timing import frame_times, frames_to_seconds
from codub.training.face_clips import FaceClip

PLATE_CROP = 160.0  # pixels of the lower-face crop in the pictures that are measured: twice what the generator sees


@dataclass(frozen=True)
class OwnLine:
    """Consecutive frames of a clip in which the speaker says a line; `first` counts in the clip's used part.

    points      float32 (F, 468, 2) mesh in plate pixels
    transforms  float64 (F, 2, 3) lower-face crops, as the dub places them
    crops       uint8 (F, 100, 100, 3), as training wants them
    sound       float32 16 kHz mono, from `heard_from` seconds before the first frame on
    """

    cue: int
    text: str
    clip: PlacedClip
    first: int
    points: NDArray[np.float32]
    transforms: NDArray[np.float64]
    crops: NDArray[np.uint8]
    sound: NDArray[np.float32]
    heard_from: Fraction

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def name(self) -> str:
        """Of the line's latents: other frames, another name."""
        return f"cue{self.cue}-{'-'.join(map(str, self.clip.address))}-{self.first}"

    @property
    def sha256(self) -> str:
        """Of the crops."""
        return hashlib.sha256(np.ascontiguousarray(self.crops).tobytes()).hexdigest()

    def face_clip(self, person: str) -> FaceClip:
        """The line as training reads it, timed in its own sound."""
        places = [CropTransform(matrix) for matrix in self.transforms]
        points = np.stack([t.apply(p) for t, p in zip(places, self.points, strict=True)]).astype(np.float32)
        opening = np.array([mouth_opening(p) for p in self.points], np.float32)
        stamps = float(self.heard_from) + np.array(frame_times(0, len(self), self.clip.rate))
        return FaceClip(self.name, person, self.name, 0, self.crops, points, opening, stamps)

    def part(self, first: int, stop: int) -> "OwnLine":
        """Some of its frames, with the same sound."""
        return replace(
            self,
            first=self.first + first,
            points=self.points[first:stop],
            transforms=self.transforms[first:stop],
            crops=self.crops[first:stop],
            heard_from=self.heard_from + frames_to_seconds(first, self.clip.rate),
        )

    def plates(self) -> tuple[list[Picture], MouthTrack]:
        """The pictures round the head, smaller where the plate is large, and the mouth in them.

        Raises:
            MediaError: the media cannot be read any more.
        """
        window, size = _head_window(self.points, self.transforms)
        frames = read_frames(self.clip.media, self.clip.first_frame + self.first, len(self))
        pictures = [extract(frame, window, size) for frame in frames]
        back = window.inverse / np.array([[size, size, 1]])
        places = tuple(_after(CropTransform(matrix), back) for matrix in self.transforms)
        points = np.stack([window.apply(p) * size for p in self.points]).astype(np.float32)
        return pictures, MouthTrack(points, places)


def _head_window(points: NDArray[np.float32], transforms: NDArray[np.float64]) -> tuple[CropTransform, int]:
    """A square that holds all that the mesh looks at in these frames, and its side in pixels."""
    regions = [region_of_mesh(p) for p in points]
    low = np.min([(r.x - 0.75 * r.side, r.y - 0.75 * r.side) for r in regions], axis=0)
    high = np.max([(r.x + 0.75 * r.side, r.y + 0.75 * r.side) for r in regions], axis=0)
    side = float((high - low).max())
    crop = float(np.median([CropTransform(matrix).side for matrix in transforms]))
    size = round(side * min(1.0, PLATE_CROP / crop))
    left, top = (low + high) / 2 - side / 2
    return CropTransform(np.array([[1 / side, 0, -left / side], [0, 1 / side, -top / side]])), size


def _after(transform: CropTransform, first: NDArray[np.float64]) -> CropTransform:
    """What takes points through the affine map `first` (2, 3), then through `transform`."""
    linear = transform.matrix[:, :2]
    offset = linear @ first[:, 2] + transform.matrix[:, 2]
    return CropTransform(np.concatenate([linear @ first[:, :2], offset[:, None]], axis=1))
