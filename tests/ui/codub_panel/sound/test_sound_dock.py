from fractions import Fraction

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from codub_panel.desk import Desk
from codub_panel.sound.boundaries import Kind
from codub_panel.sound.sound_dock import SoundDock
from codub_panel.theme import DARK, LIGHT, themes

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(qtbot, session) -> Desk:
    return Desk(session)


@pytest.fixture
def dock(qtbot, session, desk, hola):
    themes().choose("light")
    dock = SoundDock(session, desk)
    qtbot.addWidget(dock, before_close_func=SoundDock.close_dock)
    dock.resize(900, 320)
    dock.show()
    desk.take_up((1,))
    qtbot.waitUntil(lambda: dock.view.marking is not None, timeout=20_000)
    dock.view.setFocus()
    return dock


def boundary(dock: SoundDock, label: str, kind: Kind = Kind.PHONEME):
    return next(b for b in dock.view.marking.boundaries if b.kind is kind and b.label in (label, ""))


def key(qtbot, dock: SoundDock, *keys: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    for each in keys:
        qtbot.keyClick(dock.view, each, modifier)


def colours(dock: SoundDock, x: float, top: int, bottom: int) -> set[str]:
    image = dock.view.grab().toImage()
    return {QColor(image.pixel(round(x), y)).name() for y in range(top, bottom)}


def test_the_take_is_drawn_where_it_sounds_and_nowhere_else(dock):
    view, row = dock.view, dock.view._rows().waves[1]
    sounding = colours(dock, view.scale.x(1.0), row.top() + 30, row.bottom() - 30)
    silent = colours(dock, view.scale.x(0.2), row.center().y() + 5, row.bottom() - 2)
    assert LIGHT.accent in sounding
    assert LIGHT.accent not in silent


def test_words_and_phonemes_stand_under_their_sounds(dock):
    view, rows = dock.view, dock.view._rows()
    inside = view.scale.x(1.65)
    assert LIGHT.selected in colours(dock, view.scale.x(1.62), rows.words.top() + 2, rows.words.bottom())
    assert LIGHT.selected not in colours(dock, view.scale.x(1.3), rows.words.top() + 2, rows.words.bottom())
    assert LIGHT.window in colours(dock, inside, rows.phonemes.top() + 1, rows.phonemes.top() + 4)


def test_both_themes_are_painted(dock, qtbot):
    themes().choose("dark")
    row = dock.view._rows().waves[1]
    assert DARK.accent in colours(dock, dock.view.scale.x(1.0), row.top() + 30, row.bottom() - 30)
    themes().choose("light")


def test_a_phoneme_is_dragged_and_the_session_knows(dock, qtbot, session):
    view = dock.view
    row, begin = view._rows().phonemes.center().y(), view.scale.x(boundary(dock, "l").seconds)
    target = QPoint(round(view.scale.x(1.85)), row)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(round(begin), row))
    assert view.held.label == "l"
    qtbot.mouseMove(view, target)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=target)
    # "l" began at 1.7 s and is 0.15 s long now; what comes before keeps its length.
    assert session.line(1).delivery.durations == (0.05, 0.05, 0.15, None, None)
    assert boundary(dock, "l").edited
    assert "'l'" in dock.told.text()
    assert session.undo() == "delivery of line 1"
    qtbot.waitUntil(lambda: not boundary(dock, "l").edited)


