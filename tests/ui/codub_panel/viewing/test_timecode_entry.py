from fractions import Fraction

import pytest

from codub.media.clock import clock_timecode
from codub_panel.viewing.timecode_entry import typed_timecode

NTSC = Fraction(30000, 1001)
HERE = {Fraction(25): Fraction(3600) + 10, NTSC: 107_892 / NTSC}  # 01:00:10:00, 01:00:00;00


@pytest.mark.parametrize(
    ("text", "rate", "expected"),
    [
        ("01:00:11:12", 25, "01:00:11:12"),
        ("1001112", 25, "01:00:11:12"),
        ("1112", 25, "01:00:11:12"),
        ("7", 25, "01:00:10:07"),
        ("12:03", 25, "01:00:12:03"),
        ("12.", 25, "01:00:12:00"),
        ("+12", 25, "01:00:10:12"),
        ("-1", 25, "01:00:09:24"),
        ("01:01:00:02", NTSC, "01:01:00;02"),
        ("01:01:00;02", NTSC, "01:01:00;02"),
        ("-1", NTSC, "00:59:59;29"),
        ("+1800", NTSC, "01:01:00;02"),
    ],
)
def test_what_editors_type_is_understood(text, rate, expected):
    rate = Fraction(rate)
    assert clock_timecode(typed_timecode(text, HERE[rate], rate), rate) == expected


@pytest.mark.parametrize("text", ["", "abc", "01:00:00:25", "1:2:3:4:5", "+x", "123456789"])
def test_what_is_no_timecode_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  int() says it in its own words
        typed_timecode(text, HERE[Fraction(25)], Fraction(25))
