from fractions import Fraction

import numpy as np
import pytest

from codub_panel.viewing.footage import Stretch
from codub_panel.viewing.player import Player

RATE = Fraction(25)


class Clock:
    """A clock that stands where the test puts it."""

    def __init__(self) -> None:
        self.samples = 0
        self.feed = None
        self.starts = 0

    def start(self, feed) -> None:
        self.samples, self.feed = 0, feed
        self.starts += 1

    def stop(self) -> None:
        self.feed = None

    def heard(self) -> int:
        return self.samples

    def pass_frames(self, frames: float) -> None:
        self.samples += round(frames * 1920)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(clock) -> Player:
    player = Player(clock)
    player.load(Stretch(RATE, Fraction(4), 20, -10, 32))
    return player


def go(player: Player, clock: Clock, frames: float) -> int:
    clock.pass_frames(frames)
    player.tick()
    return player.frame


def test_space_plays_and_stands_still_where_it_is(player, clock):
    player.toggle()
    assert go(player, clock, 3.5) == 3
    player.toggle()
    assert not player.playing
    assert clock.feed is None
    assert player.frame == 3


def test_l_and_j_double_up_to_eight_and_turn_at_once(player):
    speeds = []
    for key in (*[player.forward] * 5, player.backward, player.backward, player.forward, player.stop):
        key()
        speeds.append(player.speed)
    assert speeds == [1, 2, 4, 8, 8, -1, -2, 1, 0]


def test_speeds_move_as_many_frames(player, clock):
    player.forward()
    player.forward()
    assert go(player, clock, 3) == 6
    player.backward()
    assert go(player, clock, 4) == 1


def test_a_late_tick_skips_frames_and_a_tick_in_time_repeats_none(player, clock):
    player.play()
    assert go(player, clock, 7.9) == 7
    clock.pass_frames(0.05)
    assert not player.tick()
    clock.pass_frames(0.1)
    assert player.tick()


def test_it_goes_round_the_line_with_its_rolls(player, clock):
    player.go_to(30)
    player.play()
    assert [go(player, clock, 1) for _ in range(4)] == [31, -10, -9, -8]


def test_without_the_loop_it_ends_on_the_last_frame(player, clock):
    player.set_loop(False)
    player.go_to(30)
    player.play()
    assert go(player, clock, 5) == 31
    assert not player.playing
    player.play()  # and begins anew from there
    assert go(player, clock, 0) == -10


def test_marks_bound_the_loop(player, clock):
    player.go_to(5)
    player.set_in()
    player.go_to(8)
    player.set_out()
    assert player.range == (5, 9)
    player.play()
    assert [go(player, clock, 1) for _ in range(3)] == [5, 6, 7]
    player.clear_marks()
    assert player.range == (-10, 32)


def test_an_in_point_behind_the_out_point_takes_it_away(player):
    player.go_to(8)
    player.set_out()
    player.go_to(9)
    player.set_in()
    assert (player.mark_in, player.mark_out) == (9, None)


def test_home_and_end_go_to_the_line_and_then_to_all_of_it(player):
    player.go_to(7)
    seen = []
    for key in (player.home, player.home, player.finish, player.finish):
        key()
        seen.append(player.frame)
    assert seen == [0, -10, 19, 31]


def test_steps_are_exact_and_stop_and_stay_inside(player, clock):
    player.play()
    go(player, clock, 2)
    player.step(1)
    assert (player.frame, player.playing) == (3, False)
    player.step(-99)
    assert player.frame == -10
    player.step(99)
    assert player.frame == 31


def test_going_somewhere_while_playing_plays_on_from_there(player, clock):
    player.play()
    go(player, clock, 2)
    player.go_to(10)
    assert player.playing
    assert go(player, clock, 1) == 11
    assert clock.starts == 2


def test_the_sound_fed_is_that_of_the_playhead_and_can_be_exchanged_meanwhile(player, clock):
    frames = np.repeat(np.arange(-10, 32), 1920)[:, None].astype(np.float32)
    player.track = np.repeat(frames, 2, axis=1)
    player.go_to(4)
    player.play()
    assert clock.feed(0, 1)[0, 0] == 4
    assert clock.feed(1920 * 3, 1)[0, 1] == 7
    player.track = player.track + 100
    assert clock.feed(1920 * 4, 1)[0, 0] == 108


def test_another_line_begins_at_its_start_without_marks(player):
    player.go_to(3)
    player.set_in()
    player.load(Stretch(RATE, Fraction(9), 5, -2, 7))
    assert (player.frame, player.range, len(player.track)) == (0, (-2, 7), 0)


def test_an_empty_stretch_does_not_play(clock):
    player = Player(clock)
    player.play()
    assert not player.playing


@pytest.mark.parametrize(
    ("speed", "expected"), [(1, [30, 31, -10, -9]), (4, [30, -8, -4, 0]), (-1, [30, 29, 28, 27]), (0, [30, 31, 29, 28])]
)
def test_what_comes_next_is_known_in_order(player, speed, expected):
    player.go_to(30)
    player.play(speed)
    assert player.upcoming(4) == expected


def test_what_comes_is_no_more_than_there_is(player):
    player.play()
    assert sorted(player.upcoming(999)) == list(range(-10, 32))
    player.stop()
    assert sorted(player.upcoming(999)) == list(range(-10, 32))


def test_a_selected_stretch_is_played_round_and_stood_in(player, clock):
    player.set_range(5, 9)
    assert (player.frame, player.range) == (5, (5, 10))
    player.set_range(-99, 99)
    assert (player.frame, player.range) == (5, (-10, 32))
