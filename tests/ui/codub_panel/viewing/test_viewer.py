from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from codub.dubbing.record import TakeRecord
from codub_panel.viewing.footage import original_reel, take_reel
from codub_panel.viewing.picture_view import Mode
from codub_panel.viewing.speaker import Speaker
from codub_panel.viewing.viewer import Viewer

# Line 2 is 20 frames long; its frame n is of grey 60 + n in the original, of 170 + n in the take.


@pytest.fixture
def reels(session, films):
    take = TakeRecord(cue=2, language="es", text="x", speaker="ANA", seed=0, profile="embedded")
    kept = session.store.add(take, {"video0-0": films / "dubbed.mp4"})
    line = session.lines[1]
    return [original_reel(session, line), take_reel(session, line, kept)]


@pytest.fixture
def viewer(qtbot, reels):
    viewer = Viewer(speaker=Speaker(find=lambda: None))
    qtbot.addWidget(viewer, before_close_func=Viewer.close_dock)
    viewer.resize(660, 460)
    viewer.show()
    viewer.open(reels, Fraction(3600))
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0, 1: 0})
    return viewer


def grey(viewer: Viewer, across: float, down: float = 0.5) -> int:
    """Brightness painted at a share of the picture widget's width and height."""
    image = viewer.picture.grab().toImage()
    return QColor(image.pixel(int(image.width() * across), int(image.height() * down))).lightness()


def at(viewer: Viewer, qtbot, frame: int) -> None:
    viewer.go_to(frame)
    qtbot.waitUntil(lambda: set(viewer.shown_frames.values()) == {frame})


@pytest.mark.parametrize("frame", [-20, -1, 0, 7, 19, 39])
def test_every_frame_shown_is_the_one_named(viewer, qtbot, frame):
    at(viewer, qtbot, frame)
    assert grey(viewer, 0.25) == pytest.approx(60 + frame, abs=2)
    assert grey(viewer, 0.75) == pytest.approx(170 + frame, abs=2)


def test_steps_are_exact_on_both_sides(viewer, qtbot):
    for step in (1, 1, 1, -1):
        viewer.step(step)
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 2, 1: 2})
    assert grey(viewer, 0.25) == pytest.approx(62, abs=2)
    viewer.step(999)
    assert viewer.frame == 39


def test_a_b_shows_one_side_and_then_the_other(viewer, qtbot):
    viewer.toggle()
    assert viewer.mode is Mode.ORIGINAL
    assert grey(viewer, 0.5) == pytest.approx(60, abs=2)
    viewer.toggle()
    assert viewer.mode is Mode.TAKE
    qtbot.waitUntil(lambda: viewer.shown_frames == {1: 0})
    assert grey(viewer, 0.5) == pytest.approx(170, abs=2)


def test_the_wipe_is_moved_by_key_and_dragged(viewer, qtbot):
    viewer.show_wipe()
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0, 1: 0})
    assert grey(viewer, 0.4) == pytest.approx(60, abs=2)
    assert grey(viewer, 0.6) == pytest.approx(170, abs=2)
    for _ in range(4):
        viewer.wipe_left()
    assert grey(viewer, 0.4) == pytest.approx(170, abs=2)
    picture, middle = viewer.picture, viewer.picture.height() // 2
    line = round(picture._wipe_x())
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(line, middle))
    qtbot.mouseMove(picture, QPoint(int(picture.width() * 0.8), middle))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton)
    assert grey(viewer, 0.7) == pytest.approx(60, abs=2)


def test_the_difference_is_amplified_by_the_factor_shown(viewer, qtbot, session, films):
    reel = original_reel(session, session.lines[1])
    shifted = replace(
        reel, label="b", pictures=(replace(reel.pictures[0], middle=reel.pictures[0].middle + Fraction(3, 25)),)
    )
    viewer.open([reel, shifted])  # the same film, three frames on: 3 of 255 apart
    viewer.show_difference()
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0, 1: 0})
    assert grey(viewer, 0.5, 0.6) == pytest.approx(24, abs=8)
    assert "8" in viewer.picture.accessibleDescription() or viewer.picture.factor == 8
    viewer.amplify_difference()
    viewer.amplify_difference()
    assert viewer.picture.factor == 32
    assert grey(viewer, 0.5, 0.6) == pytest.approx(96, abs=33)


def test_two_takes_are_compared_under_their_names(viewer, qtbot, reels):
    viewer.open([replace(reels[1], label="take 1"), replace(reels[0], label="take 3")])
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0, 1: 0})
    assert grey(viewer, 0.25) == pytest.approx(170, abs=2)
    assert viewer.picture.accessibleDescription() == "take 1, take 3"


def test_another_take_of_the_same_line_keeps_the_playhead(viewer, qtbot, reels):
    at(viewer, qtbot, 5)
    viewer.open([reels[0], reels[0]])
    assert viewer.frame == 5


