"""What a speaker sounds like: the cleanest speech found in the original sound of that speaker's lines.

What a worse reference costs, three people of LibriSpeech test-other: cosine of the speaker encoder to other, clean
utterances of theirs (two different people have 0.51):

    clean 0.86 to 0.94; 3 s of it 0.83 to 0.91, 1 s 0.75 to 0.89
    noise at 20 dB 0.80 to 0.84, 10 dB 0.70 to 0.73, 5 dB 0.65 to 0.69, 0 dB 0.61 to 0.65
    music under it at 10 dB 0.70 to 0.78, 5 dB 0.66 to 0.76, 0 dB 0.61 to 0.70; music alone holds no speech
    clipped, 0.1 to 1.4 % of the samples 0.77 to 0.93, 2 to 13 % 0.84 to 0.86, 10 to 33 % 0.70 to 0.77
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.errors import CueError
from codub.speech.activity import Interval, speech_intervals
from codub.speech.condition import FULL_SCALE, SoundCondition, condition
from codub.speech.pitch import median_f0
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

WANTED = 12.0  # seconds; more does not make the speaker's embedding better
LEAST = 1.0  # seconds; an embedding of less says little
SHORT = 3.0  # seconds; below it the likeness is uncertain
PAUSE_KEPT = 0.35  # seconds; a longer pause ends a stretch
FADE = 0.01  # seconds at both ends of a stretch
NOISY = 15.0  # dB
DROWNED = 3.0  # dB
# Between the lines there may be breath and ends of words only, and the figure above then means nothing: what is noisy
# has a small span of loudness too. Speech of 1 s and more 19 to 48 dB; in noise at 10 dB 16 to 17, at 0 dB 7 to 8, in
# music at 0 dB 9 to 14.
NOISY_SPAN, DROWNED_SPAN = 22.0, 14.0  # dB
CLIPPED = 0.002  # share of a stretch's samples at full scale
SILENT = 1e-3  # RMS, -60 dBFS
SNR_TOP = 60.0  # dB; above it the figure means "clean"


@dataclass(frozen=True)
class LineSound:
    """The original sound of one line, 16 kHz mono float32; `name` is how messages call it, e.g. "cue 4"."""

    name: str
    samples: FloatArray


@dataclass(frozen=True)
class Source:
    """A stretch that went into a reference: where it comes from, in seconds from that line's start."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class VoiceReference:
    """One speaker's voice: 16 kHz mono stretches of speech, one after the other.

    `snr_db` compares speech with what is heard between it (None where nothing is), `median_f0_hz` is None when no
    pitch was found; `warnings` are sentences for the user.
    """

    samples: FloatArray
    sources: tuple[Source, ...]
    seconds: float
    snr_db: float | None
    median_f0_hz: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Stretch:
    source: Source
    order: int
    samples: FloatArray
    clipped: bool

    @property
    def seconds(self) -> float:
        return len(self.samples) / SPEECH_RATE


def voice_reference(lines: Iterable[LineSound], speaker: str, wanted: float = WANTED) -> VoiceReference:
    """Up to `wanted` seconds of `speaker`'s clearest speech: unclipped stretches first, then the longest.

    Raises:
        CueError: the lines hold less than a second of speech.
    """
    stretches: list[_Stretch] = []
    between: list[FloatArray] = []
    names: list[str] = []
    for line in lines:
        names.append(line.name)
        intervals = speech_intervals(line.samples)
        between.append(_outside(line.samples, intervals))
        stretches += _stretches(line, intervals, len(stretches))
    heard = sum(stretch.seconds for stretch in stretches)
    if heard < LEAST:
        raise _unheard(speaker, names, heard)
    chosen = _choose(stretches, wanted)
    samples = np.concatenate([_faded(stretch.samples) for stretch in chosen])
    seconds = len(samples) / SPEECH_RATE
    snr = _snr(samples, np.concatenate(between))
    state = condition(np.concatenate([*(stretch.samples for stretch in chosen), *between]), ())
    if snr is not None and snr < DROWNED and state.span_db < DROWNED_SPAN:
        raise _drowned(speaker, snr, state)
    return VoiceReference(
        samples=samples,
        sources=tuple(stretch.source for stretch in chosen),
        seconds=seconds,
        snr_db=snr,
        median_f0_hz=median_f0(samples),
        warnings=tuple(_warnings(speaker, chosen, snr, condition(samples, ()), state)),
    )


