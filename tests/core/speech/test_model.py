import math

import pytest

from codub.errors import UsageError
from codub.speech.model import PLAIN, Delivery


def test_the_default_is_plain() -> None:
    assert Delivery() == PLAIN == Delivery(1.0, 0.0, 0.0, 1.0, ())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"pace": 0.0}, r"pace of 0 is out of bounds.*0.5 to 2"),
        ({"pitch": 13.0}, "pitch of 13"),
        ({"energy": -40.0}, "energy of -40"),
        ({"variation": -0.1}, "variation of -0.1"),
        ({"pace": math.nan}, "pace of nan"),
        ({"durations": (None, 0.0)}, "sound of 0 s"),
        ({"durations": (99.0,)}, "sound of 99 s"),
    ],
)
def test_what_is_out_of_bounds_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Delivery(**values)  # type: ignore[arg-type]
