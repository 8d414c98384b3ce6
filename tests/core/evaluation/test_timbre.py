"""The second measure tells made-up people by the shape of their spectrum, whatever they say."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from codub.errors import UsageError
from codub.evaluation.timbre import AXES, MOVEMENT, equal_error_rate, learn_timbre, parts, statistics

RATE = 16_000


def speaking(person: int, line: int, seconds: float = 2.0) -> NDArray[np.float32]:
    """Noise in bursts through the person's three resonances: another line, other bursts and another mouth."""
    throat, mouth = np.random.default_rng(person), np.random.default_rng(1000 * person + line)
    sound = mouth.standard_normal(round(seconds * RATE))
    resonances = np.sort(throat.uniform(300, 4500, 3)) * mouth.uniform(0.98, 1.02, 3)
    for hertz in resonances:
        radius, angle = 0.96, 2 * np.pi * hertz / RATE
        sound = lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], sound)
    bursts = np.repeat(mouth.uniform(0.05, 1, len(sound) // 1600 + 1), 1600)[: len(sound)]
    return (0.1 * sound * bursts / np.abs(sound).max()).astype(np.float32)


def test_people_never_met_are_told_apart() -> None:
    space = learn_timbre({str(p): [statistics(speaking(p, line)) for line in range(3)] for p in range(40)})
    assert space.axes.shape == (72, AXES)
    placed = [(person, space.place(speaking(person, line))) for person in range(100, 108) for line in range(4)]
    pairs = list(combinations(placed, 2))
    rate = equal_error_rate([float(a @ b) for (_, a), (_, b) in pairs], [p == q for (p, _), (q, _) in pairs])
    assert rate < 0.1
    assert all(np.linalg.norm(place) == pytest.approx(1) for _, place in placed)


def test_a_filter_moves_the_timbre_and_not_the_movement() -> None:
    heard = {str(p): [statistics(speaking(p, line)) for line in range(3)] for p in range(40)}
    whole, movement = learn_timbre(heard), learn_timbre(heard, MOVEMENT)
    assert movement.axes.shape == (48, AXES)
    sound = speaking(100, 0)
    through = lfilter([1.0], [1, -1.2, 0.8], sound).astype(np.float32)  # a resonance at 2 kHz
    assert whole.place(sound) @ whole.place(through) < 0.95
    assert movement.place(sound) @ movement.place(through) > 0.99


def test_loudness_is_no_part_of_a_voice() -> None:
    sound = speaking(1, 1)
    np.testing.assert_allclose(statistics(sound), statistics(0.1 * sound), atol=2e-2)


def test_the_equal_error_rate_of_known_scores() -> None:
    assert equal_error_rate([0.9, 0.8, 0.2, 0.1], [True, True, False, False]) == 0
    assert equal_error_rate([0.1, 0.2, 0.8, 0.9], [True, True, False, False]) == pytest.approx(1.0, abs=0.3)
    assert equal_error_rate([0.9, 0.3, 0.5, 0.1], [True, True, False, False]) == 0.5
    chance = np.random.default_rng(0)
    assert equal_error_rate(chance.random(2000).tolist(), (chance.random(2000) < 0.5).tolist()) == pytest.approx(
        0.5, abs=0.05
    )


def test_too_little_to_tell_is_refused() -> None:
    with pytest.raises(UsageError, match="quarter of a second"):
        statistics(np.ones(2000, np.float32))
    with pytest.raises(UsageError, match="3 people are too few"):
        learn_timbre({str(p): [statistics(part) for part in parts(speaking(p, 0))] for p in range(3)})
