"""The pictures and the sound of one line, before and after: read away from the interface, kept small."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.dubbing.plan import ShotPart
from codub.dubbing.record import TakeRecord, picture_role
from codub.dubbing.takes import TakesStore
from codub.media.probe import probe
from codub.media.video import Frame, read_frames

_MAX_BYTES = 160 * 2**20  # of pictures in memory for one side of the viewer
_LARGEST = 960  # pixels: the viewer shows no more
_SMALLEST = 240


@dataclass(frozen=True)
class Source:
    """Frames of one file that the viewer shows in a row."""

    path: Path
    first: int
    count: int


@dataclass(frozen=True)
class Footage:
    """Pictures RGB uint8 with the shape they are shown in (width / height), at `rate` frames/s."""

    pictures: tuple[NDArray[np.uint8], ...] = ()
    aspects: tuple[float, ...] = ()
    rate: Fraction = Fraction(25)


def original_sources(parts: tuple[ShotPart, ...]) -> tuple[Source, ...]:
    """The original pictures under a line, cut after cut."""
    return tuple(Source(part.media, part.first_frame, part.frame_count) for part in parts)


def take_sources(parts: tuple[ShotPart, ...], take: TakeRecord, store: TakesStore) -> tuple[Source, ...]:
    """The same pictures as a take has them; where it left a clip alone, the original."""
    sources = []
    for part, original in zip(parts, original_sources(parts), strict=True):
        path = store.path(take, picture_role(part.clip.address))
        if path is None:
            sources.append(original)
        else:  # a take's picture begins with the clip's first used frame
            sources.append(Source(path, part.first_frame - part.clip.first_frame, part.frame_count))
    return tuple(sources)


def load(sources: tuple[Source, ...], rate: Fraction, stopped: Callable[[], bool] = lambda: False) -> Footage:
    """All frames of the sources, scaled so that they fit the viewer and its memory; empty when `stopped`.

    Raises:
        MediaError: a file is missing or does not decode.
    """
    total = sum(source.count for source in sources)
    pictures: list[Frame] = []
    aspects: list[float] = []
    for source in sources:
        info = probe(source.path).require_video()
        aspect = info.width * float(info.sample_aspect) / info.height
        size = _size(info.width, info.height, total)
        for frame in read_frames(source.path, source.first, source.count):
            if stopped():
                return Footage()
            image = Image.fromarray(frame)
            pictures.append(np.asarray(image.resize(size, Image.Resampling.BILINEAR) if image.size != size else image))
            aspects.append(aspect)
    return Footage(tuple(pictures), tuple(aspects), rate)


def _size(width: int, height: int, frames: int) -> tuple[int, int]:
    affordable = (_MAX_BYTES / max(frames, 1) / 3 / (width * height)) ** 0.5
    scale = min(1.0, _LARGEST / width, max(affordable, _SMALLEST / width))
    return max(1, round(width * scale)), max(1, round(height * scale))
