"""The send-back list: what writing the timeline will change, clip by clip; one button writes it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.sending import Sending
from codub.errors import CodubError
from codub.timeline.changes import ChangeKind, TimelineChange
from codub_panel.desk import Desk
from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.notice import Notice, Weight
from codub_panel.project.session import PanelSession
from codub_panel.shown_path import shown_path
from codub_panel.theme import theme, themes

_KINDS = {
    ChangeKind.TRACK: QT_TRANSLATE_NOOP("registry", "Track"),
    ChangeKind.PICTURE: QT_TRANSLATE_NOOP("registry", "Picture"),
    ChangeKind.SOUND: QT_TRANSLATE_NOOP("registry", "Original sound"),
    ChangeKind.VOICE: QT_TRANSLATE_NOOP("registry", "Dubbed voice"),
    ChangeKind.TAKES: QT_TRANSLATE_NOOP("registry", "Takes beside it"),
    ChangeKind.MARKER: QT_TRANSLATE_NOOP("registry", "Marker"),
    ChangeKind.EDIT: QT_TRANSLATE_NOOP("registry", "Your own edit"),
    ChangeKind.RECORD: QT_TRANSLATE_NOOP("registry", "Notes"),
}
_AT, _ITEM, _KIND, _NOW, _THEN = range(5)


class SendBack(QWidget):
    """Lists, then writes. What is written is what was listed: a list that has become old is made anew first."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.sending: Sending | None = None
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.list = QTreeWidget(self)
        self.list.setAccessibleName(self.tr("What will change"))
        self.list.setHeaderLabels(
            [self.tr("At"), self.tr("Clip or track"), self.tr("What"), self.tr("Now"), self.tr("Then")]
        )
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setSectionResizeMode(_THEN, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_AT, 96), (_ITEM, 170), (_KIND, 120), (_NOW, 170)):
            self.list.setColumnWidth(column, width)
        self.again = QPushButton(self.tr("List again"), self)
        self.again.clicked.connect(self._list)
        self.writing = QPushButton(self.tr("Write the timeline"), self)
        self.writing.setProperty("primary", True)
        self.writing.clicked.connect(self.write)
        self.folder = QPushButton(self.tr("Show in folder"), self)
        self.folder.clicked.connect(self.show_folder)
        buttons = QHBoxLayout()
        buttons.addWidget(self.told, 1)
        for button in (self.again, self.folder, self.writing):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        desk.changed.connect(self._changed)
        themes().changed.connect(self._fill)
        self._fill()

    # Commands

    def list_changes(self) -> None:
        """List what writing the timeline will change."""
        self._list()
        self.writing.setFocus()

    def write(self) -> None:
        """Write the timeline as listed; where the list was old, list anew and write nothing."""
        before = self.sending
        now = self._asked(self._desk.outlet.listed) if self._desk.outlet else None
        if now is None:
            return
        if before is None or before.changes != now.changes:
            self.sending = now
            self._fill()
            if before is not None:
                self._desk.tell(
                    Notice(
                        self.tr("Nothing was written yet: the takes changed since the list was made."),
                        fix=self.tr("Look at the new list, then write."),
                        command="send_back.write",
                    )
                )
            return
        assert self._desk.outlet is not None
        done = self._asked(self._desk.outlet.send)
        if done is None:
            return
        self.sending = Sending(done.output, False, (), done.notes)
        self._fill()
        self._desk.tell(self._written(done))

    def show_folder(self) -> None:
        """Open the folder of the written timeline."""
        if self._desk.outlet is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._desk.outlet.output.parent)))

    # Showing

    def showEvent(self, event: QShowEvent) -> None:
        """A list that comes into sight is made if there is none."""
        super().showEvent(event)
        if self.sending is None:
            self._list()

    def _list(self) -> None:
        if self._desk.outlet is not None:
            self.sending = self._asked(self._desk.outlet.listed)
            self._fill()

    def _asked(self, ask: Callable[[], Sending]) -> Sending | None:
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            return ask()
        except CodubError as error:
            self._desk.tell(Notice.of(error))
            return None
        finally:
            QGuiApplication.restoreOverrideCursor()

    def _changed(self) -> None:
        """Takes may have changed: the list is old."""
        if self.sending is not None:
            self.again.setVisible(True)

    def _fill(self) -> None:
        self.list.clear()
        sending = self.sending
        self.told.setToolTip("" if sending is None else str(sending.output))
        changes = () if sending is None else sending.changes
        self.list.addTopLevelItems([self._item(change) for change in changes])
        self.again.setVisible(sending is None)
        self.writing.setEnabled(bool(changes))
        outlet = self._desk.outlet
        self.folder.setVisible(outlet is not None and outlet.output.is_file())
        if sending is None:
            self.told.setText("")
        elif not changes:
            self.told.setText(
                self.tr("Nothing will change: {file} is as it should be.").format(file=self._shown(sending.output))
            )
        else:
            parts = [self.tr("%n change(s).", "", len(changes)), *sending.notes]
            parts.append(
                self.tr("A new file will be written: {file}").format(file=self._shown(sending.output))
                if sending.anew
                else self.tr("{file} will be replaced.").format(file=self._shown(sending.output))
            )
            parts.append(self.tr("Your own timeline and media stay as they are."))
            self.told.setText(" ".join(parts))

    def _shown(self, output: Path) -> str:
        return shown_path(output, self._session.job.project.parent)

    def _item(self, change: TimelineChange) -> QTreeWidgetItem:
        at = "" if change.kind in (ChangeKind.TRACK, ChangeKind.RECORD) else self._session.timecode(change.at)
        item = f"{change.item}  ({change.track})" if change.track else change.item
        row = QTreeWidgetItem([at, item, from_registry(_KINDS[change.kind]), change.before, change.after])
        colours = theme()
        for column in (_AT, _KIND, _NOW):
            row.setForeground(column, QColor(colours.muted))
        strong = change.kind in (ChangeKind.PICTURE, ChangeKind.VOICE, ChangeKind.TRACK)
        row.setForeground(_THEN, QColor(colours.approved if strong else colours.text))
        for column in range(5):
            row.setToolTip(column, row.text(column))
        return row

    def _written(self, done: Sending) -> Notice:
        """What was done and where; how it gets into the editor."""
        return Notice(
            self.tr("Written: {file}").format(file=self._shown(done.output)),
            " ".join((self.tr("%n change(s), as listed.", "", len(done.changes)), *done.notes)),
            self.tr("Import it in the editor as a new timeline; yours is untouched."),
            "send_back.show_folder",
            Weight.DONE,
        )
