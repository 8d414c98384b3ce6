"""The searchable list of commands: type some letters, Enter does it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget


class CommandList(QDialog):
    """All actions of the window with their keys. What is found best stands first and is chosen."""

    def __init__(self, actions: list[tuple[str, QAction]], parent: QWidget | None = None) -> None:
        """`actions` are menu titles with their actions."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName(self.tr("Commands"))
        self._actions = actions
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("What do you want to do?"))
        self.words.setAccessibleName(self.tr("Search commands"))
        self.words.textChanged.connect(self._find)
        self.words.installEventFilter(self)
        self.found = QTreeWidget(self)
        self.found.setAccessibleName(self.tr("Commands found"))
        self.found.setHeaderHidden(True)
        self.found.setColumnCount(3)
        self.found.setRootIsDecorated(False)
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.found.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.found.itemClicked.connect(self._do)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.words)
        layout.addWidget(self.found)
        self.resize(560, 420)
        self._find("")
        self.words.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while the words keep the focus."""
        chosen = self.found.currentItem()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and chosen is not None:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self._choose((self.found.indexOfTopLevelItem(chosen) + step) % self.found.topLevelItemCount())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do(chosen)
                return True
        return super().eventFilter(watched, event)

    def _find(self, words: str) -> None:
        self.found.clear()
        scored = [(match(words, f"{plain(action.text())} {menu}"), menu, action) for menu, action in self._actions]
        for _score, menu, action in sorted((s for s in scored if s[0] is not None), key=lambda each: each[0] or 0):
            keys = "   ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
            item = QTreeWidgetItem([plain(action.text()), menu, keys])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
            item.setDisabled(not action.isEnabled())
            self.found.addTopLevelItem(item)
        self._choose(0)

    def _choose(self, row: int) -> None:
        item = self.found.topLevelItem(row)
        if item is not None:
            self.found.setCurrentItem(item)

    def _do(self, item: QTreeWidgetItem) -> None:
        action: QAction = item.data(0, Qt.ItemDataRole.UserRole)
        if action.isEnabled():
            self.accept()
            action.trigger()


def plain(text: str) -> str:
    """A menu's text without the mark of its access key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def match(words: str, text: str) -> float | None:
    """How badly words match a text, 0 for best; None for not at all. Each word's letters must come in order."""
    text, cost = text.casefold(), 0.0
    for word in words.casefold().split():
        whole = text.find(word)
        if whole >= 0:
            cost += 0 if whole == 0 or text[whole - 1] == " " else 1
            continue
        at = -1
        for letter in word:
            at = text.find(letter, at + 1)
            if at < 0:
                return None
        cost += 4
    return cost
