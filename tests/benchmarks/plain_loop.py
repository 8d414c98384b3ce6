"""A face made again the way talking-face code usually does it: one frame after the other, everything for each."""

import importlib.util
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch.nn import functional

from codub.face.crop import CropTransform, extract, eye_centres, lower_face_of_eyes
from codub.face.detect import FaceDetector
from codub.face.generator import Generator
from codub.face.mesh import FaceMesh

RATE = 25
RAMP = 0.1  # of the half side: the square that is pasted back ends in it
S3FD_MEAN = (104, 117, 123)  # of its colours, blue first

Look = Callable[[np.ndarray], None]


class PlainLoop:
    """Detect, crop, generate, warp onto the whole frame, blend there; RGB frames in floats."""

    def __init__(
        self,
        detector: FaceDetector,
        mesh: FaceMesh,
        network: Generator,
        references: np.ndarray,
        windows: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        """`references` uint8 (K, S, S, 3) of the generator's size; `windows` gives the latent round times."""
        self._detector, self._mesh, self._network, self._windows = detector, mesh, network, windows
        self._device = network.mean.device
        self._size = references.shape[1]
        self._references = self._tensor(references)[None]

    def run(self, frames: Iterable[np.ndarray], look: Look = lambda frame: None) -> int:
        """How many frames (H, W, 3) were made again; `look` is a further look at each."""
        made = 0
        with torch.inference_mode():
            for number, frame in enumerate(frames):
                look(frame)
                made += self._again(frame, number).shape == frame.shape
        return made

    def _again(self, frame: np.ndarray, number: int) -> np.ndarray:
        picture = frame.astype(np.float32) / 255
        points = self._mesh.landmarks(frame, self._detector.detect(frame)[0]).points
        transform = lower_face_of_eyes(*eye_centres(points))
        crop = self._tensor(extract(frame, transform, self._size)[None])[None]
        windows = torch.from_numpy(self._windows(np.array([number / RATE]))).to(self._device)[None]
        motion = self._network(windows, crop, self._network.identify(self._references))
        made = self._network.picture(motion, crop, self._references)[0].permute(1, 2, 0).cpu().numpy()
        laid = _onto(frame, made, transform, "border")
        share = _onto(frame, _soft_square(self._size), transform, "zeros")
        mixed = picture * (1 - share) + laid * share
        return (mixed * 255).round().clip(0, 255).astype(np.uint8)

    def _tensor(self, pictures: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(pictures).to(self._device).permute(0, 3, 1, 2).float() / 255


def has_s3fd() -> bool:
    """Whether the detector that such code usually has is installed."""
    return importlib.util.find_spec("face_alignment") is not None


def load_s3fd(device: str) -> Look:
    """A look at a frame by S3FD's network; its weights are random, which costs as much."""
    from face_alignment.detection.sfd.net_s3fd import s3fd

    network = s3fd().to(device).eval()

    def look(frame: np.ndarray) -> None:
        picture = torch.from_numpy(frame[..., ::-1].astype(np.float32) - np.array(S3FD_MEAN, np.float32))
        with torch.inference_mode():
            for part in network(picture.permute(2, 0, 1)[None].to(device)):
                part.cpu()

    return look


def _onto(frame: np.ndarray, crop: np.ndarray, transform: CropTransform, outside: str) -> np.ndarray:
    """A crop (S, S, C) as the whole frame sees it, float32 (H, W, C), the way torch does it."""
    size = crop.shape[0]
    matrix = torch.from_numpy(transform.matrix * 2)
    x = (torch.arange(frame.shape[1], dtype=torch.float64) + 0.5)[None, :, None] * matrix[:, 0]
    y = (torch.arange(frame.shape[0], dtype=torch.float64) + 0.5)[:, None, None] * matrix[:, 1] + matrix[:, 2] - 1
    grid = (x.float() + y.float())[None]
    picture = torch.from_numpy(crop.reshape(size, size, -1)).permute(2, 0, 1)[None]
    found = functional.grid_sample(picture, grid, mode="bicubic", padding_mode=outside, align_corners=False)
    return found[0].permute(1, 2, 0).contiguous().numpy()


def _soft_square(size: int) -> np.ndarray:
    place = np.abs((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1)
    edge = np.clip((1 - place) / RAMP, 0, 1)
    return (edge[:, None] * edge[None, :])[..., None]
