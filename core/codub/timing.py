"""Frames, seconds, samples and latent steps convert here and nowhere else; rates are exact fractions."""

from fractions import Fraction

SPEECH_RATE = 16_000  # Hz, mono: what recognisers, speaker encoders and speech encoders hear
DELIVERY_RATE = 48_000  # Hz: what takes and masters are written at

# Rates that files state as decimals, and what they mean (SMPTE).
_DECIMAL_RATES = {
    Fraction(23976, 1000): Fraction(24000, 1001),
    Fraction(2398, 100): Fraction(24000, 1001),
    Fraction(2997, 100): Fraction(30000, 1001),
    Fraction(5994, 100): Fraction(60000, 1001),
    Fraction(11988, 100): Fraction(120000, 1001),
    Fraction(4795, 100): Fraction(48000, 1001),
}


def exact_rate(rate: float | Fraction | int) -> Fraction:
    """Exact picture rate in frames/s for a rate that a file stated as a float, e.g. 29.97 -> 30000/1001.

    Raises:
        ValueError: the rate is not positive and finite.
    """
    if not 0 < float(rate) < float("inf"):
        raise ValueError(f"a rate must be positive and finite, got {rate!r}")
    if isinstance(rate, int | Fraction):
        return Fraction(rate)
    for decimal, exact in _DECIMAL_RATES.items():
        if abs(rate - float(decimal)) < 5e-3 and abs(rate - float(exact)) < 5e-3:
            return exact
    whole = round(rate)
    if abs(rate - whole) < 1e-6:
        return Fraction(whole)
    return Fraction(rate).limit_denominator(1001)


def frames_to_seconds(frames: int | Fraction, rate: Fraction) -> Fraction:
    """Start time in seconds of frame number `frames` at `rate` frames/s."""
    return Fraction(frames) / rate


def seconds_to_frames(seconds: Fraction | float, rate: Fraction) -> int:
    """Number of the frame that is nearest to `seconds`; halves round up."""
    return _round_half_up(_fraction(seconds) * rate)


def seconds_to_samples(seconds: Fraction | float, sample_rate: int) -> int:
    """Number of the sample nearest to `seconds`; halves round up."""
    return _round_half_up(_fraction(seconds) * sample_rate)


def frames_to_samples(frames: int, rate: Fraction, sample_rate: int) -> int:
    """Number of samples that last as long as `frames` pictures, to the nearest sample."""
    return _round_half_up(Fraction(frames) / rate * sample_rate)


def samples_to_seconds(samples: int, sample_rate: int) -> Fraction:
    """Exact duration of `samples` samples."""
    return Fraction(samples, sample_rate)


def frame_times(first: int, count: int, rate: Fraction) -> list[float]:
    """Mid-exposure times in seconds of `count` frames starting with number `first`."""
    return [float((Fraction(first + i) + Fraction(1, 2)) / rate) for i in range(count)]


def timecode(seconds: Fraction | float, rate: Fraction) -> str:
    """Non-drop `HH:MM:SS:FF` for messages; OTIO makes the timecode that is written to files."""
    nominal = _round_half_up(rate)
    frames = seconds_to_frames(seconds, rate)
    sign = "-" if frames < 0 else ""
    whole, ff = divmod(abs(frames), nominal)
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{ff:02d}"


def _fraction(seconds: Fraction | float) -> Fraction:
    return seconds if isinstance(seconds, Fraction) else Fraction(seconds)


def _round_half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
