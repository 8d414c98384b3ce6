"""`codub panel`: the application round the window."""

import sys
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from codub_panel.language import install_translation
from codub_panel.window import PanelWindow


def main(arguments: list[str]) -> int:
    """Open the window, with the files that are named in it; exit code of the application."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication([sys.argv[0]])
    app.setApplicationName("codub")
    app.setApplicationDisplayName("codub")
    install_translation(app, QLocale())
    window = open_window([Path(argument) for argument in arguments])
    window.show()
    return app.exec()


def open_window(named: list[Path]) -> PanelWindow:
    """The window with a project open, or on the start page, which asks for what is missing or says what is wrong."""
    window = PanelWindow()
    if len(named) >= 2:
        window.open_project(named[0], named[1])
    elif named:
        window.start.take(named)
    return window
