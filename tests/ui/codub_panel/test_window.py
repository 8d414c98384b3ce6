import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QColor

from codub.dubbing.consent import Consent
from codub.dubbing.record import ReviewState
from codub_panel.shots.shots_model import STATE, TARGET, Column
from codub_panel.viewing.picture_view import Mode
from codub_panel.window import PanelWindow


@pytest.fixture
def window(qtbot, session, outlet, tmp_path, monkeypatch):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    session.consents.declare(["ANA"], "A. Producer")
    panel = PanelWindow(session, outlet)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def cell(window: PanelWindow, row: int, column: int) -> str:
    return str(window.lines.model.index(row, column).data())


def trigger(window: PanelWindow, text: str) -> None:
    next(action for action in window.findChildren(QAction) if action.text() == text).trigger()


def grey(window: PanelWindow, side: float) -> int:
    """Brightness that the viewer paints in the middle of its left (0.25), whole (0.5) or right (0.75) pane."""
    image = window.target("viewer").picture.grab().toImage()
    return QColor(image.pixel(int(image.width() * side), image.height() // 2)).lightness()


def test_it_opens_with_the_lines_and_the_first_one_shown(window, qtbot):
    assert window.lines.model.rowCount() == 3
    assert [cell(window, 0, column) for column in Column] == [
        "1", "", "01:00:00:00", "01:00:00:20", "ANA", "source 1", "¿Dónde está?", "fits", "new", "", "",
    ]  # fmt: skip
    assert window.desk.numbers == (1,)
    qtbot.waitUntil(lambda: window.target("viewer").shown_frames == {0: 0})
    assert grey(window, 0.5) == pytest.approx(40, abs=3)
    assert window.target("takes").count() == 0
    assert not window.status.progress.isVisible()


def test_dubbing_a_line_shows_its_take(window, qtbot):
    trigger(window, "Dub selected lines")
    assert cell(window, 0, STATE) == "running"
    qtbot.waitUntil(window.status.progress.isVisible)
    qtbot.waitUntil(lambda: cell(window, 0, STATE) == "review", timeout=20_000)
    qtbot.waitUntil(lambda: window.target("takes").count() == 1)
    assert window.target("takes").topLevelItem(0).text(2) == "review"
    qtbot.waitUntil(lambda: window.target("viewer").frames == 20 and grey(window, 0.75) > 100)
    qtbot.waitUntil(lambda: grey(window, 0.25) == pytest.approx(40, abs=3))
    qtbot.waitUntil(lambda: grey(window, 0.75) == pytest.approx(150, abs=3))
    assert not window.status.progress.isVisible()
    trigger(window, "Approve the chosen take")
    qtbot.waitUntil(lambda: cell(window, 0, STATE) == "approved")
    assert window.session.store.get(1, 1).state is ReviewState.APPROVED


def test_all_lines_are_dubbed_by_one_key(window, qtbot):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: [cell(window, row, STATE) for row in range(3)] == ["review"] * 3, timeout=20_000)


def test_text_is_edited_in_place_and_the_fit_follows(window, qtbot):
    index = window.lines.model.index(1, TARGET)
    assert window.lines.model.setData(index, "No lo sé, y aunque lo supiera tampoco te lo diría.")
    assert "long" in cell(window, 1, TARGET + 1)
    assert window.session.lines[1].cue.text.startswith("No lo sé, y aunque")
    assert not window.lines.model.flags(window.lines.model.index(1, 0)) & Qt.ItemFlag.ItemIsEditable


def test_the_viewer_obeys_keys(window, qtbot):
    viewer = window.target("viewer")
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 0})
    for _ in range(3):
        trigger(window, "Next frame")
    assert viewer.frame == 3
    qtbot.waitUntil(lambda: viewer.shown_frames == {0: 3})
    assert grey(window, 0.5) == pytest.approx(43, abs=3)
    trigger(window, "Show original")
    assert viewer.mode is Mode.ORIGINAL
    trigger(window, "Original or take (A/B)")
    assert viewer.mode is Mode.TAKE
    trigger(window, "Play or pause")
    assert viewer.playing
    trigger(window, "Pause")
    assert not viewer.playing


def test_stopping_kills_the_worker_at_once(window, qtbot):
    window.session.edit(1, "wait")
    trigger(window, "Dub selected lines")
    qtbot.waitUntil(lambda: cell(window, 0, STATE) == "running", timeout=20_000)
    window.status.stop_button.click()
    qtbot.waitUntil(lambda: not window.dispatch.worker.busy, timeout=2_000)
    qtbot.waitUntil(lambda: cell(window, 0, STATE) == "new")  # no failure: it was wished
    qtbot.waitUntil(lambda: "Stopped" in window.notices.message.text())


def test_a_failure_is_told_in_place(window, qtbot):
    window.session.edit(1, "fail")
    trigger(window, "Dub selected lines")
    qtbot.waitUntil(lambda: cell(window, 0, STATE) == "new (failed)", timeout=20_000)
    qtbot.waitUntil(window.lines.problem.isVisible)
    assert "Cue 1 has no sound" in window.lines.problem.text()


def test_takes_are_chosen_by_key(window, qtbot):
    for count in (1, 2):
        trigger(window, "Dub selected lines")
        qtbot.waitUntil(lambda count=count: window.target("takes").count() == count, timeout=20_000)
        qtbot.waitUntil(lambda: not window.dispatch.worker.busy)
    assert window.session.lines[0].chosen.take == 2
    trigger(window, "Choose the previous take")
    assert window.session.store.selected(1, "es").take == 1
    trigger(window, "Choose the next take")
    assert window.session.store.selected(1, "es").take == 2


def test_nothing_is_dubbed_before_somebody_declared_consent(window, qtbot, monkeypatch):
    (window.session.store.folder / "consent.json").unlink()
    monkeypatch.setattr(window.dispatch, "ask_consent", lambda speaker, given_by: None)
    trigger(window, "Dub selected lines")
    assert cell(window, 0, STATE) == "new"
    assert "nobody declared" in str(window.notices.notice)
    monkeypatch.setattr(window.dispatch, "ask_consent", lambda speaker, given_by: Consent(speaker, "Yes.", "B. Editor"))
    trigger(window, "Dub selected lines")
    assert cell(window, 0, STATE) == "running"
    assert window.session.consents.of("ANA").given_by == "B. Editor"
    qtbot.waitUntil(lambda: not window.dispatch.worker.busy, timeout=20_000)


def test_letters_typed_into_a_field_are_text_and_no_commands(window, qtbot):
    qtbot.keyClicks(window.lines.finder.words, "a n.")
    assert window.lines.finder.words.text() == "a n."
    assert not window.target("viewer").playing


def test_search_leaves_what_matches(window):
    window.lines.finder.words.setText("fuera")
    assert window.lines.model.rowCount() == 1
    assert cell(window, 0, 0) == "5"


def test_a_line_without_pictures_says_so(window, qtbot):
    window.lines.select_row(2)
    qtbot.waitUntil(lambda: "off screen" in window.target("viewer").picture.accessibleDescription())
    assert window.target("viewer").frames == 20
    assert window.target("viewer").shown_frames == {}


def test_letters_are_commands_as_soon_as_a_project_is_open(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(lambda: window.focusWidget() is window.lines.table)
    window.perform("window.reset_layout")
    assert window.focusWidget() is window.lines.table
