import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

import shutil

from PySide6.QtCore import QSettings

from codub_panel import app


@pytest.fixture(autouse=True)
def settings(tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture
def project(root, tmp_path):
    return shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")


def test_a_named_project_is_opened(qtbot, project):
    window = app.open_window([project / "timeline.otio", project / "lines.es.srt"])
    qtbot.addWidget(window)
    assert window.lines.model.rowCount() == 5
    assert window.session.lines[0].cue.source_text  # found beside the lines
    qtbot.waitUntil(lambda: window.target("viewer").frames > 20, timeout=30_000)
    window.close()


def test_with_nothing_named_the_start_page_stands(qtbot):
    window = app.open_window([])
    qtbot.addWidget(window)
    assert window.place is None
    assert window.pages.currentWidget() is window.start


def test_with_a_timeline_named_the_start_page_asks_for_the_lines(qtbot, project):
    window = app.open_window([project / "timeline.otio"])
    qtbot.addWidget(window)
    assert window.start.asked.text() == "Now the translated lines"
    assert window.place is None


def test_a_project_that_is_not_there_is_told_on_the_start_page(qtbot, tmp_path):
    window = app.open_window([tmp_path / "gone.otio", tmp_path / "lines.es.srt"])
    qtbot.addWidget(window)
    assert window.place is None
    assert "gone.otio" in window.notices.message.text()
    assert not window.notices.isHidden()
