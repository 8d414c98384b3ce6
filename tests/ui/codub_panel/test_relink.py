import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

import shutil

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog

from codub_panel import window as window_module
from codub_panel.relink import RelinkDialog
from codub_panel.window import PanelWindow


@pytest.fixture
def project(root, tmp_path):
    """The sample project, whose pictures of Tom were moved away."""
    folder = shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")
    (tmp_path / "archive" / "tom").mkdir(parents=True)
    for path in (folder / "media").glob("tom_*.mp4"):
        path.replace(tmp_path / "archive" / "tom" / path.name)
    return folder


@pytest.fixture
def window(qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    panel = PanelWindow()
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def test_missing_media_is_told_and_linked_again_in_place(window, project, tmp_path, monkeypatch):
    before = (project / "timeline.otio").read_bytes()
    assert window.open_project(project / "timeline.otio", project / "lines.es.srt")
    assert "cannot be used" in window.notices.message.text()
    assert "tom_" in window.notices.details.text()
    assert window.notices.button.text() == "Relink missing media ..."
    assert window.session.lines[0].parts == ()

    def search(dialog: RelinkDialog) -> QDialog.DialogCode:
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "archive"))
        assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
        dialog.folder.click()
        assert dialog.list.topLevelItem(0).text(2).endswith(".mp4")
        assert dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(window_module.RelinkDialog, "exec", search)
    window.notices.button.click()
    assert window.notices.notice is None
    assert window.session.lines[0].parts[0].media.parent == tmp_path / "archive" / "tom"
    assert (project / "timeline.otio").read_bytes() == before
    window.close_project()
    assert window.open_project(project / "timeline.otio", project / "lines.es.srt")  # and it is kept
    assert window.notices.notice is None


def test_one_file_is_chosen_for_the_row_it_belongs_to(qtbot, tmp_path, monkeypatch):
    dialog = RelinkDialog({"/old/a.mov": 3, "/old/b.mov": 1}, tmp_path)
    qtbot.addWidget(dialog)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "b2.mov"), ""))
    dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
    dialog.file.click()
    assert dialog.found == {"/old/b.mov": tmp_path / "b2.mov"}
    assert dialog.list.topLevelItem(0).text(2) == "not found yet"


def test_with_all_media_there_nothing_is_asked(window, root, tmp_path, monkeypatch):
    project = shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "whole")
    window.open_project(project / "timeline.otio", project / "lines.es.srt")
    monkeypatch.setattr(window_module.RelinkDialog, "exec", lambda _: pytest.fail("asked"))
    window.perform("window.relink")
    assert "is there" in window.notices.message.text()
