from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

import shutil

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog

from codub_panel import app


@pytest.fixture(autouse=True)
def settings(tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


def test_a_named_project_is_opened(qtbot, root, tmp_path):
    project = shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")
    window = app.open_window([project / "timeline.otio", project / "lines.es.srt"])
    assert window is not None
    qtbot.addWidget(window)
    assert window.lines.sorted.rowCount() == 5
    qtbot.waitUntil(lambda: window.target("viewer").frames > 20, timeout=30_000)
    window.close()
    window.session.store.close()


def test_what_is_not_named_is_asked_for(qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (asked.append(args[1]), ("", ""))[1])
    assert app.open_window([]) is None
    assert app.open_window([Path("timeline.otio")]) is None
    assert asked == ["Timeline to dub", "Translated lines, such as LINES.es.srt"]


def test_a_project_that_is_not_there_is_told_and_not_opened(qtbot, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(app, "tell_error", told.append)
    assert app.open_window([tmp_path / "gone.otio", tmp_path / "lines.es.srt"]) is None
    assert "gone.otio" in str(told[0])
