import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QTabBar

from codub_panel.docks import DOCKS
from codub_panel.window import PanelWindow


@pytest.fixture
def window(qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    panel = PanelWindow()
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def tabs(window: PanelWindow, qtbot) -> list[list[str]]:
    """The tabs that are seen where docks share a place."""
    qtbot.wait(20)
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    shown = [[bar.tabText(tab) for tab in range(bar.count())] for bar in bars if bar.isVisible()]
    return sorted(texts for texts in shown if texts)


def test_each_dock_is_where_the_registry_says(window, session, outlet):
    window.show_project(session, outlet)
    for described in DOCKS:
        dock = window.docking.dock(described.name)
        assert window.dockWidgetArea(dock) == described.area
        assert dock.isHidden() != described.shown
        assert dock.widget() is window.target(described.name)


def test_the_start_page_is_free_of_docks_and_their_tabs(window, session, outlet, qtbot):
    assert tabs(window, qtbot) == []
    window.show_project(session, outlet)
    assert tabs(window, qtbot) == [["Takes", "Delivery"], ["Timeline", "Sound"]]
    window.close_project()
    assert tabs(window, qtbot) == []
    assert not any(window.docking.dock(described.name).isVisible() for described in DOCKS)


def test_a_layout_is_remembered_for_its_kind_of_project_and_can_be_reset(
    window, session, outlet, tmp_path, films, monkeypatch
):
    from .conftest import open_session

    window.show_project(session, outlet)
    window.docking.dock("takes").setFloating(True)
    window.docking.dock("timeline").hide()
    window.close_project()

    from codub.dubbing.takes import TakesStore

    window.show_project(open_session(tmp_path, films, TakesStore.open(tmp_path / "DUBBED.codub")), outlet)
    assert window.docking.dock("takes").isFloating()
    assert window.docking.dock("timeline").isHidden()
    window.close_project()

    other = open_session(tmp_path, films, TakesStore.open(tmp_path / "DUBBED.codub"))
    monkeypatch.setattr(other, "job", other.job.__class__(tmp_path / "P.edl", other.job.lines, other.job.output))
    window.show_project(other, outlet)
    assert not window.docking.dock("takes").isFloating()  # another editor's project has a layout of its own
    window.docking.dock("viewer").setFloating(True)
    window.perform("window.reset_layout")
    assert not window.docking.dock("viewer").isFloating()


def test_a_dock_out_of_sight_is_brought_by_its_command(window, session, outlet):
    window.show_project(session, outlet)
    assert window.docking.dock("send_back").isHidden()
    window.perform("send_back.list_changes")
    assert not window.docking.dock("send_back").isHidden()


def test_no_page_makes_the_window_taller_than_a_laptop(window, session, outlet):
    window.show_project(session, outlet)
    assert window.minimumSizeHint().height() <= 760
    assert window.minimumSizeHint().width() <= 1280


def test_the_key_of_a_dock_behind_a_tab_brings_it_and_hides_it_only_in_sight(window, session, outlet, qtbot):
    window.show_project(session, outlet)
    sound, key = window.docking.dock("sound"), window.docking.toggle("sound")
    qtbot.wait(20)
    window.docking.dock("timeline").raise_()
    qtbot.waitUntil(lambda: not key.isChecked())
    key.trigger()
    qtbot.waitUntil(key.isChecked)
    assert not sound.visibleRegion().isEmpty()
    window.docking.dock("timeline").raise_()
    qtbot.waitUntil(lambda: not key.isChecked())
    window.perform("sound.zoom_in")  # what is done in a dock is seen
    qtbot.waitUntil(key.isChecked)
    key.trigger()
    qtbot.waitUntil(sound.isHidden)
    assert not key.isChecked()
