"""The bar above the work that says what happened, why and what to do, with the button that does it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from codub_panel.notice import Notice, Weight
from codub_panel.theme import themes

_SIGNS = {Weight.DONE: "✓", Weight.HINT: "i", Weight.TROUBLE: "!"}


class NoticeBar(QFrame):
    """Shows one notice until it is put away, or until the next one."""

    asked = Signal(str)  # name of the command that the button stands for

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(self.tr("Notice"))
        self.notice: Notice | None = None
        self.sign, self.message, self.details = QLabel(self), QLabel(self), QLabel(self)
        self.sign.setFixedWidth(22)
        self.sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self.message, self.details):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button = QPushButton(self)
        self.button.hide()
        self.button.clicked.connect(self._act)
        self.away = QToolButton(self)
        self.away.setText("\u2715")
        self.away.setAutoRaise(True)
        self.away.setAccessibleName(self.tr("Put the notice away"))
        self.away.setToolTip(self.tr("Put the notice away"))
        self.away.clicked.connect(self.put_away)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.message)
        texts.addWidget(self.details)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.away, 0, Qt.AlignmentFlag.AlignTop)
        themes().changed.connect(self._paint)
        self.hide()

    def show_notice(self, notice: Notice, action: str = "") -> None:
        """Show a notice; `action` is what its button says, "" for no button."""
        self.notice = notice
        self.sign.setText(_SIGNS[notice.weight])
        self.message.setText(notice.message)
        self.details.setText("\n".join(part for part in (notice.cause, notice.fix) if part))
        self.details.setVisible(bool(notice.cause or notice.fix))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self._paint()
        self.show()
        self.setAccessibleDescription(str(notice))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def put_away(self) -> None:
        """Say nothing more."""
        self.notice = None
        self.hide()

    def _act(self) -> None:
        if self.notice is not None:
            self.asked.emit(self.notice.command)

    def _paint(self) -> None:
        theme = themes().theme
        weight = Weight.HINT if self.notice is None else self.notice.weight
        ink = {Weight.DONE: theme.approved, Weight.HINT: theme.running, Weight.TROUBLE: theme.needs_work}[weight]
        self.setStyleSheet(
            f"#notice {{ background: {theme.raised}; border: none; border-left: 4px solid {ink}; }}"
            f" QLabel {{ color: {theme.text}; }}"
        )
        self.sign.setStyleSheet(f"color: {ink}; font-weight: 700; font-size: 15px;")
        self.message.setStyleSheet("font-weight: 600;")
        self.details.setStyleSheet(f"color: {theme.muted};")
