"""The dub mix: the lines at their samples over the bed, the original where nothing replaces it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from codub.export.programme import PlacedSound, Span
from codub.media.audio import Samples, audio_blocks, read_audio, write_wav
from codub.media.fading import kept_outside
from codub.media.loudness import TRUE_PEAK_CEILING, Loudness, decibels, limited_blocks, measure
from codub.media.probe import probe
from codub.media.provenance import sound_comment
from codub.timing import DELIVERY_RATE, samples_to_seconds, seconds_to_samples

_BLOCK_SECONDS = 10
_CORRECTIONS, _TOLERANCE = 3, 0.2  # of the loudness after limiting; LU

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Mix:
    """What is heard in `duration` seconds.

    bed       music and effects, kept whole
    original  the original sound, gone in the `replaced` spans
    lines     the dubbed lines
    ducked    decibels that the original keeps in a replaced span; None takes it away whole: no ghost of the old voice
    """

    duration: Fraction
    bed: tuple[PlacedSound, ...] = ()
    original: tuple[PlacedSound, ...] = ()
    lines: tuple[PlacedSound, ...] = ()
    replaced: tuple[Span, ...] = ()
    ducked: float | None = None

    @property
    def sounds(self) -> tuple[PlacedSound, ...]:
        """Everything in it."""
        return self.bed + self.original + self.lines

    @property
    def channels(self) -> int:
        """2 where any sound has more than one channel, else 1."""
        return 2 if any(probe(s.media).require_audio().channels > 1 for s in self.sounds) else 1


@dataclass(frozen=True)
class MixReport:
    """Loudness of the sum as mixed, and as written: after `gain_db` and the peak limit."""

    mixed: Loudness
    written: Loudness
    gain_db: float


def write_mix(
    path: Path | str,
    mix: Mix,
    target: float | None = None,
    ceiling: float = TRUE_PEAK_CEILING,
    progress: Progress = lambda _fraction, _what: None,
) -> MixReport:
    """Write the mix as 48 kHz, 24-bit WAV, `mix.duration` long to the sample; memory does not grow with it.

    `target` LUFS (EBU R128: -23) sets the programme loudness; None keeps it. True peaks stay below `ceiling` dBTP.

    Raises:
        MediaError: a sound cannot be read, or the file cannot be written.
    """
    mixed = measure(_reporting(mix, progress, (0.0, 0.4), "measuring the mix"), DELIVERY_RATE)
    gain = target - mixed.integrated if target is not None and np.isfinite(mixed.integrated) else 0.0
    written = _write(path, mix, gain, mixed.true_peak + gain > ceiling, ceiling, progress)
    for _ in range(_CORRECTIONS):  # limiting takes loudness away where peaks are high above the rest
        if target is None or not abs(target - written.integrated) > _TOLERANCE:
            break
        gain += target - written.integrated
        written = _write(path, mix, gain, mixed.true_peak + gain > ceiling, ceiling, lambda _fraction, _what: None)
    progress(1.0, "mix written")
    return MixReport(mixed, written, gain)


def _write(path: Path | str, mix: Mix, gain: float, limit: bool, ceiling: float, progress: Progress) -> Loudness:
    """Write the mix with a gain in dB, limited where asked for, and measure what is in the file."""
    blocks = (block * np.float32(decibels(gain)) for block in _reporting(mix, progress, (0.4, 0.9), "writing the mix"))
    write_wav(path, limited_blocks(blocks, DELIVERY_RATE, ceiling) if limit else blocks, comment=sound_comment())
    return measure(audio_blocks(path, channels=mix.channels), DELIVERY_RATE)


def mix_blocks(mix: Mix, rate: int = DELIVERY_RATE) -> Iterator[Samples]:
    """The mix in blocks of ten seconds, `(n, channels)`."""
    total, size, channels = seconds_to_samples(mix.duration, rate), _BLOCK_SECONDS * rate, mix.channels
    floor = 0.0 if mix.ducked is None else decibels(mix.ducked)
    for first in range(0, total, size):
        block = np.zeros((min(size, total - first), channels), np.float32)
        for sound in mix.original:
            mix_onto(block, first, sound, rate)
        block *= kept_outside(mix.replaced, first, len(block), rate, floor)[:, None]
        for sound in mix.bed + mix.lines:
            mix_onto(block, first, sound, rate)
        yield block


def mix_onto(block: Samples, first: int, sound: PlacedSound, rate: int) -> None:
    """Add to the block, whose first sample is the programme's number `first`, what of the sound falls into it."""
    start = seconds_to_samples(sound.start, rate)
    low = max(first, start)
    high = min(first + len(block), start + seconds_to_samples(sound.duration, rate))
    if low >= high:
        return
    begin = samples_to_seconds(seconds_to_samples(sound.media_start, rate) + low - start, rate)
    samples = read_audio(sound.media, begin, samples_to_seconds(high - low, rate), rate, block.shape[1])
    block[low - first : high - first] += samples.reshape(high - low, -1) * np.float32(decibels(sound.gain_db))


def _reporting(mix: Mix, progress: Progress, part: tuple[float, float], what: str) -> Iterator[Samples]:
    done, total = 0, max(1, seconds_to_samples(mix.duration, DELIVERY_RATE))
    for block in mix_blocks(mix):
        yield block
        done += len(block)
        progress(part[0] + (part[1] - part[0]) * done / total, what)
