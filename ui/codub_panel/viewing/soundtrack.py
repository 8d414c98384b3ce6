"""The sounds of a stretch in memory: 48 kHz, stereo, in layers that can be switched while they play."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.media.audio import read_audio
from codub.media.fading import kept_outside
from codub.media.probe import probe
from codub.timing import DELIVERY_RATE, seconds_to_samples
from codub_panel.viewing.footage import Heard, Reel

Stereo = NDArray[np.float32]
"""Samples `(n, 2)` at 48 kHz."""

_SILENT = np.zeros((0, 2), np.float32)


@dataclass(frozen=True)
class Listening:
    """What the listener wants to hear: the bed under it, or nothing but the line."""

    bed: bool = True
    solo: bool = False


@dataclass(frozen=True)
class Soundtrack:
    """Layers as long as a reel's stretch, from `stretch.first` on: the line, the other dialogue, the bed."""

    voice: Stereo = field(default_factory=lambda: _SILENT)
    rest: Stereo = field(default_factory=lambda: _SILENT)
    bed: Stereo = field(default_factory=lambda: _SILENT)

    def heard(self, listening: Listening) -> Stereo:
        """The mix of the layers that are wanted."""
        if listening.solo:
            return self.voice
        mix = self.voice + self.rest
        return mix + self.bed if listening.bed else mix


def read_soundtrack(reel: Reel) -> Soundtrack:
    """The sounds of a reel, read from their files.

    Raises:
        MediaError: a file is missing or does not decode.
    """
    begin, end = reel.stretch.span
    count = seconds_to_samples(end - begin, DELIVERY_RATE)
    spans = [(start - begin, until - begin) for start, until in reel.silenced]
    kept = kept_outside(spans, 0, count, DELIVERY_RATE)[:, None]
    original = _mixed(reel.original, begin, count)
    rest = original * kept + _mixed(reel.beside, begin, count)
    voice = _mixed(filter(None, [reel.voice]), begin, count) if reel.dubbed else original * (1 - kept)
    return Soundtrack(voice, rest, _mixed(reel.bed, begin, count))


def _mixed(sounds: Iterable[Heard], begin: Fraction, count: int) -> Stereo:
    """Sounds in their places in `count` samples from timeline second `begin`."""
    mix = np.zeros((count, 2), np.float32)
    for sound in sounds:
        if probe(sound.path).audio is None:
            continue
        early = max(Fraction(0), begin - sound.at)
        first = seconds_to_samples(max(sound.at - begin, Fraction(0)), DELIVERY_RATE)
        room = mix[first:]
        wanted = min(sound.duration - early, Fraction(len(room), DELIVERY_RATE))
        if wanted > 0:
            samples = read_audio(sound.path, sound.start + early, wanted, channels=2)
            room[: len(samples)] += samples[: len(room)]
    return mix
