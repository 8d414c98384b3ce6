import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from fractions import Fraction

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView

from codub_panel.desk import Desk
from codub_panel.project.session import LineState
from codub_panel.shots.shot_list import ShotList
from codub_panel.shots.shots_model import TARGET, Choice, Column
from codub_panel.shots.text_editor import TextEditor
from codub_panel.shots.thumbnails import Thumbnails, kept_path, key_of

LONG = "Eso no se sabe, y aunque lo supiera tampoco te lo diria hoy por la noche."


@pytest.fixture
def shots(qtbot, session, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    widget = ShotList(session, Desk(session))
    qtbot.addWidget(widget)
    widget.resize(1200, 500)
    widget.show()
    yield widget
    widget.close_dock()


def editor(shots: ShotList) -> TextEditor:
    shots.edit_text()
    return shots.table.findChild(TextEditor)


def test_while_typing_it_says_how_much_too_long(shots, qtbot):
    field = editor(shots)
    assert field.text.toPlainText() == "¿Dónde está?"
    assert field.told.text().startswith("fits: about 0.9 s spoken, 0.8 s")
    field.text.setPlainText("")
    assert "not taken" in field.told.text()
    qtbot.keyClicks(field.text, LONG)
    assert "s long: about" in field.told.text()
    assert "less" in field.told.text()
    assert shots._session.lines[0].cue.text == "¿Dónde está?"  # nothing is kept before Enter
    qtbot.keyClick(field.text, Qt.Key.Key_Return)
    assert shots._session.lines[0].cue.text == LONG


def test_while_typing_it_says_the_sounds_in_the_projects_own_pronunciation(shots):
    field = editor(shots)
    field.text.setPlainText("Dana")
    field.show_sounds()
    assert field.said.text() == "d\u02c8ana"
    lexicon = shots._session.job.project.parent / "lexicon.yaml"
    lexicon.write_text("es: {Dana: d\u00e9ina}")  # while the field is open
    field.show_sounds()
    assert field.said.text() == "d\u02c8eina"
    lexicon.write_text("es: {Dana: //}\n")
    field.show_sounds()
    assert "cannot be used" in field.said.text()


def test_escape_leaves_the_text_as_it_was(shots, qtbot):
    field = editor(shots)
    qtbot.keyClicks(field.text, "Otra cosa")
    qtbot.keyClick(field.text, Qt.Key.Key_Escape)
    assert shots._session.lines[0].cue.text == "¿Dónde está?"
    qtbot.waitUntil(lambda: shots.table.state() != QAbstractItemView.State.EditingState)


def test_what_is_being_typed_survives_a_change_of_the_line(shots, qtbot, session):
    field = editor(shots)
    qtbot.keyClicks(field.text, "Otra")
    session.enqueue([1])
    session.edit(2, "Otra línea.")
    qtbot.wait(20)
    qtbot.keyClicks(field.text, " cosa")
    qtbot.keyClick(field.text, Qt.Key.Key_Return)
    assert session.lines[0].cue.text == "Otra cosa"


def test_pictures_come_by_themselves_and_are_kept(shots, qtbot, session):
    key = key_of(session.lines[0])
    path = kept_path(session.store.folder, key)
    with qtbot.waitSignal(shots.pictured) as told:
        pass
    assert told.args == [path]
    assert path.is_file()
    picture = shots.pictures.of(session.lines[0])
    assert QColor(picture.toImage().pixel(96, 54)).lightness() == pytest.approx(30 + 10 + 10, abs=4)
    assert key_of(session.lines[2]) is None  # off screen
    again = Thumbnails(session.store.folder)
    before = path.stat().st_mtime_ns
    assert again.of(session.lines[0]) is None  # asking never waits
    with qtbot.waitSignal(again.ready):
        pass
    assert again.of(session.lines[0]) is not None
    assert path.stat().st_mtime_ns == before
    again.close()


def test_a_film_that_cannot_be_read_has_no_picture_and_is_no_trouble(qtbot, session, films):
    line = session.lines[0]
    gone = [part.clip.__class__(**{**vars(part.clip), "media": films / "gone.mp4"}) for part in line.parts]
    parts = tuple(
        part.__class__(clip, part.first_frame, part.frame_count, part.offset)
        for part, clip in zip(line.parts, gone, strict=True)
    )
    pictures = Thumbnails(session.store.folder)
    lost = line.__class__(line.cue, line.voice, parts)
    with qtbot.waitSignal(pictures.ready):
        assert pictures.of(lost) is None
    assert pictures.of(lost) is None
    pictures.close()


def test_several_lines_are_taken_up_together_and_stay_so_when_sorted(shots, qtbot):
    shots.table.selectAll()
    assert shots._desk.numbers == (1, 2, 5)
    shots.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert shots._desk.numbers == (5, 2, 1)
    shots.finder.words.setText("fuera")
    assert shots.model.rowCount() == 1
    assert shots._desk.numbers == (5,)
    assert shots.finder.told.text() == "1 of 3"
    shots.show_all()
    assert shots.model.rowCount() == 3
    assert shots.finder.choice == Choice()


def test_the_finder_chooses_by_state(shots, session, qtbot):
    session.enqueue([5])
    shots.finder.states.setCurrentIndex(shots.finder.states.findData(LineState.QUEUED))
    assert [shots.model.line(row).cue.number for row in range(shots.model.rowCount())] == [5]


def test_the_line_asked_for_elsewhere_is_selected_here(shots, qtbot):
    shots._desk.seek(Fraction(17, 10))
    qtbot.waitUntil(lambda: shots.table.selectionModel().isRowSelected(2))
    shots.previous_line()
    assert shots._desk.numbers == (2,)
    shots.next_line()
    assert shots._desk.numbers == (5,)
    shots.next_line()
    assert shots._desk.numbers == (5,)


def test_a_line_asked_for_elsewhere_is_the_only_one_selected(shots, qtbot):
    shots.table.selectAll()
    shots._desk.seek(Fraction(17, 10))
    qtbot.waitUntil(lambda: len(shots.table.selectionModel().selectedRows()) == 1)
    assert shots._desk.numbers == (5,)


def test_waiting_lines_tell_their_place_and_are_moved_by_it(shots, session):
    session.enqueue([1, 2, 5])
    told = [shots.model.index(row, Column.STATE) for row in range(3)]
    assert [index.data() for index in told] == ["queued 1", "queued 2", "queued 3"]
    shots.select_row(2)
    shots.sooner()
    assert [index.data() for index in told] == ["queued 1", "queued 3", "queued 2"]
    shots.later()
    shots.cancel_selected()
    assert [index.data() for index in told] == ["queued 1", "queued 2", "new"]


def test_small_rows_leave_the_pictures_out(shots):
    assert not shots.small_rows
    shots.toggle_small_rows()
    assert shots.small_rows
    assert shots.table.rowHeight(0) < 30
    assert shots.table.isColumnHidden(1)
    shots.toggle_small_rows()
    assert not shots.table.isColumnHidden(1)
    assert shots.table.columnWidth(TARGET) > 100
