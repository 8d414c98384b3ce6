"""Made films and sounds whose every frame and sample is known."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

MakeFilm = Callable[..., Path]


def grey(number: int) -> int:
    """Grey level that stands for a frame number below 75."""
    return 20 + 3 * number


@pytest.fixture
def make_film(tmp_path: Path) -> MakeFilm:
    """Writes a film of grey frames, level `grey(number)`, by ffmpeg alone: none of our code takes part."""

    def make(name: str, *options: str, rate: str = "25", size: tuple[int, int] = (64, 48), count: int = 60) -> Path:
        path = tmp_path / name
        frames = b"".join(bytes([grey(i)]) * (size[0] * size[1] * 3) for i in range(count))
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", rate, "-i", "pipe:0"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *raw, *options, str(path)]
        subprocess.run(command, input=frames, check=True, capture_output=True)
        return path

    return make


@pytest.fixture
def ffmpeg() -> Callable[..., None]:
    """Runs ffmpeg with the given arguments."""

    def run(*arguments: object) -> None:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)

    return run


@pytest.fixture
def numbers() -> Callable[[list[np.ndarray]], list[int]]:
    """Frame numbers read back from grey levels."""

    def read(frames: list[np.ndarray]) -> list[int]:
        return [round((float(f.mean()) - 20) / 3) for f in frames]

    return read
