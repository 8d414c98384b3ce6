"""Landmarks by face-alignment (FAN-4, 68 points): the better source where a GPU and its checkpoints are there.

On a CPU it takes 6.4 seconds a frame (measured on two cores), so it is chosen for CUDA devices only.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from codub.face.crop import Picture, Plate, Points
from codub.face.landmarks import FaceLandmarks, plausible

# Names of the library's own checkpoints, as it looks for them in torch's hub folder.
DETECTOR_CHECKPOINT = "s3fd-619a316812.pth"
ALIGNMENT_CHECKPOINT = "2DFAN4-11f355bf06.pth.tar"

# The 68 points of the iBUG 300-W scheme.
JAW = slice(0, 17)
NOSE = (27, 28, 29, 30, 31, 32, 33, 34, 35)  # bridge, tip, base
RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS = (36, 39), (42, 45)
INNER_LIPS_UP, INNER_LIPS_DOWN = (61, 62, 63), (67, 66, 65)
MOUTH_CORNERS = (60, 64)
STABLE = (*RIGHT_EYE_CORNERS, *LEFT_EYE_CORNERS, *NOSE)
FACE_BOX_ABOVE = 0.25  # the detector's box reaches this far above the brows, in heights of the points' box


class Aligner(Protocol):
    """The part of `face_alignment.FaceAlignment` that is used."""

    def get_landmarks_from_image(
        self,
        image_or_path: Picture,
        detected_faces: list[list[float]] | None = None,
        return_bboxes: bool = False,
        return_landmark_score: bool = False,
    ) -> Any:
        """Landmarks, their scores and the boxes of all faces."""
        ...


class AlignmentSource:
    """face-alignment behind the tracker's protocol; the detector runs only where a face was lost."""

    name = "face-alignment (FAN-4)"

    def __init__(self, aligner: Aligner, reason: str = "") -> None:
        self.reason = reason
        self._aligner = aligner

    def find(self, frame: Plate, *, thorough: bool, known: Sequence[FaceLandmarks] = ()) -> list[FaceLandmarks]:
        """All faces that the detector sees, known ones too; it is thorough by itself."""
        del thorough, known
        return [face for face in self._landmarks(frame, None) if plausible(face, frame)]

    def follow(self, frame: Plate, previous: FaceLandmarks) -> FaceLandmarks | None:
        """The landmarks inside the box of the previous ones."""
        x0, y0, x1, y1 = previous.box
        box = [x0, y0 - FACE_BOX_ABOVE * (y1 - y0), x1, y1, 1.0]
        faces = self._landmarks(frame, [box])
        return faces[0] if faces and plausible(faces[0], frame) else None

    def _landmarks(self, frame: Plate, boxes: list[list[float]] | None) -> list[FaceLandmarks]:
        import warnings

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No faces were detected")
            points, scores, _ = self._aligner.get_landmarks_from_image(
                frame[:, :], boxes, return_bboxes=True, return_landmark_score=True
            )
        if points is None:
            return []
        return [
            landmarks_of_68(np.asarray(p, np.float32)[:, :2], float(np.mean(s)))
            for p, s in zip(points, scores, strict=True)
        ]


def landmarks_of_68(points: Points, score: float) -> FaceLandmarks:
    """What the tracker wants to know of 68 points; `score` is the mean height of the heat maps, 0..1."""
    eyes = np.stack([points[list(c)].mean(0, dtype=np.float64) for c in (RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS)])
    gap = points[list(INNER_LIPS_DOWN)].mean(0) - points[list(INNER_LIPS_UP)].mean(0)
    corners = points[MOUTH_CORNERS[1]] - points[MOUTH_CORNERS[0]]
    unit = float(np.hypot(*(eyes[1] - eyes[0])))
    return FaceLandmarks(
        points=points,
        eyes=eyes,
        stable=points[list(STABLE)],
        outline=points[JAW],
        opening=float(np.hypot(*gap)) / unit,
        width=float(np.hypot(*corners)) / unit,
        yaw=_yaw(points),
        confidence=min(1.0, max(0.0, score)),
    )


def obstacle(device: str) -> str | None:
    """Why face-alignment cannot be used on a device, in words; None when it can."""
    import importlib.util

    import torch

    if not device.startswith("cuda"):
        return f"face-alignment is for a GPU; the device is '{device}'"
    if not torch.cuda.is_available():
        return "face-alignment is for a GPU; torch sees none"
    if importlib.util.find_spec("face_alignment") is None:
        return "face-alignment is not installed"
    for name in (DETECTOR_CHECKPOINT, ALIGNMENT_CHECKPOINT):
        if not (_checkpoints() / name).is_file():
            return f"face-alignment's checkpoint '{name}' is not in '{_checkpoints()}'"
    return None


def load_alignment(device: str) -> AlignmentSource:
    """face-alignment with its local checkpoints; nothing is downloaded when `obstacle` saw none."""
    import face_alignment

    aligner = face_alignment.FaceAlignment(
        face_alignment.LandmarksType.TWO_D,
        device=device,
        flip_input=False,
        compile=False,
        face_detector_kwargs={"path_to_detector": str(_checkpoints() / DETECTOR_CHECKPOINT)},
    )
    return AlignmentSource(aligner, reason=f"its checkpoints and the device '{device}' are there")


def _checkpoints() -> Path:
    """Torch's hub folder, as torch itself finds it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    return Path(os.environ.get("TORCH_HOME", cache / "torch")).expanduser() / "hub" / "checkpoints"


def _yaw(points: Points) -> float:
    """Degrees, from where the tip of the nose lies between the temples: half-way when the face is frontal."""
    across = points[16] - points[0]
    place = float(np.dot(points[30] - points[0], across) / np.dot(across, across))
    # On a head as wide as deep the tip stands out by about 0.55 of the half width in front of the temples' line.
    return math.degrees(math.atan((2 * place - 1) / 0.55 / 1.4))
