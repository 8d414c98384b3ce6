"""The page of keys: every command with its keys, menu by menu."""

from html import escape

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from codub_panel.command_list import plain
from codub_panel.theme import theme


class KeysPage(QDialog):
    """A page to read, search in (it selects and copies) and put away with Escape."""

    def __init__(self, actions: list[tuple[str, QAction]], parent: QWidget | None = None) -> None:
        """`actions` are menu titles with their actions."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        self.page = QTextBrowser(self)
        self.page.setAccessibleName(self.tr("Keys"))
        self.page.setHtml(_page(actions))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        self.resize(680, 640)


def _page(actions: list[tuple[str, QAction]]) -> str:
    colours = theme()
    menus: dict[str, list[QAction]] = {}
    for menu, action in actions:
        menus.setdefault(menu, []).append(action)
    parts = []
    for menu, listed in menus.items():
        parts.append(f"<h3 style='color:{colours.accent}'>{escape(menu)}</h3><table width='100%' cellpadding='4'>")
        parts += [
            f"<tr><td width='70%'>{escape(plain(action.text()))}</td>"
            f"<td style='color:{colours.muted}'>{escape(_keys(action))}</td></tr>"
            for action in listed
        ]
        parts.append("</table>")
    return "".join(parts)


def _keys(action: QAction) -> str:
    return ",  ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
