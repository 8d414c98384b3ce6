import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import Qt

from codub.speech.model import PLAIN, Delivery
from codub_panel.desk import Desk
from codub_panel.sound.delivery_view import DeliveryView


@pytest.fixture
def desk(qtbot, session) -> Desk:
    return Desk(session)


@pytest.fixture
def view(qtbot, session, desk) -> DeliveryView:
    view = DeliveryView(session, desk)
    qtbot.addWidget(view)
    view.resize(420, 220)
    view.show()
    desk.take_up((1,))
    qtbot.waitUntil(lambda: view.rows["pace"].slider.isEnabled())
    return view


def test_it_shows_what_the_line_has_beside_its_defaults(view, qtbot, session):
    session.set_delivery(1, Delivery(pace=1.2, pitch=-3.5))
    qtbot.waitUntil(lambda: view.rows["pace"].number.value() == 1.2)
    assert view.rows["pitch"].number.value() == -3.5
    assert view.rows["pitch"].slider.value() == 85
    assert [row.default.text() for row in view.rows.values()] == ["1.00", "0.0", "0.0", "1.00", "0.00"]
    assert view.rows["pace"].default.isEnabled()
    assert not view.rows["energy"].default.isEnabled()


def test_slider_and_number_go_together_and_reach_the_session(view, qtbot, session):
    view.rows["energy"].slider.setValue(30)
    assert view.rows["energy"].number.value() == 3.0
    qtbot.waitUntil(lambda: session.line(1).delivery.energy == 3.0)
    view.rows["variation"].number.setValue(0.5)
    assert view.rows["variation"].slider.value() == 10
    qtbot.waitUntil(lambda: session.line(1).delivery == Delivery(energy=3.0, variation=0.5))


def test_a_dragged_slider_is_one_change_to_undo(view, qtbot, session):
    for at in range(60, 90):
        view.rows["pace"].slider.setValue(at)
    qtbot.waitUntil(lambda: session.line(1).delivery.pace == 1.39)
    assert session.undo() == "delivery of line 1"
    assert session.line(1).delivery == PLAIN
    qtbot.waitUntil(lambda: view.rows["pace"].number.value() == 1.0)


def test_all_lines_in_hand_are_changed_and_undone_together(view, qtbot, session, desk):
    session.set_delivery(2, Delivery(pitch=2.0))
    desk.take_up((1, 2))
    qtbot.waitUntil(lambda: "2 lines" in view.told.text())
    assert view.rows["pitch"].number.prefix().strip() == "\u2248"
    view.rows["pace"].number.setValue(1.1)
    qtbot.waitUntil(lambda: session.line(2).delivery == Delivery(pace=1.1, pitch=2.0))
    assert session.line(1).delivery == Delivery(pace=1.1)
    session.undo()
    assert [session.line(number).delivery.pace for number in (1, 2)] == [1.0, 1.0]


@pytest.mark.parametrize("way", ["key", "double click", "button"])
def test_the_default_is_one_step_away(view, qtbot, session, way):
    row = view.rows["pitch"]
    row.number.setValue(4)
    view.write()
    assert session.line(1).delivery.pitch == 4
    if way == "key":
        row.slider.setFocus()
        qtbot.keyClick(row.slider, Qt.Key.Key_Delete)
    elif way == "double click":
        qtbot.mouseDClick(row.slider, Qt.MouseButton.LeftButton)
    else:
        qtbot.waitUntil(row.default.isEnabled)
        row.default.click()
    view.write()
    assert session.line(1).delivery == PLAIN


def test_what_was_chosen_for_a_line_is_not_given_to_the_next_one(view, qtbot, session, desk):
    view.rows["pace"].number.setValue(1.5)
    desk.take_up((2,))
    qtbot.waitUntil(lambda: session.line(1).delivery.pace == 1.5)
    assert session.line(2).delivery == PLAIN
    qtbot.waitUntil(lambda: view.rows["pace"].number.value() == 1.0)


def test_all_defaults_leave_the_durations(view, session):
    session.set_delivery(1, Delivery(pace=1.5, energy=2.0, durations=(0.1, None)))
    view.all_defaults()
    assert session.line(1).delivery == Delivery(durations=(0.1, None))


def test_dubbing_anew_writes_first(view, qtbot, session, desk):
    view.rows["pace"].number.setValue(1.25)
    with qtbot.waitSignal(desk.wanted) as wanted:
        view.regenerate()
    assert wanted.args == [[1]]
    assert session.line(1).delivery.pace == 1.25


def test_the_focus_goes_through_the_controls_in_order(view):
    widget, seen = view.rows["pace"].slider, []
    for _ in range(20):
        if widget.accessibleName() and widget.accessibleName() not in seen:
            seen.append(widget.accessibleName())
        widget = widget.nextInFocusChain()
    assert [name for name in seen if ":" not in name][:4] == ["Pace", "Pitch", "Energy", "Variation"]


def test_without_a_line_nothing_can_be_chosen(view, qtbot, desk):
    desk.take_up(())
    qtbot.waitUntil(lambda: not view.rows["pace"].slider.isEnabled())
