"""Start timecodes against OTIO's arithmetic, an independent implementation."""

from fractions import Fraction

import opentimelineio as otio
import pytest

from codub.media.clock import clock_timecode, timecode_seconds


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


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001"])
def test_timecodes_shown_agree_with_otio_and_are_read_back(rate: str) -> None:
    exact = Fraction(rate)
    for number in [*range(0, 3700, 7), 1798, 1799, 1800, 17981, 17982, 17983, 107892, 2071000]:
        shown = clock_timecode(Fraction(number) / exact, exact)
        assert shown == otio.opentime.to_timecode(otio.opentime.RationalTime(number, float(exact)), float(exact))
        assert timecode_seconds(shown, exact) == Fraction(number) / exact
