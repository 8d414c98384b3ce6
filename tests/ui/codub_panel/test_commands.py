import ast
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence

from codub_panel import commands as commands_module
from codub_panel import docks as docks_module
from codub_panel.command_list import match
from codub_panel.commands import MENUS
from codub_panel.docks import DOCKS
from codub_panel.keys_page import KeysPage
from codub_panel.shots import state_marks as marks_module
from codub_panel.window import PanelWindow

COMMANDS = [command for menu in MENUS.values() for command in menu]


@pytest.fixture
def window(qtbot, session, outlet, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    panel = PanelWindow(session, outlet)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.close()


def test_every_command_has_a_doer_a_key_of_its_own_and_a_menu_entry(window):
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]
    keys += [QKeySequence(dock.key).toString() for dock in DOCKS]
    assert all(keys)  # every one is a key that Qt knows
    assert sorted(keys) == sorted(set(keys))
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert command.keys
        assert callable(getattr(window.target(command.target), command.method))
        assert not command.checked or hasattr(window.target(command.target), command.checked)
    in_menus = [action for menu in window.menuBar().actions() for action in menu.menu().actions()]
    for action in window.menus.actions.values():
        assert action in in_menus
        assert action.shortcuts()


def test_what_needs_a_project_is_off_without_one(window):
    window.close_project()
    for command in COMMANDS:
        assert window.menus.actions[command.name].isEnabled() == (not command.needs_project)
    for dock in DOCKS:
        assert not window.menus.actions[dock.name].isEnabled()
        assert not window.docking.dock(dock.name).isVisible()


def test_commands_are_found_by_some_of_their_letters_and_done_by_enter(window, qtbot):
    window.perform("window.list_commands")
    found = window.command_list.found
    assert found.topLevelItemCount() == len(window.menus.listed)
    qtbot.keyClicks(window.command_list.words, "dark col")
    assert found.topLevelItem(0).text(0) == "Dark colours"
    assert "Ctrl+Alt+D" in found.topLevelItem(0).text(2)
    window.command_list.words.clear()
    qtbot.keyClicks(window.command_list.words, "close proj")
    qtbot.keyClick(window.command_list.words, Qt.Key.Key_Return)
    assert window.place is None


def test_words_match_whole_then_letter_by_letter():
    assert match("write", "Write the timeline") == 0
    assert match("line", "Write the timeline") == 1
    assert match("wtl", "Write the timeline") == 4
    assert match("xyz", "Write the timeline") is None
    assert match("", "anything") == 0


def test_the_page_of_keys_names_every_command(window, qtbot):
    page = KeysPage(window.menus.listed, window)
    qtbot.addWidget(page)
    text = page.page.toPlainText()
    for command in COMMANDS:
        assert command.text in text
        assert QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) in text


@pytest.mark.parametrize("module", [commands_module, docks_module, marks_module])
def test_every_text_of_a_registry_can_be_translated(module):
    """Literals that people read go through QT_TRANSLATE_NOOP with the registry's context."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    marked = {
        id(call.args[1])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "QT_TRANSLATE_NOOP"
    }
    calls = [c for c in ast.walk(tree) if isinstance(c, ast.Call) and getattr(c.func, "id", "") in ("Command", "Dock")]
    shown = [call.args[2 if call.func.id == "Command" else 1] for call in calls]
    shown = [text for text in shown if isinstance(text, ast.Constant)]
    shown += [key for d in ast.walk(tree) if isinstance(d, ast.Dict) for key in d.keys if isinstance(key, ast.Constant)]
    assert [ast.unparse(text) for text in shown if id(text) not in marked] == []
    assert marked
