"""Missing media linked again: one row a file, found by choosing it or a folder that holds it."""

from collections import Counter
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from codub.timeline.placed import Placement
from codub.timeline.relinks import search_folder
from codub_panel.notice import Notice, Weight
from codub_panel.project.session import PanelSession
from codub_panel.shown_path import shown_path
from codub_panel.theme import theme

_FILE, _CLIPS, _FOUND = range(3)
_NAME = Qt.ItemDataRole.UserRole  # of a missing file, as the timeline has it


def missing_media(placement: Placement | None) -> dict[str, int]:
    """Files that clips of the timeline want and that cannot be used, with the number of those clips."""
    problems = () if placement is None else placement.problems
    return dict(Counter(problem.media for problem in problems if problem.media))


def missing_notice(session: PanelSession) -> Notice | None:
    """What to say of a project whose media is missing; None where all is there."""
    missing = missing_media(session.placement)
    if not missing or session.placement is None:
        return None
    first = next(problem for problem in session.placement.problems if problem.media)
    return Notice(
        QCoreApplication.translate("RelinkDialog", "Media that cannot be used: {count}").format(count=len(missing)),
        str(first).replace(first.media, shown_path(first.media, session.job.project.parent))
        + (QCoreApplication.translate("RelinkDialog", " And others.") if len(missing) > 1 else ""),
        QCoreApplication.translate(
            "RelinkDialog", "Relink: choose the file, or a folder to search. Your timeline stays as it is."
        ),
        "window.relink",
        Weight.TROUBLE,
    )


class RelinkDialog(QDialog):
    """`found` holds what was chosen, by the missing file's name."""

    def __init__(self, missing: dict[str, int], folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Relink missing media"))
        self.found: dict[str, Path] = {}
        self._folder = folder
        self.list = QTreeWidget(self)
        self.list.setAccessibleName(self.tr("Missing media"))
        self.list.setHeaderLabels([self.tr("Missing"), self.tr("Clips"), self.tr("Found")])
        self.list.setRootIsDecorated(False)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.header().setSectionResizeMode(_FOUND, QHeaderView.ResizeMode.Stretch)
        for name, clips in missing.items():
            row = QTreeWidgetItem([shown_path(name, folder), str(clips), ""])
            row.setToolTip(_FILE, name)
            row.setData(_FILE, _NAME, name)
            self.list.addTopLevelItem(row)
        self.list.setColumnWidth(_FILE, 340)
        self.list.setColumnWidth(_CLIPS, 56)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        told = QLabel(
            self.tr("What you choose is kept beside the takes. Your timeline and its links are not changed."), self
        )
        told.setWordWrap(True)
        self.file = QPushButton(self.tr("Choose the file ..."), self)
        self.file.clicked.connect(self.choose_file)
        self.folder = QPushButton(self.tr("Search a folder ..."), self)
        self.folder.clicked.connect(self.choose_folder)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Relink"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        row_of_buttons = QHBoxLayout()
        row_of_buttons.addWidget(self.file)
        row_of_buttons.addWidget(self.folder)
        row_of_buttons.addStretch(1)
        row_of_buttons.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(told)
        layout.addWidget(self.list, 1)
        layout.addLayout(row_of_buttons)
        self.resize(860, 320)
        self._look()

    def choose_file(self) -> None:
        """Choose the file for the current row."""
        row = self.list.currentItem()
        if row is None:
            return
        title = self.tr("The file for {name}").format(name=Path(row.data(_FILE, _NAME)).name)
        chosen, _ = QFileDialog.getOpenFileName(self, title, str(self._folder))
        if chosen:
            self.take({row.data(_FILE, _NAME): Path(chosen)})

    def choose_folder(self) -> None:
        """Search a folder, and what lies below it, for everything that is missing."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Search this folder"), str(self._folder))
        if chosen:
            self.take(search_folder(Path(chosen), self._names()))

    def take(self, found: dict[str, Path]) -> None:
        """Have these files for these missing ones."""
        self.found |= found
        self._look()

    def _names(self) -> list[str]:
        rows = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [row.data(_FILE, _NAME) for row in rows if row is not None]

    def _look(self) -> None:
        for number in range(self.list.topLevelItemCount()):
            row = self.list.topLevelItem(number)
            if row is None:
                continue
            path = self.found.get(row.data(_FILE, _NAME))
            row.setText(_FOUND, self.tr("not found yet") if path is None else shown_path(path, self._folder))
            row.setForeground(_FOUND, QColor(theme().needs_work if path is None else theme().approved))
            row.setToolTip(_FOUND, row.text(_FOUND) if path is None else str(path))
            row.setTextAlignment(_CLIPS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.found))
