"""The panel on the real thing: the sample project, the embedded weights, one short line from its text to the editor."""

import shutil
from pathlib import Path

import opentimelineio as otio
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor

from codub.dubbing.cast.casting import Cast, Member, change_cast
from codub.media.probe import probe
from codub_panel import app
from codub_panel.project.session import LineState
from codub_panel.shots.text_editor import TextEditor
from codub_panel.window import PanelWindow

SHORT = "Pon la roja, por favor."
PATIENCE_MS = 500_000


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    return shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")


def opened(qtbot, project: Path) -> PanelWindow:
    window = app.open_window([project / "timeline.otio", project / "lines.es.srt"])
    qtbot.addWidget(window)
    window.show()
    return window


def pane(window: PanelWindow, side: float) -> QColor:
    """Colour that the viewer paints in the middle of its left (0.25) or right (0.75) half."""
    image = window.target("viewer").picture.grab().toImage()
    return QColor(image.pixel(int(image.width() * side), image.height() // 2))


@pytest.mark.weights
def test_a_line_goes_from_its_text_to_the_editor_and_back(qtbot, project, weights_home):
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    window = opened(qtbot, project)
    folder = window.session.store.folder
    # The nearest stock voice: fitting Tom's own takes a minute, and is tested elsewhere.
    change_cast(folder, lambda cast: Cast(members=(Member("TOM", fit_seconds=0),), faces=cast.faces))

    # Edit: too long is told while typing, then a text that fits.
    window.perform("lines.edit_text")
    field = window.lines.table.findChild(TextEditor)
    field.text.setPlainText(SHORT * 4)
    assert "less" in field.told.text()
    field.text.setPlainText(SHORT)
    assert field.told.text().startswith("fits")
    qtbot.keyClick(field.text, Qt.Key.Key_Return)
    assert window.session.line(1).cue.text == SHORT

    # Generate, through the worker.
    window.perform("lines.dub_selected")
    qtbot.waitUntil(lambda: window.session.line(1).state is LineState.RUNNING, timeout=60_000)
    qtbot.waitUntil(lambda: bool(window.session.line(1).takes or window.session.line(1).problem), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.dispatch.worker.busy, timeout=60_000)
    line = window.session.line(1)
    assert line.problem == ""
    assert line.chosen is not None
    assert line.chosen.text == SHORT
    assert line.state is LineState.REVIEW
    picture = window.session.store.path(line.chosen, "video0-0")
    assert probe(picture).require_video().frames == line.parts[0].clip.frame_count

    # Compare: both sides show a picture.
    window.perform("viewer.show_side_by_side")
    qtbot.waitUntil(lambda: pane(window, 0.25).lightness() > 40 and pane(window, 0.75).lightness() > 40, timeout=60_000)

    # Approve, and send back what is listed.
    window.perform("lines.approve")
    assert window.session.line(1).state is LineState.APPROVED
    window.perform("send_back.list_changes")
    sending = window.target("send_back").sending
    assert sending.output == project / "timeline.es.dub.otio"
    assert any("approved" in change.after for change in sending.changes)
    window.perform("send_back.write")
    assert window.notices.notice.message.startswith("Written")
    window.close()

    # What the editor gets: the take plays, the original is one switch away, nothing of the user's was touched.
    dubbed = otio.adapters.read_from_file(str(project / "timeline.es.dub.otio"))
    clip = next(iter(dubbed.find_clips()))
    assert clip.active_media_reference_key == "dub_es_t01"
    assert "DEFAULT_MEDIA" in clip.media_references()
    assert [track.name for track in dubbed.audio_tracks()][-1] == "Dub es"
    assert all(path.read_bytes() == content for path, content in before.items())

    # Reopen: text, take and verdict are there.
    again = opened(qtbot, project)
    line = again.session.line(1)
    assert (line.cue.text, line.state) == (SHORT, LineState.APPROVED)
    assert [take.take for take in line.takes] == [1]
    again.close()
