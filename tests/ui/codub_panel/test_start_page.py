import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

import shutil
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton

from codub_panel import window as window_module
from codub_panel.project.project_files import ProjectFiles, lines_beside, source_beside
from codub_panel.project.recent import recent_projects, remember_project
from codub_panel.window import PanelWindow


@pytest.fixture
def project(root, tmp_path):
    return shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")


@pytest.fixture
def window(qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    panel = PanelWindow()
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def drop(window: PanelWindow, *files: Path) -> None:
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, carried, buttons, keys))


def test_files_find_their_place_in_any_order():
    files = ProjectFiles().with_files([Path("a.SRT"), Path("notes.txt")])
    assert files == ProjectFiles(lines=Path("a.SRT"))
    assert files.complete is None
    assert files.with_files([Path("b.fcpxml"), Path("c.ass")]).complete == (Path("b.fcpxml"), Path("c.ass"))


def test_lines_beside_a_timeline_are_found_and_its_source_is_none_of_them(project):
    assert [path.name for path in lines_beside(project / "timeline.otio")] == ["lines.en.srt", "lines.es.srt"]
    assert source_beside(project / "lines.es.srt") == project / "source.en.srt"


def test_both_files_dropped_together_open(window, project):
    drop(window, project / "lines.es.srt", project / "timeline.otio")
    assert window.lines.model.rowCount() == 5
    assert window.pages.currentWidget() is window.lines


def test_files_dropped_one_after_the_other_open(window, project):
    drop(window, project / "lines.en.srt")
    assert window.start.asked.text() == "Now the timeline"
    drop(window, project / "timeline.otio")
    assert window.session.job.lines.name == "lines.en.srt"


def test_lines_beside_the_timeline_are_one_click_away(window, project, qtbot):
    drop(window, project / "timeline.otio")
    button = next(b for b in window.start.findChildren(QPushButton) if b.text() == "lines.es.srt")
    button.click()
    assert window.session.job.lines.name == "lines.es.srt"


def test_what_is_missing_is_chosen_in_a_dialog(window, project, monkeypatch):
    answers = iter([str(project / "timeline.otio"), "", str(project / "lines.es.srt")])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(answers), ""))
    window.start.open.click()
    window.start.open.click()  # given up
    assert window.place is None
    window.start.open.click()
    assert window.place is not None


def test_the_sample_is_copied_to_a_place_of_the_users(window, tmp_path, monkeypatch):
    monkeypatch.setattr(window_module, "SAMPLE_PLACE", tmp_path / "Documents" / "codub")
    window.start.sample.click()
    assert window.session.job.project == tmp_path / "Documents" / "codub" / "kitchen_table" / "timeline.otio"
    window.close_project()
    assert window.pages.currentWidget() is window.start
    window.start.sample.click()  # the same copy again
    assert window.place is not None


def test_another_project_opens_in_the_same_window(window, project):
    drop(window, project / "timeline.otio", project / "lines.es.srt")
    first = window.session
    drop(window, project / "timeline.otio", project / "lines.en.srt")
    assert window.session is not first
    assert window.pages.count() == 2  # the start page and one project


def test_a_project_that_was_open_is_one_key_away(window, project, qtbot):
    drop(window, project / "timeline.otio", project / "lines.es.srt")
    window.close_project()
    assert window.start.recent.count() == 1
    item = window.start.recent.item(0)
    assert "timeline.otio" in item.text()
    assert not item.icon().isNull()
    window.start.recent.setCurrentItem(item)
    qtbot.keyClick(window.start.recent, Qt.Key.Key_Return)
    assert window.place is not None


def test_the_list_is_ordered_forgets_and_says_what_is_gone(window, project, tmp_path, qtbot):
    remember_project(tmp_path / "gone.otio", project / "lines.es.srt")
    remember_project(project / "timeline.otio", project / "lines.es.srt")
    remember_project(tmp_path / "gone.otio", project / "lines.es.srt")
    assert [Path(each.timeline).name for each in recent_projects()] == ["gone.otio", "timeline.otio"]
    window.start.refresh()
    assert "not there any more" in window.start.recent.item(0).text()
    window.start.recent.setCurrentRow(0)
    qtbot.keyClick(window.start.recent, Qt.Key.Key_Delete)
    assert [Path(each.timeline).name for each in recent_projects()] == ["timeline.otio"]
    assert (project / "timeline.otio").exists()


def test_a_list_that_another_version_wrote_is_no_trouble(window):
    QSettings("codub", "panel").setValue("recent", '[{"file": 1}]')
    assert recent_projects() == ()
