"""Frames, seconds and samples: exact at every rate that pictures run at."""

import itertools
import math
from fractions import Fraction

import pytest
from made_timelines import RATES

from codub.timing import (
    exact_rate,
    frame_times,
    frames_to_samples,
    frames_to_seconds,
    samples_to_seconds,
    seconds_to_frames,
    seconds_to_samples,
    timecode,
)

F = Fraction


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        (23.976, F(24000, 1001)),
        (23.98, F(24000, 1001)),
        (24000 / 1001, F(24000, 1001)),
        (29.97, F(30000, 1001)),
        (59.94, F(60000, 1001)),
        (119.88, F(120000, 1001)),
        (47.952, F(48000, 1001)),
        (24.0, F(24)),
        (25, F(25)),
        (12.5, F(25, 2)),
        (F(30000, 1001), F(30000, 1001)),
    ],
)
def test_a_stated_rate_means_an_exact_one(stated: float, meant: Fraction) -> None:
    assert exact_rate(stated) == meant


@pytest.mark.parametrize("rate", [0, -25, math.nan, math.inf])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        exact_rate(rate)


@pytest.mark.parametrize("rate", RATES)
def test_frames_come_back_over_a_feature_film(rate: Fraction) -> None:
    for frame in (0, 1, 999, 24 * 3600 * 3 + 1):
        assert seconds_to_frames(frames_to_seconds(frame, rate), rate) == frame
        # seconds kept as a float by another program still name the frame
        assert seconds_to_frames(float(frames_to_seconds(frame, rate)), rate) == frame


def test_halves_round_up_on_both_sides_of_zero() -> None:
    assert [seconds_to_frames(F(n, 2), F(1)) for n in (-3, -1, 1, 3)] == [-1, 0, 1, 2]
    assert seconds_to_samples(F(1, 96_000), 48_000) == 1
    assert seconds_to_samples(F(999, 96_000_000), 48_000) == 0


def test_samples_of_odd_rates_do_not_drift() -> None:
    # 1001 frames of 24000/1001 last 1001 * 1001 / 24000 s exactly
    assert frames_to_samples(24_000, F(24000, 1001), 48_000) == 1001 * 48_000
    starts = [frames_to_samples(n, F(30000, 1001), 48_000) for n in range(6)]
    assert [b - a for a, b in itertools.pairwise(starts)] == [1602, 1601, 1602, 1601, 1602]
    assert starts[5] == 8008


def test_sample_durations_are_exact() -> None:
    assert samples_to_seconds(1, 48_000) * 48_000 == 1
    assert seconds_to_samples(samples_to_seconds(12_345, 44_100), 44_100) == 12_345


def test_frames_are_seen_at_their_middle() -> None:
    assert frame_times(2, 3, F(25)) == [0.1, 0.14, 0.18]
    assert frame_times(0, 1, F(24000, 1001)) == [pytest.approx(1001 / 48_000, rel=1e-15)]


@pytest.mark.parametrize(
    ("seconds", "rate", "said"),
    [
        (F(0), F(25), "00:00:00:00"),
        (F(3725) + F(24, 25), F(25), "01:02:05:24"),
        (F(-1, 25), F(25), "-00:00:00:01"),
        (F(1001), F(24000, 1001), "00:16:40:00"),  # 24000 frames counted at 24
    ],
)
def test_timecode_counts_frames(seconds: Fraction, rate: Fraction, said: str) -> None:
    assert timecode(seconds, rate) == said
