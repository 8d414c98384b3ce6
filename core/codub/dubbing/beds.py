"""The original sound without the lines that the dub replaces: what is left belongs to the programme."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.media.audio import Samples, audio_blocks, write_wav
from codub.media.probe import probe
from codub.timeline.placed import PlacedClip
from codub.timeline.spans import Spans
from codub.timing import DELIVERY_RATE, seconds_to_samples

CROSSFADE = Fraction(2, 100)  # s: the line goes silent before its span and the sound comes back after it


def write_bed(path: Path, clip: PlacedClip, silenced: Spans) -> None:
    """Write the clip's used part at 48 kHz, faded out in the `silenced` spans (timeline seconds), to the sample.

    Raises:
        MediaError: the sound cannot be read, or the file cannot be written.
    """
    channels = min(2, probe(clip.media).require_audio().channels)
    blocks = audio_blocks(clip.media, clip.media_start, clip.duration, DELIVERY_RATE, channels)
    write_wav(path, _faded(blocks, clip, silenced), DELIVERY_RATE)


def _faded(blocks: Iterator[Samples], clip: PlacedClip, silenced: Spans) -> Iterator[Samples]:
    spans = [
        (seconds_to_samples(a - clip.start, DELIVERY_RATE), seconds_to_samples(b - clip.start, DELIVERY_RATE))
        for a, b in silenced
    ]
    first = 0
    for block in blocks:
        gain = _gain(first, len(block), spans)
        yield block * (gain if block.ndim == 1 else gain[:, None])
        first += len(block)


def _gain(first: int, count: int, spans: list[tuple[int, int]]) -> NDArray[np.float32]:
    """0 inside the spans, 1 away from them, a raised cosine between."""
    ramp = seconds_to_samples(CROSSFADE, DELIVERY_RATE)
    at = np.arange(first, first + count)
    gain = np.ones(count, np.float32)
    for start, end in spans:
        away = np.clip(np.maximum(start - at, at - (end - 1)) / ramp, 0, 1)
        gain *= (0.5 - 0.5 * np.cos(np.pi * away)).astype(np.float32)
    return gain
