"""Small films and sounds for exports."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.media.audio import write_wav
from codub.media.encode import write_video
from codub.media.probe import VideoInfo


@pytest.fixture
def film(tmp_path) -> Callable[..., Path]:
    """Writes a film whose frame n has grey level `base + 3 n`."""

    def make(name: str, base: int = 20, count: int = 20, rate: str = "25", **facts: object) -> Path:
        path = tmp_path / name
        like = VideoInfo(Fraction(rate), count, **{"width": 64, "height": 48, **facts})
        shape = (like.height, like.width, 3)
        write_video(path, (np.full(shape, base + 3 * i, np.uint8) for i in range(count)), like, count)
        return path

    return make


@pytest.fixture
def tone(tmp_path) -> Callable[..., Path]:
    """Writes a constant value (mono, or one for each channel) for some seconds."""

    def make(name: str, *values: float, seconds: float = 2.0, rate: int = 48000) -> Path:
        path = tmp_path / name
        write_wav(path, np.tile(np.float32(values), (round(seconds * rate), 1)), rate, "FLOAT")
        return path

    return make
