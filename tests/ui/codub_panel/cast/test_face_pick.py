"""A face of a frame, chosen by mouse or keys."""

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from codub.face.pointing import FaceBox
from codub_panel.cast.face_pick import FacePick

LEFT, RIGHT = FaceBox(4, 0.1, 0.2, 0.3, 0.7), FaceBox(7, 0.6, 0.2, 0.8, 0.7)


@pytest.fixture
def pick(qtbot):
    widget = FacePick()
    qtbot.addWidget(widget)
    widget.resize(400, 400)
    widget.chosen_ones = []
    widget.chosen.connect(lambda box: widget.chosen_ones.append(box.identity))
    widget.show_frame(np.full((100, 200, 3), 90, np.uint8), 2.0)
    widget.show_faces((LEFT, RIGHT), frozenset({7}))
    widget.show()
    return widget


def test_the_frame_keeps_its_shape_and_the_speaker_is_in_hand(pick):
    room = pick.room()
    assert (room.width(), room.height(), room.top()) == (400, 200, 100)
    assert pick.hand == 1
    image = pick.grab().toImage()
    assert QColor(image.pixel(200, 200)).lightness() == pytest.approx(90, abs=2)
    assert QColor(image.pixel(200, 50)).lightness() < 30
    assert pick.accessibleDescription() == "Face 2 of 2, speaks"


@pytest.mark.parametrize(("x", "y", "chosen"), [(80, 190, [4]), (280, 190, [7]), (200, 50, []), (395, 295, [])])
def test_a_click_means_the_face_under_it(pick, qtbot, x, y, chosen):
    qtbot.mouseClick(pick, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    assert pick.chosen_ones == chosen


def test_keys_go_from_face_to_face_and_choose(pick, qtbot):
    qtbot.keyClick(pick, Qt.Key.Key_Down)
    assert pick.hand == 0
    qtbot.keyClick(pick, Qt.Key.Key_Up)
    assert pick.hand == 1
    qtbot.keyClick(pick, Qt.Key.Key_1)
    qtbot.keyClick(pick, Qt.Key.Key_Return)
    assert pick.chosen_ones == [4]
    assert pick.accessibleDescription() == "Face 1 of 2"


def test_without_faces_nothing_is_chosen(pick, qtbot):
    pick.show_faces(())
    qtbot.keyClick(pick, Qt.Key.Key_Return)
    qtbot.keyClick(pick, Qt.Key.Key_Down)
    assert pick.chosen_ones == []
    assert pick.accessibleDescription() == "No face is found in this frame."
