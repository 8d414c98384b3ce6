import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from fractions import Fraction

from codub.errors import ProjectError
from codub.timeline.changes import ChangeKind, TimelineChange
from codub_panel.desk import Desk
from codub_panel.notice import Weight
from codub_panel.send_back import SendBack


@pytest.fixture
def told():
    return []


@pytest.fixture
def dock(qtbot, session, outlet, told):
    desk = Desk(session, None, outlet)
    desk.told.connect(told.append)
    widget = SendBack(session, desk)
    qtbot.addWidget(widget)
    widget.desk = desk
    return widget


def rows(dock: SendBack) -> list[list[str]]:
    return [[dock.list.topLevelItem(row).text(c) for c in range(5)] for row in range(dock.list.topLevelItemCount())]


def test_what_will_change_is_listed_when_it_comes_into_sight(dock, outlet):
    assert rows(dock) == []
    outlet.changes += (TimelineChange(ChangeKind.PICTURE, "sh010", "V1", "original", "dub_es_t02", Fraction(2, 5)),)
    dock.show()
    assert rows(dock) == [
        ["", "Dub es", "Track", "", "on"],
        ["01:00:00:10", "sh010  (V1)", "Picture", "original", "dub_es_t02"],
    ]
    assert "2 change" in dock.told.text()
    assert "DUBBED.otio" in dock.told.text()
    assert "stay as they are" in dock.told.text()
    assert outlet.sent == []


def test_writing_does_what_was_listed_and_says_where(dock, outlet, told):
    dock.list_changes()
    dock.writing.click()
    assert len(outlet.sent) == 1
    assert told[0].weight is Weight.DONE
    assert "DUBBED.otio" in told[0].message
    assert told[0].command == "send_back.show_folder"


def test_an_old_list_is_made_anew_and_nothing_is_written(dock, outlet, told):
    dock.list_changes()
    outlet.changes += (TimelineChange(ChangeKind.TRACK, "Dub fr", "", "", "on"),)
    dock.writing.click()
    assert outlet.sent == []
    assert "Nothing was written yet" in told[0].message
    assert len(rows(dock)) == 2
    dock.writing.click()
    assert len(outlet.sent) == 1


def test_nothing_to_change_cannot_be_written(dock, outlet):
    outlet.changes = ()
    dock.list_changes()
    assert not dock.writing.isEnabled()
    assert "Nothing will change" in dock.told.text()


def test_trouble_is_told(dock, outlet, told, monkeypatch):
    def fails() -> None:
        raise ProjectError("The timeline is gone.", fix="Put it back.")

    monkeypatch.setattr(outlet, "listed", fails)
    dock.list_changes()
    assert told[0].message == "The timeline is gone."
    assert told[0].fix == "Put it back."
