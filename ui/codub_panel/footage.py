"""The pictures and the sound of one line, before and after: read away from the interface, kept small."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.dubbing.record import AUDIO, TakeRecord, picture_role
from codub.dubbing.takes import TakesStore
from codub.media.audio import read_audio
from codub.media.probe import probe
from codub.media.video import Frame, read_frames
from codub.timing import DELIVERY_RATE, seconds_to_frames, seconds_to_samples
from codub_panel.session import Line

_MAX_BYTES = 160 * 2**20  # of pictures in memory for one side of the viewer
_LARGEST = 960  # pixels: the viewer shows no more
_SMALLEST = 240


@dataclass(frozen=True)
class Pictures:
    """Frames of one file that the viewer shows in a row."""

    path: Path
    first: int
    count: int


@dataclass(frozen=True)
class Sound:
    """A piece of a sound file: `start` and `duration` in it, `at` in the line, all seconds."""

    path: Path
    start: Fraction
    duration: Fraction
    at: Fraction


@dataclass(frozen=True)
class Reel:
    """What to read for one side of the viewer; second 0 is the first frame shown, or the cue where none is."""

    pictures: tuple[Pictures, ...]
    sounds: tuple[Sound, ...]
    rate: Fraction
    duration: Fraction


@dataclass(frozen=True)
class Footage:
    """Pictures RGB uint8 with the shapes they are shown in (width / height), and their sound, 48 kHz mono."""

    pictures: tuple[Frame, ...] = ()
    aspects: tuple[float, ...] = ()
    rate: Fraction = Fraction(25)
    sound: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def frames(self) -> int:
        """How many frames it lasts, pictures or not."""
        return len(self.pictures) or seconds_to_frames(Fraction(len(self.sound), DELIVERY_RATE), self.rate)


def original_reel(line: Line, rate: Fraction) -> Reel:
    """The original pictures under a line, cut after cut, with the original sound."""
    pictures = tuple(Pictures(part.media, part.first_frame, part.frame_count) for part in line.parts)
    begin, rate, duration = _span(line, rate)
    sounds = tuple(Sound(part.media, part.start, part.duration, part.offset - begin) for part in line.sounds)
    return Reel(pictures, sounds, rate, duration)


def take_reel(line: Line, take: TakeRecord, store: TakesStore, rate: Fraction) -> Reel:
    """The same as a take has it; a clip that the take left alone keeps its original picture."""
    original = original_reel(line, rate)
    pictures = []
    for part, untouched in zip(line.parts, original.pictures, strict=True):
        path = store.path(take, picture_role(part.clip.address))
        # A take's picture begins with the clip's first used frame.
        dubbed = path and Pictures(path, part.first_frame - part.clip.first_frame, part.frame_count)
        pictures.append(dubbed or untouched)
    begin, rate, duration = _span(line, rate)
    path = store.path(take, AUDIO)
    at = take.start - line.cue.start - begin
    sounds = () if path is None else (Sound(path, Fraction(0), take.duration, at),)
    return Reel(tuple(pictures), sounds, rate, duration)


def load(reel: Reel | None, stopped: Callable[[], bool] = lambda: False) -> Footage:
    """What the reel names, scaled so that it fits the viewer and its memory; empty for None and when `stopped`.

    Raises:
        MediaError: a file is missing or does not decode.
    """
    if reel is None:
        return Footage()
    total = sum(piece.count for piece in reel.pictures)
    pictures: list[Frame] = []
    aspects: list[float] = []
    for piece in reel.pictures:
        info = probe(piece.path).require_video()
        size = _size(info.width, info.height, total)
        for frame in read_frames(piece.path, piece.first, piece.count):
            if stopped():
                return Footage()
            image = Image.fromarray(frame)
            pictures.append(np.asarray(image.resize(size, Image.Resampling.BILINEAR) if image.size != size else image))
            aspects.append(info.width * float(info.sample_aspect) / info.height)
    return Footage(tuple(pictures), tuple(aspects), reel.rate, _mixed(reel))


def _mixed(reel: Reel) -> NDArray[np.float32]:
    mix = np.zeros(seconds_to_samples(reel.duration, DELIVERY_RATE), np.float32)
    for piece in reel.sounds:
        if probe(piece.path).audio is None:
            continue
        early = max(Fraction(0), -piece.at)
        samples = read_audio(piece.path, piece.start + early, max(piece.duration - early, Fraction(0)))
        first = seconds_to_samples(max(piece.at, Fraction(0)), DELIVERY_RATE)
        room = mix[first : first + len(samples)]
        room += samples[: len(room)]
    return mix


def _span(line: Line, rate: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """Start of what is shown, from the cue's start, its picture rate, its duration; seconds."""
    if not line.parts:
        return Fraction(0), rate, line.cue.window
    rate = line.parts[0].rate
    return line.parts[0].offset, rate, sum(part.frame_count for part in line.parts) / rate


def _size(width: int, height: int, frames: int) -> tuple[int, int]:
    affordable = (_MAX_BYTES / max(frames, 1) / 3 / (width * height)) ** 0.5
    scale = min(1.0, _LARGEST / width, max(affordable, _SMALLEST / width))
    return max(1, round(width * scale)), max(1, round(height * scale))
