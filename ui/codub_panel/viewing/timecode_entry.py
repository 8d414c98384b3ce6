"""Timecodes as editors type them: whole, without the marks, only the end of one, or so many frames on or back."""

from fractions import Fraction

from codub.media.clock import clock_timecode, timecode_seconds
from codub.timing import frames_to_seconds


def typed_timecode(text: str, here: Fraction, rate: Fraction) -> Fraction:
    """Seconds on the clock that is meant by `text`, typed while the clock shows `here`.

    `01:00:10:12`, `1001012` (from the right: frames, seconds ...), `+12` and `-5` (frames from here). What is left out
    on the left is taken from `here`. At 30000/1001 and its multiples the numbers are those of drop frame.

    Raises:
        ValueError: it is no timecode at this rate.
    """
    text = text.strip()
    if text[:1] in ("+", "-"):
        return here + frames_to_seconds(int(text), rate)
    shown = clock_timecode(here, rate)
    fields = text.replace(";", ":").replace(".", ":").replace(",", ":").split(":")
    if len(fields) == 1:
        digits = fields[0]
        if not digits.isdecimal() or len(digits) > 8:
            raise ValueError(f"{text!r} is no timecode")
        fields = [digits[max(0, end - 2) : end] for end in range(len(digits), 0, -2)][::-1]
    kept = shown.replace(";", ":").split(":")[: 4 - len(fields)] if len(fields) < 4 else []
    whole = ":".join([*kept, *(field or "0" for field in fields)])
    hours, _, frames = whole.rpartition(":")
    return timecode_seconds(f"{hours};{frames}" if ";" in shown else whole, rate)