def _stretches(line: LineSound, intervals: list[Interval], order: int) -> list[_Stretch]:
    found: list[_Stretch] = []
    for interval in _joined(intervals):
        samples = _cut(line.samples, interval)
        if samples.size and _rms(samples) >= SILENT:
            clipped = float(np.mean(np.abs(samples) >= FULL_SCALE)) > CLIPPED
            source = Source(line.name, interval.start, interval.end)
            found.append(_Stretch(source, order + len(found), samples, clipped))
    return found


def _joined(intervals: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for interval in intervals:
        if joined and interval.start - joined[-1].end <= PAUSE_KEPT:
            joined[-1] = Interval(joined[-1].start, interval.end)
        else:
            joined.append(interval)
    return joined


def _choose(stretches: list[_Stretch], wanted: float) -> list[_Stretch]:
    # Clipped ones only when the others do not make a second.
    clean = [stretch for stretch in stretches if not stretch.clipped]
    usable = clean if sum(stretch.seconds for stretch in clean) >= LEAST else stretches
    chosen: list[_Stretch] = []
    left = wanted
    for stretch in sorted(usable, key=lambda s: -s.seconds):
        if left < 0.2:
            break
        chosen.append(_shortened(stretch, left))
        left -= chosen[-1].seconds
    return sorted(chosen, key=lambda s: s.order)


def _shortened(stretch: _Stretch, seconds: float) -> _Stretch:
    samples = stretch.samples[: int(seconds * SPEECH_RATE)]
    source = stretch.source
    end = source.start + len(samples) / SPEECH_RATE
    return _Stretch(Source(source.name, source.start, end), stretch.order, samples, stretch.clipped)


def _warnings(
    speaker: str, chosen: list[_Stretch], snr: float | None, voice: SoundCondition, whole: SoundCondition
) -> list[str]:
    """What makes the reference a doubtful one: of the `voice` itself, and of the `whole` with what surrounds it."""
    who, seconds = f"The voice of '{speaker}'", voice.seconds
    said = []
    if seconds < SHORT:
        said.append(f"{who} is known from {seconds:.1f} s of speech only; {SHORT:.0f} s or more are better.")
    if voice.musical:
        said.append(f"Music is heard under the voice of '{speaker}'; a recording without it, or other lines, help.")
    elif snr is not None and snr < NOISY and whole.span_db < NOISY_SPAN:
        said.append(f"{who} stands only {snr:.0f} dB above the sound around it; a cleaner recording helps.")
    elif snr is None and voice.noisy:
        said.append(f"{who} hardly stands above the noise in it; a cleaner recording helps.")
    if any(stretch.clipped for stretch in chosen):
        said.append(f"{who} is distorted by clipping in all of its lines: {voice.clipped:.1%} is at full scale.")
    return said


def _unheard(speaker: str, names: list[str], heard: float) -> CueError:
    where = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    return CueError(
        f"The voice of '{speaker}' cannot be heard: {heard:.1f} s of speech in {where or 'no line at all'}.",
        cause=f"A reference needs at least {LEAST:.0f} s.",
        fix="Check the cue times against the original sound, or give a recording of the speaker.",
    )


def _drowned(speaker: str, snr: float, state: SoundCondition) -> CueError:
    what = "music" if state.musical else "noise"
    return CueError(
        f"The voice of '{speaker}' is drowned in {what}: it stands {snr:.0f} dB above what is heard around it.",
        cause="What could be taken from it is hardly nearer to that speaker than to a stranger.",
        fix="Choose other lines (codub cast voice --cue N), or give a recording: codub cast voice --recording FILE.",
    )


def _outside(samples: FloatArray, intervals: list[Interval]) -> FloatArray:
    mask = np.ones(len(samples), dtype=bool)
    for interval in intervals:
        mask[int(interval.start * SPEECH_RATE) : int(interval.end * SPEECH_RATE) + 1] = False
    return samples[mask]


def _snr(speech: FloatArray, noise: FloatArray) -> float | None:
    if len(noise) < SPEECH_RATE // 10:
        return None
    noise_power = max(_rms(noise) ** 2, 1e-12)
    speech_power = max(_rms(speech) ** 2 - noise_power, 1e-12)
    return float(min(10 * np.log10(speech_power / noise_power), SNR_TOP))


def _cut(samples: FloatArray, interval: Interval) -> FloatArray:
    return samples[int(interval.start * SPEECH_RATE) : int(interval.end * SPEECH_RATE)]


def _faded(samples: FloatArray) -> FloatArray:
    length = min(int(FADE * SPEECH_RATE), len(samples) // 2)
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    faded = samples.astype(np.float32, copy=True)
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded


def _rms(samples: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
