"""Start timecodes against OTIO's arithmetic, an independent implementation."""

from fractions import Fraction

import opentimelineio as otio
import pytest

from codub.media.clock import timecode_seconds


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001"])
@pytest.mark.parametrize("time", ["00:00:00:00", "00:01:00:04", "00:10:00:00", "01:00:00:00", "23:59:59:23"])
@pytest.mark.parametrize("mark", [":", ";"])
def test_timecodes_agree_with_otio(rate: str, time: str, mark: str) -> None:
    exact = Fraction(rate)
    if mark == ";" and exact not in (Fraction(30000, 1001), Fraction(60000, 1001)):
        return
    stated = time[:8] + mark + time[9:]
    frames = otio.opentime.from_timecode(stated, float(exact)).value
    assert timecode_seconds(stated, exact) == Fraction(frames) / exact


@pytest.mark.parametrize("timecode", ["", "1:2:3", "00:00:00:25", "00:61:00:00", "aa:00:00:00", "-1:00:00:00"])
def test_what_is_no_timecode_is_refused(timecode: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|literal"):
        timecode_seconds(timecode, Fraction(25))
