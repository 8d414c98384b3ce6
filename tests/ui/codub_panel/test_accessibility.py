"""Whoever cannot see the panel is told what each thing is, and every literal that is shown can be translated."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QCoreApplication, QLocale, QSettings, Qt, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

import codub_panel
from codub_panel.docks import DOCKS
from codub_panel.keys_page import KeysPage
from codub_panel.language import from_registry, install_translation
from codub_panel.relink import RelinkDialog
from codub_panel.window import PanelWindow

# screens.py shows nothing of its own: it drives the panel.
SOURCES = [p for p in sorted(Path(codub_panel.__file__).parent.rglob("*.py")) if p.stem != "screens"]
COMMAND = re.compile(r"\w+\.\w+")  # the name of a command, which nobody reads
# Methods whose text is read by somebody.
SHOWING = {
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription",
    "setStatusTip", "setTitle", "setLabelText", "setInformativeText", "addAction", "addMenu", "showMessage",
    "QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QDockWidget",
    "Notice",
}  # fmt: skip


@pytest.fixture
def window(qtbot, session, outlet, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    panel = PanelWindow(session, outlet)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def nameless(root: QWidget) -> list[str]:
    """Widgets that the Tab key reaches and that have nothing to be called by."""
    found = []
    for widget in root.findChildren(QWidget):
        inside = widget.parentWidget()
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.isHidden()
        if not reached or widget.objectName().startswith("qt_"):
            continue
        if isinstance(inside, QAbstractSpinBox | QComboBox):  # the field in a box is called as the box
            continue
        if inside is not None and isinstance(inside.parentWidget(), QComboBox):  # and so is its list
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface or not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} in {type(inside).__name__} ({widget.objectName()})")
    return found


def test_everything_that_takes_the_focus_has_a_name(window, qtbot, tmp_path):
    for dock in DOCKS:
        window.docking.bring(dock.name)
    window.lines.edit_text()
    assert nameless(window) == []
    keys = KeysPage(window.menus.listed, window)
    relink = RelinkDialog({"/old/a.mov": 1}, tmp_path, window)
    window.perform("window.list_commands")
    for dialog in (keys, relink, window.command_list):
        assert nameless(dialog) == []
    window.close_project()
    assert nameless(window.start) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_text_that_is_shown_bypasses_translation(path):
    """A literal with a word in it that goes straight into a widget."""
    bare = []
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in SHOWING:
            bare += [ast.unparse(text) for text in call.args if _words(text)]
    assert bare == []


def _words(node: ast.expr) -> bool:
    """Whether a plain or formatted literal holds a word of two letters or more outside of its braces."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    words = [word for text in texts if not COMMAND.fullmatch(text) for word in text.split() if word != "codub"]
    return any(sum(letter.isalpha() for letter in word) > 1 for word in words)


def translators(app) -> list[QTranslator]:
    return [child for child in app.children() if isinstance(child, QTranslator)]


def test_a_translation_that_is_there_is_shown(qapp, tmp_path):
    release = shutil.which("pyside6-lrelease", path=Path(sys.executable).parent)
    if release is None:
        pytest.skip("Qt's tool that compiles translations is not installed beside Python")
    (tmp_path / "codub_de.ts").write_text(
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS version="2.1" language="de"><context>'
        "<name>registry</name><message><source>approved</source><translation>freigegeben</translation></message>"
        "</context></TS>",
        encoding="utf-8",
    )
    command = [release, str(tmp_path / "codub_de.ts"), "-qm", str(tmp_path / "codub_de.qm")]
    subprocess.run(command, check=True, capture_output=True)
    assert from_registry("approved") == "approved"
    assert not install_translation(qapp, QLocale("fr_FR"), tmp_path)
    before = translators(qapp)
    assert install_translation(qapp, QLocale("de_DE"), tmp_path)
    try:
        assert from_registry("approved") == "freigegeben"
        assert from_registry("queued") == "queued"  # what is not translated stays as it is
    finally:
        for added in translators(qapp)[len(before) :]:
            qapp.removeTranslator(added)
            added.deleteLater()
    assert from_registry("approved") == "approved"


def test_english_counts_one_and_many(qapp):
    before = translators(qapp)
    assert install_translation(qapp, QLocale("en_GB"))
    try:
        counted = [QCoreApplication.translate("StatusLine", "%n line(s)", None, number) for number in (0, 1, 2)]
        assert counted == ["0 lines", "1 line", "2 lines"]
    finally:
        for added in translators(qapp)[len(before) :]:
            qapp.removeTranslator(added)
            added.deleteLater()
