import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from codub_panel.project.session import LineState
from codub_panel.shots.shots_model import FIT, STATE, TARGET, Choice, Column, FitKind, ShotsModel
from codub_panel.shots.state_marks import paint_mark


@pytest.fixture
def model(qapp, session):
    return ShotsModel(session)


def listed(model: ShotsModel) -> list[int]:
    return [model.line(row).cue.number for row in range(model.rowCount())]


def test_lines_are_chosen_by_words_speaker_fit_and_state(model, session):
    session.edit(2, "No lo sé, y aunque lo supiera tampoco te lo diría hoy.")
    model.choose(Choice(words=("fuera",)))
    assert listed(model) == [5]
    model.choose(Choice(words=("ana", "source")))
    assert listed(model) == [1, 2, 5]
    model.choose(Choice(speaker="BEN"))
    assert listed(model) == []
    model.choose(Choice(fit=FitKind.LONG))
    assert listed(model) == [2, 5]
    session.enqueue([5])
    model.choose(Choice(state=LineState.QUEUED))
    assert listed(model) == [5]
    model.choose(Choice())
    assert listed(model) == [1, 2, 5]


@pytest.mark.parametrize("column", [*Column])
def test_every_column_sorts_both_ways(model, column):
    model.sort(column, Qt.SortOrder.AscendingOrder)
    assert sorted(listed(model)) == [1, 2, 5]
    model.sort(column, Qt.SortOrder.DescendingOrder)
    assert sorted(listed(model)) == [1, 2, 5]


def test_sorting_by_fit_puts_the_longest_first(model, session):
    session.edit(5, "Fuera de cuadro, y aunque lo supiera tampoco te lo diría hoy ni nunca.")
    model.sort(FIT, Qt.SortOrder.DescendingOrder)
    assert listed(model)[0] == 5
    assert model.row_of(5) == 0
    model.sort(Column.NUMBER)
    assert listed(model) == [1, 2, 5]


def test_a_line_in_hand_stays_listed_until_it_is_put_down(model, session):
    model.choose(Choice(words=("dónde",)))
    assert listed(model) == [1]
    session.edit(1, "Otra cosa.")
    model.arrange(keep=(1,))
    assert listed(model) == [1]
    model.arrange()
    assert listed(model) == []


def test_a_change_is_told_for_its_row_as_it_is_sorted_now(model, session, qtbot):
    model.sort(Column.NUMBER, Qt.SortOrder.DescendingOrder)
    with qtbot.waitSignal(model.dataChanged) as told:
        session.edit(5, "Otra cosa.")
    assert told.args[0].row() == 0
    assert model.index(0, TARGET).data() == "Otra cosa."


def test_a_screen_reader_is_told_column_and_text(model):
    said = model.index(0, STATE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "State: new"
    assert "window is 0.80 s" in model.index(0, FIT).data(Qt.ItemDataRole.ToolTipRole)


def test_no_two_states_look_alike_without_their_colour(qapp):
    """The shapes alone, painted in black: no two of them share more than half of their ink."""
    shapes = {}
    for state in LineState:
        image = QImage(28, 28, QImage.Format.Format_ARGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        paint_mark(painter, image.rect().toRectF(), state, QColor("black"))
        painter.end()
        shapes[state] = {(x, y) for x in range(28) for y in range(28) if image.pixelColor(x, y).lightness() < 128}
        assert shapes[state]
    for one in LineState:
        for other in LineState:
            if one is not other and {one, other} != {LineState.NEW, LineState.REVIEW}:
                both, either = shapes[one] & shapes[other], shapes[one] | shapes[other]
                assert len(both) / len(either) < 0.5, (one, other)
    assert len(shapes[LineState.REVIEW]) > 1.5 * len(shapes[LineState.NEW])  # half of the ring is filled
