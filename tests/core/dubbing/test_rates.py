"""Rates are estimates until something was measured, and what was measured is there the next time."""

from pathlib import Path

import pytest

from codub.dubbing.estimate import BUSY_CORES, COSTS, FACE_PER_FRAME
from codub.dubbing.profile import load_profile
from codub.dubbing.rates import Rates

EMBEDDED = load_profile("embedded")


def rates(folder: Path, device: str = "cpu") -> Rates:
    return Rates(folder, EMBEDDED, device, speed=lambda: 2.0)


def test_before_anything_was_measured_the_machines_speed_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    fresh = rates(tmp_path)
    assert fresh.voice(10) == pytest.approx(10 * COSTS["kokoro"].per_second / 2 / BUSY_CORES)
    assert fresh.picture(100) == pytest.approx(100 * FACE_PER_FRAME / 2 / BUSY_CORES)


def test_what_was_measured_counts_the_newest_more_and_stays(tmp_path: Path) -> None:
    first = rates(tmp_path)
    first.measured("voice", 2.0, 4.0)
    assert first.voice(1) == 2.0
    for _ in range(20):
        first.measured("voice", 1.0, 1.0)
    assert first.voice(1) == pytest.approx(1.0, abs=0.01)
    first.measured("picture", 0, 5.0)  # says nothing
    later = rates(tmp_path)
    assert later.voice(3) == pytest.approx(first.voice(3))
    assert rates(tmp_path, "cuda").voice(1) != pytest.approx(first.voice(1))  # another device, another rate


@pytest.mark.parametrize("text", ["{", "[]", '{"embedded on cpu": 3}', '{"embedded on cpu": {"voice": "fast"}}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "rates.json").write_text(text, encoding="utf-8")
    mended = rates(tmp_path)
    mended.measured("picture", 10, 5.0)
    assert rates(tmp_path).picture(2) == pytest.approx(1.0)
