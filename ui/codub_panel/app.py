"""`codub panel`: the application round the window."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from codub.errors import CodubError
from codub_panel.opening import open_session
from codub_panel.window import PanelWindow

_TIMELINES = "Timelines (*.otio *.otioz *.otiod *.edl *.xml *.fcpxml *.aaf);;All files (*)"
_SUBTITLES = "Subtitles (*.srt *.vtt *.ass *.ssa);;All files (*)"


def main(arguments: list[str]) -> int:
    """Open a project and its lines, asking for what is not named; exit code of the application."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication([sys.argv[0]])
    app.setApplicationName("codub")
    window = open_window([Path(argument) for argument in arguments])
    if window is None:
        return 1
    window.show()
    code = app.exec()
    window.session.store.close()
    return code


def open_window(named: list[Path]) -> PanelWindow | None:
    """The window of a project, or None when the user gave up or it cannot be opened (which is told)."""
    questions = (("Timeline to dub", _TIMELINES), ("Translated lines, such as LINES.es.srt", _SUBTITLES))
    for title, kinds in questions[len(named) :]:
        chosen, _ = QFileDialog.getOpenFileName(None, title, "", kinds)
        if not chosen:
            return None
        named = [*named, Path(chosen)]
    try:
        return PanelWindow(*open_session(*named[:2]))
    except CodubError as error:
        tell_error(error)
        return None


def tell_error(error: CodubError) -> None:
    """What failed, why, what to do, until it is read."""
    box = QMessageBox(QMessageBox.Icon.Critical, "codub", error.message)
    box.setInformativeText("\n\n".join(part for part in (error.cause, error.fix) if part))
    box.exec()
