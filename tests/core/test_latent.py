"""The joint space: windows asked by time, and no latent in a model of another space."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from codub.errors import LatentSpaceError
from codub.latent import EMBEDDED, HIERSPEECHPP, LatentSpace, PhonemeSpan, SpeechLatent
from codub.timing import frame_times


def ramp(space: LatentSpace = EMBEDDED, count: int = 80, **changes: Any) -> SpeechLatent:
    """Channel c at time t holds t + c, where t is the middle of each vector in seconds."""
    middles = (np.arange(count) + 0.5) / float(space.rate)
    curve = np.zeros(int(count * space.f0_rate / space.rate), np.float32)
    values: dict[str, Any] = {
        "space": space,
        "features": (middles[None] + np.arange(space.channels)[:, None]).astype(np.float32),
        "log_f0": curve,
        "energy": curve,
        "spans": (PhonemeSpan("a", 0.0, count / float(space.rate)),),
        **changes,
    }
    return SpeechLatent(**values)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50)])
@pytest.mark.parametrize("space", [EMBEDDED, HIERSPEECHPP])
def test_windows_hold_the_latent_round_each_frames_time(space: LatentSpace, rate: Fraction) -> None:
    latent, width = ramp(space, 2 * int(space.rate)), 11
    times = np.array(frame_times(10, 20, rate))  # far from both ends
    windows = latent.windows(times, width)
    assert windows.shape == (20, space.channels, width)
    assert windows.dtype == np.float32
    steps = (np.arange(width) - 5) / float(space.rate)
    truth = times[:, None] + steps[None]
    np.testing.assert_allclose(windows[:, 0], truth, atol=1e-5)
    np.testing.assert_allclose(windows[:, 7] - windows[:, 0], 7, atol=1e-5)


def test_a_window_on_a_vectors_middle_is_the_vector_itself() -> None:
    noise = np.random.default_rng(1).standard_normal((512, 80)).astype(np.float32)
    latent = ramp(features=noise)
    np.testing.assert_array_equal(latent.windows(np.array([20.5 / 40]), 5)[0], noise[:, 18:23])


def test_an_even_width_is_centred_too() -> None:
    window = ramp().windows(np.array([1.0]), 4)[0, 0]
    np.testing.assert_allclose(window, 1.0 + np.array([-1.5, -0.5, 0.5, 1.5]) / 40, atol=1e-6)


def test_beyond_the_ends_the_edges_repeat() -> None:
    latent = ramp(count=4)
    before, after = latent.windows(np.array([-3.0, 9.0]), 3)
    assert (before == latent.features[:, :1]).all()
    assert (after == latent.features[:, -1:]).all()


def test_another_space_is_refused_with_both_names() -> None:
    ramp(EMBEDDED).require(EMBEDDED)
    with pytest.raises(LatentSpaceError, match="'embedded' was given to a model of 'hierspeechpp'"):
        ramp(EMBEDDED).require(HIERSPEECHPP)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": np.zeros((1024, 80), np.float32)}, "512 channels"),
        ({"features": np.zeros(512, np.float32)}, "512 channels"),
        ({"log_f0": np.zeros(80, np.float32)}, r"log_f0 has shape \(80,\), expected \(160,\)"),
        ({"energy": np.zeros((1, 160), np.float32)}, r"energy has shape \(1, 160\)"),
    ],
)
def test_shapes_that_do_not_belong_together_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(LatentSpaceError, match=said):
        ramp(**changes)


def test_duration_is_exact() -> None:
    assert ramp(EMBEDDED, 101).duration == Fraction(101, 40)
    assert ramp(HIERSPEECHPP, 33).duration == Fraction(33, 50)


def test_spans_between_are_those_that_overlap() -> None:
    spans = tuple(PhonemeSpan(p, i / 2, (i + 1) / 2) for i, p in enumerate("abcd"))
    latent = ramp(spans=spans)
    assert [s.phoneme for s in latent.spans_between(0.5, 1.2)] == ["b", "c"]
    assert latent.spans_between(2.0, 3.0) == ()
    assert spans[1].duration == 0.5