def test_boundaries_are_chosen_and_moved_by_key_alone(dock, qtbot, session):
    key(qtbot, dock, Qt.Key.Key_Tab)
    assert dock.view.held.kind is Kind.CUE_START
    key(qtbot, dock, Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert session.line(1).cue.end == Fraction(82, 100)
    qtbot.waitUntil(lambda: boundary(dock, "", Kind.CUE_END).edited)
    assert "end of the cue" in dock.told.text()
    key(qtbot, dock, Qt.Key.Key_Left, modifier=SHIFT)
    assert session.line(1).cue.end == Fraction(78, 100)  # a frame back
    key(qtbot, dock, Qt.Key.Key_Delete)
    assert session.line(1).cue.end == Fraction(80, 100)
    key(qtbot, dock, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert dock.view.held.kind is Kind.PHONEME
    assert "end of phoneme" in dock.view.accessibleDescription()
    key(qtbot, dock, Qt.Key.Key_Right)
    assert session.line(1).delivery.durations
    key(qtbot, dock, Qt.Key.Key_Escape)
    assert dock.view.held is None


def test_tab_goes_on_behind_the_last_boundary(dock, qtbot):
    key(qtbot, dock, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    assert dock.view.held.kind is Kind.CUE_END
    key(qtbot, dock, Qt.Key.Key_Tab)
    assert dock.focusWidget() is not dock.view


def test_edits_are_taken_back_and_dubbed_by_one_key_each(dock, qtbot, session, desk):
    dock.view.hold(boundary(dock, "l"))
    dock.boundary_later()
    dock.view.hold(boundary(dock, "", Kind.CUE_END))
    dock.boundary_later()
    with qtbot.waitSignal(desk.wanted) as wanted:
        dock.regenerate()
    assert wanted.args == [[1]]
    with qtbot.waitSignal(desk.rehearsed) as rehearsed:
        dock.rehearse()
    assert rehearsed.args == [1]
    dock.reset_edits()
    assert session.line(1).edited == {"text"}
    assert session.undo() == "reset of line 1"
    assert session.line(1).edited == {"text", "window", "delivery"}


def test_what_cannot_be_done_is_said(dock, qtbot, session, desk):
    end = boundary(dock, "", Kind.CUE_END)
    with qtbot.waitSignal(desk.told) as told:
        dock.view.moved.emit(end, 0.05)
    assert "cannot last" in told.args[0].message
    assert session.line(1).cue.end == Fraction(4, 5)


def test_a_click_goes_there_and_a_drag_selects(dock, qtbot, desk):
    view, row = dock.view, dock.view._rows().waves[0].center().y()
    x = [QPoint(round(view.scale.x(seconds)), row) for seconds in (0.4, 0.5, 1.0)]
    with qtbot.waitSignal(desk.sought) as sought:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=x[0])
    assert float(sought.args[0]) == pytest.approx(0.4, abs=0.005)
    with qtbot.waitSignal(desk.ranged) as ranged:
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=x[1])
        qtbot.mouseMove(view, x[2])
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=x[2])
    assert [float(edge) for edge in ranged.args[0]] == pytest.approx([0.5, 1.0], abs=0.005)
    with qtbot.waitSignal(desk.ranged) as ranged:
        key(qtbot, dock, Qt.Key.Key_Escape)
    assert ranged.args == [None]


def test_the_wheel_zooms_on_the_mouse_and_keys_zoom_and_pan(dock, qtbot):
    view = dock.view
    at = QPointF(300, 60)
    before = view.scale
    wheel = QWheelEvent(
        at, at, QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    assert view.scale.per_pixel < before.per_pixel
    assert view.scale.seconds(300) == pytest.approx(before.seconds(300))
    left = view.scale.left
    dock.pan_right()
    assert view.scale.left > left
    key(qtbot, dock, Qt.Key.Key_0)
    assert view.scale == before


def test_the_playhead_is_drawn_where_the_desk_has_it(dock, desk):
    desk.point(Fraction(1, 4))
    assert "#d9480f" in colours(dock, int(dock.view.scale.x(0.25)), 0, 60)  # the pixel that it falls in


def test_a_line_without_a_take_shows_its_original(dock, qtbot, desk, session):
    desk.take_up((2,))
    qtbot.waitUntil(lambda: dock.view.picture is not None and dock.view.picture.take is None, timeout=20_000)
    assert [wave.label for wave in dock.view.picture.waves] == ["original"]
    desk.take_up(())
    qtbot.waitUntil(lambda: dock.view.marking is None)


def test_a_missing_sound_is_told_in_place(dock, qtbot, desk, session, hola):
    session.store.path(hola, "audio").unlink()
    desk.take_up((2,))
    qtbot.waitUntil(lambda: dock.view.picture is not None and dock.view.picture.take is None, timeout=20_000)
    desk.take_up((1,))
    qtbot.waitUntil(lambda: "audio.wav" in dock.told.text(), timeout=20_000)
    assert "audio.wav" in dock.view._message
