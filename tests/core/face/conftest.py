"""Faces whose place in every frame is known: real stills moved by known amounts, and tracks made by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from codub.face.crop import Picture, lower_face_of_eyes
from codub.face.hidden import CELLS
from codub.face.landmarks import LandmarkSource
from codub.face.model import MouthMotion
from codub.face.source import landmark_source
from codub.face.track import FaceTrack
from codub.latent import EMBEDDED

ReadClip = Callable[..., list[Picture]]


@pytest.fixture(scope="session")
def source(weights_home: Path) -> LandmarkSource:
    """The landmark source of a CPU."""
    return landmark_source("cpu")


@pytest.fixture(scope="session")
def read_clip(corpora: Path) -> ReadClip:
    """Frames of a GRID clip, decoded by PyAV alone."""
    import av

    def read(name: str, count: int = 75) -> list[Picture]:
        frames = []
        with av.open(str(corpora / "grid" / f"{name}.mp4")) as container:
            for frame in container.decode(video=0):
                frames.append(frame.to_ndarray(format="rgb24"))
                if len(frames) == count:
                    break
        return frames

    return read


@pytest.fixture(scope="session")
def move() -> Callable[..., Picture]:
    return moved


@pytest.fixture(scope="session")
def new_places() -> Callable[..., np.ndarray]:
    """Where points (N, 2) of a picture are after `move` with the same arguments."""

    def places(points: np.ndarray, shape: tuple[int, ...], *motion: float) -> np.ndarray:
        inverse = inverse_motion(shape, *motion)
        return (points - inverse[:, 2]) @ np.linalg.inv(inverse[:, :2]).T

    return places


@pytest.fixture(scope="session")
def make_track() -> Callable[..., FaceTrack]:
    return made_track


@pytest.fixture(scope="session")
def noise() -> Callable[..., Iterator[Picture]]:
    return noise_frames


def moved(picture: Picture, dx: float, dy: float, degrees: float = 0.0, zoom: float = 1.0) -> Picture:
    """The picture turned and enlarged about its middle, then moved right and down by pixels."""
    return np.array(
        Image.fromarray(picture).transform(
            picture.shape[1::-1],
            Image.Transform.AFFINE,
            tuple(inverse_motion(picture.shape, dx, dy, degrees, zoom).ravel().tolist()),
            Image.Resampling.BICUBIC,
        )
    )


def inverse_motion(shape: tuple[int, ...], dx: float, dy: float, degrees: float = 0.0, zoom: float = 1.0) -> np.ndarray:
    """(2, 3): places of `moved`'s result to places of its picture."""
    centre = np.array([shape[1] / 2, shape[0] / 2])
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / zoom
    offset = centre - turn @ (centre + np.array([dx, dy]))
    return np.concatenate([turn, offset[:, None]], axis=1)


def made_track(count: int = 30, first: int = 0, **changes: object) -> FaceTrack:
    """A frontal face that rests at (120, 60) with eyes 40 px apart; `changes` replace single fields."""
    eyes = np.array([[100.0, 60.0], [140.0, 60.0]])
    transform = lower_face_of_eyes(*eyes).matrix
    angles = np.linspace(np.pi, 0, 23)
    outline = np.stack([120 + 45 * np.cos(angles), 70 + 60 * np.sin(angles)], axis=1)
    fields: dict[str, object] = {
        "identity": 0,
        "first": first,
        "found": np.ones(count, bool),
        "transforms": np.repeat(transform[None], count, 0),
        "outlines": np.repeat(outline[None], count, 0).astype(np.float32),
        "openings": (0.1 + 0.1 * np.sin(np.arange(count))).astype(np.float32),
        "widths": np.full(count, 0.8, np.float32),
        "yaws": np.zeros(count, np.float32),
        "confidence": np.ones(count, np.float32),
        "thumbnails": np.full((count, CELLS, CELLS, 3), 150, np.uint8),
        "cut_before": True,
        "cut_after": True,
    }
    return FaceTrack(**(fields | changes))  # type: ignore[arg-type]


def noise_frames(count: int, seed: int = 0) -> Iterator[Picture]:
    """Frames 240 x 200 of smooth coloured noise that drifts, one after another."""
    generator = np.random.default_rng(seed)
    base = generator.integers(40, 215, (12, 14, 3), np.uint8)
    picture = np.array(Image.fromarray(base).resize((240, 200), Image.Resampling.BICUBIC))
    for number in range(count):
        yield np.roll(picture, number, axis=1)


class PlainGenerator:
    """A face generator without a network: takes the first reference as it is."""

    space = EMBEDDED
    size = 80
    references = 3
    window = 11

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.windows: list[np.ndarray] = []

    def generate(self, windows: np.ndarray, pose: np.ndarray, references: np.ndarray) -> MouthMotion:
        count = len(pose)
        self.calls.append(count)
        self.windows.append(windows)
        assert pose.shape == (count, 80, 80, 3)
        assert references.shape == (3, 80, 80, 3)
        blend = np.zeros((count, 4, 20, 20), np.float32)
        blend[:, 0] = 1
        place = np.hypot(*np.meshgrid(np.linspace(-1, 1, 20), np.linspace(-1, 1, 20)))
        return MouthMotion(
            flow=np.zeros((count, 3, 2, 20, 20), np.float32),
            blend=blend,
            colour=np.zeros((count, 3, 20, 20), np.float32),
            mask=np.clip((0.9 - place) * 5, 0, 1).astype(np.float32),
        )


@pytest.fixture
def plain_generator() -> PlainGenerator:
    return PlainGenerator()
