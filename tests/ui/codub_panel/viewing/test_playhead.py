from fractions import Fraction

import numpy as np
import pytest

from codub_panel.viewing.playhead import Course

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)]


@pytest.mark.parametrize("rate", RATES)
def test_each_frame_comes_when_its_time_comes_and_the_loop_has_no_seam(rate):
    course = Course(Fraction(3), 1, 0, 10, rate)
    edges = [-(-n * 48000 * rate.denominator // rate.numerator) for n in range(40)]
    assert [course.frame(edge) for edge in edges] == [(3 + n) % 10 for n in range(40)]
    assert [course.frame(edge - 1) for edge in edges[1:]] == [(3 + n) % 10 for n in range(39)]


def test_backwards_is_the_mirror_of_forwards():
    course = Course(Fraction(4), -1, 0, 10, Fraction(25))
    assert [course.frame(1920 * n) for n in range(6)] == [3, 2, 1, 0, 9, 8]
    assert Course(Fraction(4), -2, 0, 10, Fraction(25), loop=False).frame(10**6) == 0


def test_without_a_loop_it_ends_at_the_last_frame():
    course = Course(Fraction(8), 4, 0, 10, Fraction(25), loop=False)
    assert [course.frame(n * 480) for n in range(4)] == [8, 9, 9, 9]
    assert not course.over(959)
    assert course.over(960)


def test_a_start_before_the_way_is_run_up_to_once():
    course = Course(Fraction(-2), 1, 0, 5, Fraction(25))
    assert [course.frame(1920 * n) for n in range(9)] == [-2, -1, 0, 1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("speed", [1, 2, 8, -1, -4])
def test_the_sound_heard_is_that_of_the_frame_seen_on_every_sample(rate, speed):
    origin, frames = -5, 40
    count = round(frames / rate * 48000)
    # Sound whose every sample says, in frames, when it is.
    track = np.repeat((origin + np.arange(count) * float(rate) / 48000)[:, None], 2, axis=1).astype(np.float32)
    course = Course(Fraction(7), speed, -5, 31, rate)
    heard = course.sound(track, origin, 0, 300_000)[:, 0]
    numbers = np.arange(0, 300_000, 997)
    seen = np.array([course.frame(int(n)) for n in numbers]) + 0.5
    inside = (seen > -4) & (seen < 30)  # where the loop's ends are not faded
    assert np.abs(heard[numbers] - seen)[inside].max() <= 0.5 + abs(speed) * float(rate) / 48000 + 1e-3


def test_the_sound_comes_in_any_pieces_and_is_silent_beyond_the_end():
    track = np.random.default_rng(0).standard_normal((19200, 2)).astype(np.float32)
    course = Course(Fraction(0), 1, 0, 10, Fraction(25), loop=False)
    whole = course.sound(track, 0, 0, 30000)
    pieces = [course.sound(track, 0, first, 1000) for first in range(0, 30000, 1000)]
    np.testing.assert_array_equal(whole, np.concatenate(pieces))
    np.testing.assert_array_equal(whole[:19200], track)
    assert not whole[19200:].any()


def test_a_loops_jump_is_no_click():
    track = np.ones((19200, 2), np.float32)
    heard = Course(Fraction(5), 1, 0, 10, Fraction(25)).sound(track, 0, 0, 19200)[:, 0]
    assert np.abs(np.diff(heard)).max() < 0.01
    assert heard[9600] == 0