def test_one_to_one_shows_the_files_own_pixels_about_the_mouse(viewer, qtbot):
    viewer.show_original()
    viewer.zoom_in()
    assert viewer.picture.zoom > 10  # the film is 64 pixels wide, the widget ten times that
    viewer.picture.zoom_to(None)
    about = QPointF(viewer.picture.rect().center()) + QPointF(100, 0)
    wheel = QWheelEvent(
        about, about, QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = viewer.picture._target(viewer.picture.rect(), viewer._last[0][1])
    QApplication.sendEvent(viewer.picture, wheel)
    after = viewer.picture._target(viewer.picture.rect(), viewer._last[0][1])
    share = [(about.x() - target.x()) / target.width() for target in (before, after)]
    assert after.width() > before.width()
    assert share[0] == pytest.approx(share[1], abs=0.01)


def test_playing_moves_the_picture_and_hears_what_it_shows(viewer, qtbot):
    heard = []
    viewer.player.track = np.zeros((60 * 1920, 2), np.float32)
    viewer.moved.connect(heard.append)
    viewer.play()
    assert viewer.playing
    qtbot.waitUntil(lambda: viewer.frame >= 3)
    viewer.forward()
    assert viewer.player.speed == 2
    viewer.pause()
    assert heard == sorted(heard)
    assert viewer.shown_frames[0] <= viewer.frame


def test_the_timecode_is_shown_and_typed(viewer, qtbot):
    field = viewer.bar.timecode
    assert field.text() == "01:00:00:20"
    field.setText("+5")
    field.returnPressed.emit()
    assert viewer.frame == 5
    assert field.text() == "01:00:01:00"
    with qtbot.waitSignal(viewer.sought) as sought:
        field.setText("01:00:10:00")
        field.returnPressed.emit()
    assert sought.args == [Fraction(10)]
    field.setText("no")
    field.returnPressed.emit()
    assert "no timecode" in viewer.bar.told.text()


def test_marks_loop_and_switches_are_seen(viewer):
    viewer.go_to(3)
    viewer.set_in()
    viewer.go_to(9)
    viewer.set_out()
    assert viewer.player.range == (3, 10)
    assert viewer.looping
    assert viewer.bed_heard
    viewer.toggle_loop()
    viewer.toggle_solo()
    assert (viewer.looping, viewer.solo, viewer.bed_heard) == (False, True, False)
    viewer.toggle_bed()
    assert (viewer.solo, viewer.bed_heard) == (False, True)
    assert viewer._switches["bed"].isChecked()


def test_missing_media_is_told_in_place_with_what_to_do(viewer, qtbot, reels, tmp_path):
    piece = replace(reels[1].pictures[0], path=tmp_path / "gone.mov")
    viewer.open([reels[0], replace(reels[1], pictures=(piece,))])
    qtbot.waitUntil(lambda: "gone.mov" in viewer.picture.accessibleDescription())
    assert "Relink" in viewer.picture.accessibleDescription()
    assert viewer.shown_frames == {0: 0}


def test_a_line_without_a_take_shows_the_original_and_says_so(viewer, qtbot, reels):
    viewer.open(reels[:1])
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0})
    assert "no take yet" in viewer.picture.accessibleDescription()
    assert grey(viewer, 0.5) == pytest.approx(60, abs=2)


def test_the_roll_is_asked_for_in_frames(viewer, qtbot):
    with qtbot.waitSignal(viewer.roll_changed) as changed:
        viewer.bar.roll.setValue(50)
    assert changed.args == [Fraction(2)]


def test_everything_has_a_name_for_screen_readers(viewer):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QSpinBox

    for kind in (QAbstractButton, QComboBox, QSlider, QSpinBox):
        for widget in viewer.findChildren(kind):
            assert widget.accessibleName(), widget
    assert viewer.bar.findChild(QLineEdit).accessibleName()


def test_arrows_step_wherever_the_focus_is(viewer, qtbot):
    viewer.picture.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(viewer.picture, key)
    assert viewer.frame == 1
    qtbot.keyClick(viewer.picture, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.frame == 11


def test_when_the_line_is_put_away_nothing_plays(viewer):
    viewer.play()
    viewer.close_footage("Choose a line.")
    viewer.play()
    assert not viewer.playing
    assert viewer.frames == 0
    assert viewer.picture.accessibleDescription() == "Choose a line."


def test_where_nothing_can_be_shown_the_reason_is(viewer, qtbot, reels):
    reel = replace(reels[0], pictures=(replace(reels[0].pictures[0], end=10),))
    viewer.open([reel], why=lambda at: f"Clip 'sh020' is missing at {float(at)} s. Relink it.")
    qtbot.waitUntil(lambda: viewer.picture.accessibleDescription().startswith("original"))
    viewer.go_to(15)
    assert viewer.picture.accessibleDescription() == "Clip 'sh020' is missing at 1.4 s. Relink it."
