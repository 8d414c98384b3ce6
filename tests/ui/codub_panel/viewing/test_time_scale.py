import pytest

from codub_panel.viewing.time_scale import TimeScale

ALL = TimeScale.of_all(10.0, 20.0, 1000)


def test_all_of_it_fits():
    assert (ALL.x(10), ALL.x(20)) == (0, 1000)
    assert ALL.seconds(ALL.x(13.7)) == pytest.approx(13.7)


@pytest.mark.parametrize("x", [0, 250, 999])
def test_zooming_keeps_the_moment_under_the_mouse(x):
    near = ALL.zoomed(8, x)
    assert near.seconds(x) == pytest.approx(ALL.seconds(x))
    assert near.per_pixel == pytest.approx(ALL.per_pixel / 8)


def test_zoom_and_pan_stay_inside():
    assert ALL.zoomed(0.1, 500) == ALL
    near = ALL.zoomed(10, 500)
    assert near.panned(10**6).right == pytest.approx(20)
    assert near.panned(-(10**6)).left == 10
    assert ALL.zoomed(1e9, 500).per_pixel == 0.0002


def test_a_moment_out_of_sight_turns_the_page():
    near = ALL.zoomed(10, 0)
    assert near.showing(10.5) == near
    turned = near.showing(15)
    assert turned.x(15) == pytest.approx(100)


def test_marks_of_the_ruler_are_round_and_apart():
    step, marks = ALL.marks(90)
    assert step == 1
    assert marks == list(range(10, 21))
    step, marks = ALL.zoomed(100, 0).marks(90)
    assert step == 0.02
    assert marks[1] - marks[0] == pytest.approx(0.02)


def test_another_width_shows_the_same_time():
    wide = ALL.zoomed(4, 300).resized(2000)
    assert (wide.left, wide.right) == pytest.approx((ALL.zoomed(4, 300).left, ALL.zoomed(4, 300).right))
