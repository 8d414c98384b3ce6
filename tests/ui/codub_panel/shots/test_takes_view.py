"""The takes of a line: every decision by key, kept at once, shown in its row."""

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from made_sessions import again, keep
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from codub.dubbing.record import ReviewState
from codub.speech.model import Delivery, Fit
from codub_panel.desk import Desk
from codub_panel.shots.takes_view import ACTIONS, COMMENT, COMPARE, FIT, SAID, STAR, STATE, TAKE, TakesView


@pytest.fixture
def view(session, qtbot):
    keep(session, 1, seed=0)
    session.set_delivery(1, Delivery(pace=1.1, durations=(0.1, None)))
    keep(session, 1, seed=3, fit=Fit(1.2, 0.8, 1.2, 0.8, 0.4, 2))
    session.reset_delivery(1)
    session._changed(1)
    desk = Desk(session)
    made = TakesView(session, desk)
    made.desk = desk
    qtbot.addWidget(made)
    made.show()
    desk.take_up((1,))
    qtbot.waitUntil(lambda: made.count() == 2)
    return made


def cell(view: TakesView, row: int, column: int) -> str:
    return view.topLevelItem(row).text(column)


def column(view: TakesView, number: int) -> list[str]:
    return [cell(view, row, number) for row in range(view.count())]


def press(view: TakesView, qtbot, key: Qt.Key) -> None:
    view.setFocus()
    qtbot.keyClick(view, key)


def test_every_take_is_listed_with_what_is_known_of_it(view):
    assert column(view, TAKE) == ["○ 1", "● 2"]
    assert column(view, STATE) == ["review", "review"]
    assert column(view, FIT) == ["fits", "0.4 s long"]
    assert column(view, SAID) == ["seed 0", "seed 3, pace 1.10, 1 sounds set"]
    assert view.take.take == 2  # the chosen one is in hand
    assert view.topLevelItem(1).data(TAKE, Qt.ItemDataRole.AccessibleTextRole) == "take 2, chosen"


def test_a_take_is_chosen_starred_and_judged_by_key(view, session, qtbot):
    view.setCurrentItem(view.topLevelItem(0))
    press(view, qtbot, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: column(view, STAR) == ["★", ""])
    press(view, qtbot, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: column(view, STATE) == ["needs work", "review"])
    assert view.take.take == 1  # still in hand
    press(view, qtbot, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: column(view, STATE) == ["approved", "review"])
    press(view, qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: column(view, TAKE) == ["● 1", "○ 2"])
    kept = again(session).line(1)
    assert (kept.chosen.take, kept.chosen.state, kept.chosen.starred) == (1, ReviewState.APPROVED, True)
    for _ in range(4):
        session.undo()
    qtbot.waitUntil(lambda: column(view, TAKE) == ["○ 1", "● 2"])
    assert column(view, STATE) == ["review", "review"]


def test_takes_are_marked_to_compare_and_unmarked(view, session, qtbot):
    press(view, qtbot, Qt.Key.Key_2)
    view.setCurrentItem(view.topLevelItem(0))
    press(view, qtbot, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: column(view, COMPARE) == ["A", "B"])
    assert [take.take for take in session.line(1).compared] == [1, 2]
    press(view, qtbot, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: column(view, COMPARE) == ["", "B"])


def test_a_remark_is_written_in_its_row(view, session, qtbot):
    press(view, qtbot, Qt.Key.Key_C)
    field = view.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "a warmer one")  # letters here are text and no commands
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.line(1).takes[1].comment == "a warmer one")
    assert session.line(1).chosen.state is ReviewState.REVIEW
    qtbot.waitUntil(lambda: column(view, COMMENT) == ["", "a warmer one"])


def test_the_delivery_of_a_take_is_gone_on_from_and_no_take_may_play(view, session, qtbot):
    press(view, qtbot, Qt.Key.Key_D)
    assert session.line(1).delivery == Delivery(pace=1.1, durations=(0.1, None))
    press(view, qtbot, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: column(view, TAKE) == ["○ 1", "○ 2"])
    assert session.line(1).chosen is None


def test_a_new_take_comes_into_hand(view, session, qtbot):
    view.setCurrentItem(view.topLevelItem(0))
    keep(session, 1, seed=9)
    session._changed(1)
    qtbot.waitUntil(lambda: view.count() == 3)
    assert view.take.take == 3


def test_the_menu_says_it_all_with_its_keys(view):
    actions = view.menu().actions()
    assert [action.text() for action in actions] == [f"{text}\t{key}" for _, text, key in ACTIONS]
    next(action for action in actions if action.objectName() == "takes.star").trigger()
    assert view._session.line(1).takes[1].starred


def test_without_a_take_it_is_said_what_to_do(view, session, qtbot):
    told = []
    view.desk.told.connect(told.append)
    view.desk.take_up((2,))
    qtbot.waitUntil(lambda: view.count() == 0)
    view.star()
    assert "Dub the line first" in str(told[0])


def test_the_take_chosen_by_key_is_in_hand(view, session, qtbot):
    assert view.take.take == 2
    view.previous_take()
    assert view.take.take == 1
    view.reject()
    assert session.line(1).takes[0].state is ReviewState.REJECTED
    qtbot.waitUntil(lambda: column(view, TAKE) == ["● 1", "○ 2"])
    assert view.take.take == 1


def test_a_comment_is_written_in_sight(view, qtbot):
    view.setFixedWidth(240)
    view.comment()
    field = view.findChild(QLineEdit)
    qtbot.waitUntil(lambda: not field.visibleRegion().isEmpty())
