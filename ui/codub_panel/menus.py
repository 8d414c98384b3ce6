"""The window's menus, filled from the registry of commands; each command is one action with its keys."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from codub_panel.command_list import plain
from codub_panel.commands import MENUS, Command
from codub_panel.language import from_registry


class Menus:
    """All actions of the window, by the name of their command; those that show docks by the dock's name."""

    def __init__(self, window: QMainWindow, perform: Callable[[str], None], look: Callable[[], None]) -> None:
        self.commands: dict[str, Command] = {}
        self.actions: dict[str, QAction] = {}
        self.listed: list[tuple[str, QAction]] = []  # menu title and action, in order
        self._menus: dict[str, QMenu] = {}
        for title, commands in MENUS.items():
            menu = self._menus[title] = window.menuBar().addMenu(from_registry(title))
            menu.aboutToShow.connect(look)
            for command in commands:
                action = QAction(from_registry(command.text), window)
                action.setObjectName(command.name)
                action.setCheckable(bool(command.checked))
                action.triggered.connect(partial(self._triggered, perform, command.name))
                self.commands[command.name] = command
                self.add(title, command.name, action, command.keys)

    def add(self, title: str, name: str, action: QAction, keys: tuple[str, ...]) -> None:
        """Put an action at the end of a menu."""
        menu = self._menus[title]
        action.setShortcuts([QKeySequence(key) for key in keys])
        menu.addAction(action)
        self.actions[name] = action
        self.listed.append((plain(menu.title()), action))

    def update(self, target: Callable[[str], object], *, open_project: bool) -> None:
        """Switch off what needs a project while none is open; tick what is on."""
        for name, command in self.commands.items():
            action = self.actions[name]
            action.setEnabled(open_project or not command.needs_project)
            if command.checked and action.isEnabled():
                action.setChecked(bool(getattr(target(command.target), command.checked)))

    @staticmethod
    def _triggered(perform: Callable[[str], None], name: str, _checked: bool = False) -> None:
        perform(name)
