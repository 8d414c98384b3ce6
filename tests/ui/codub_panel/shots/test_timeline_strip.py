import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from fractions import Fraction

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent

from codub_panel.desk import Desk
from codub_panel.project.session import LineState
from codub_panel.shots.strip_lanes import Block, Lane, merged
from codub_panel.shots.timeline_strip import TimelineStrip
from codub_panel.theme import theme


@pytest.fixture
def strip(qtbot, session):
    desk = Desk(session)
    widget = TimelineStrip(session, desk)
    qtbot.addWidget(widget)
    widget.desk = desk
    widget.resize(92 + 480, 120)
    widget.show()
    return widget


def ink(strip: TimelineStrip, seconds: float) -> str:
    """Colour in the middle of the lane of lines."""
    image = strip.grab().toImage()
    y = 22 + 18
    return QColor(image.pixel(strip.x_of(seconds) + 1, y)).name()


def wheel(strip: TimelineStrip, x: float, turned: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    at = QPointF(x, 40)
    strip.wheelEvent(
        QWheelEvent(
            at, at, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
        )
    )


def test_all_of_it_is_in_sight_at_first(strip):
    assert strip.duration == pytest.approx(2.4)
    assert strip.x_of(0) == 92
    assert strip.x_of(2.4) == strip.width()


def test_lines_have_the_colour_of_their_state(strip, session, qtbot):
    assert ink(strip, 0.4) == theme().new
    session.enqueue([1])
    qtbot.waitUntil(lambda: ink(strip, 0.4) == theme().state(LineState.QUEUED).name())
    assert ink(strip, 1.2) == theme().new


def test_a_click_goes_there(strip, qtbot):
    sought = []
    strip.desk.sought.connect(sought.append)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.x_of(1.2), 60))
    assert float(sought[0]) == pytest.approx(1.2, abs=0.01)
    assert strip.desk.numbers == (2,)


def test_arrows_go_from_line_to_line(strip, qtbot):
    strip.desk.take_up((1,))
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.desk.numbers == (2,)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.desk.numbers == (5,)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.desk.numbers == (2,)


def test_zooming_keeps_what_is_under_the_pointer(strip):
    x = strip.x_of(1.2)
    wheel(strip, x, 240, Qt.KeyboardModifier.ControlModifier)
    assert strip.scale == pytest.approx(2.4 / 480 / 1.5625)
    assert strip.x_of(1.2) == pytest.approx(x, abs=1)
    wheel(strip, x, -1200, Qt.KeyboardModifier.ControlModifier)
    assert strip.left == 0
    assert strip.x_of(2.4) == strip.width()


def test_the_wheel_scrolls_within_the_timeline(strip):
    strip.zoom(4.0, 92)
    wheel(strip, 300, -120)
    assert strip.left > 0
    wheel(strip, 300, -12_000)
    assert strip.x_of(2.4) == strip.width()
    wheel(strip, 300, 12_000)
    assert strip.left == 0


def test_the_line_in_hand_is_brought_into_sight(strip, qtbot):
    strip.desk.take_up((5,))
    strip.show_line()
    assert strip.x_of(1.6) > 92
    strip.show_everything()
    assert strip.x_of(2.4) == strip.width()


def test_it_says_what_lies_under_the_pointer(strip):
    y = 22 + 10
    assert strip.told_at(strip.x_of(1.2), y) == "2  new\nNo lo sé."
    assert strip.told_at(strip.x_of(1.2), 5) == ""


def test_the_playhead_is_where_the_desk_points(strip):
    strip.desk.point(Fraction(1))
    image = strip.grab().toImage()
    assert QColor(image.pixel(strip.x_of(1.0), 100)).name() == theme().accent


def test_blocks_are_found_by_time():
    lane = Lane.of("V1", [Block(4, 5, "c"), Block(0, 3, "a"), Block(1, 2, "b")])
    assert [block.name for block in lane.between(1.5, 4.5)] == ["a", "b", "c"]
    assert [block.name for block in lane.between(2.5, 3.5)] == ["a"]
    assert lane.name_at(1.5) == "b"
    assert lane.name_at(3.5) == ""


def test_what_shares_a_pixel_is_painted_once_for_each_ink():
    blocks = [Block(n / 1000, n / 1000 + 0.0005, "", "new" if n % 2 else "review") for n in range(10_000)]
    shown = merged(blocks, lambda seconds: round(seconds * 10), 10_000)
    assert len(shown) <= 10_000
    by_state = [Block(b.start, b.end, "", "new") for b in blocks]
    assert len(merged(by_state, lambda seconds: round(seconds * 10), 10_000)) <= 101
