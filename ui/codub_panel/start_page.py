"""What stands in the window while no project is open: drop one, open one, go on with one, or try the sample."""

from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from codub_panel.project.project_files import SUBTITLES, TIMELINES, ProjectFiles, lines_beside
from codub_panel.project.recent import RecentProject, forget_project, recent_projects
from codub_panel.theme import theme, themes

_PICTURE = QSize(128, 72)


class StartPage(QWidget):
    """Collects a timeline and its lines; `chosen` carries both once they are known."""

    chosen = Signal(object, object)  # timeline, lines
    waits = Signal()  # one file is here and the other is not: show this page
    sample_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files = ProjectFiles()
        self.beside = QVBoxLayout()
        self.drop = self._drop_card()
        self.recent = _Recent(self)
        self.recent.itemActivated.connect(self._open_recent)
        self.nothing_yet = QLabel(self.tr("Projects that you open are listed here."), self)
        self.steps = QLabel(self._steps(), self)
        self.steps.setTextFormat(Qt.TextFormat.RichText)
        self.steps.setWordWrap(True)
        heading = QLabel(self.tr("Recent projects"), self)
        heading.setFont(_font(self, 1.15, bold=True))
        right = QVBoxLayout()
        right.setSpacing(8)
        for widget in (heading, self.nothing_yet, self.recent):
            right.addWidget(widget)
        right.setStretch(2, 1)
        right.addStretch(0)
        left = QVBoxLayout()
        left.setSpacing(24)
        left.addWidget(self.drop)
        left.addWidget(self.steps)
        left.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(32)
        columns.addLayout(left, 5)
        columns.addLayout(right, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 32, 40, 32)
        layout.setSpacing(4)
        name = QLabel("codub", self)  # a name, the same in every language
        name.setFont(_font(self, 2.2, bold=True))
        self.what = QLabel(self.tr("Dub a timeline: voice and lips from one translated line."), self)
        layout.addWidget(name)
        layout.addWidget(self.what)
        layout.addSpacing(20)
        layout.addLayout(columns, 1)
        themes().changed.connect(self._paint)
        self._paint()
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """Little: while a project is open this page lies under it, and must not make it taller."""
        return QSize(480, 120)

    def _drop_card(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("drop")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(10)
        self.asked = QLabel(card)
        self.asked.setFont(_font(self, 1.25, bold=True))
        self.asked.setWordWrap(True)
        self.hint = QLabel(card)
        self.hint.setWordWrap(True)
        self.open = QPushButton(card)
        self.open.setProperty("primary", True)
        self.open.clicked.connect(lambda: self.choose_lines() if self.files.timeline else self.choose_timeline())
        self.again = QPushButton(self.tr("Start over"), card)
        self.again.clicked.connect(self.clear)
        self.sample = QPushButton(self.tr("Try the sample project"), card)
        self.sample.clicked.connect(self.sample_wanted)
        layout.addWidget(self.asked)
        layout.addWidget(self.hint)
        layout.addLayout(self.beside)
        layout.addSpacing(6)
        for button in (self.open, self.sample, self.again):
            layout.addWidget(button)
        return card

    def _steps(self) -> str:
        """How the work goes, in four lines."""
        steps = (
            (self.tr("Dub"), self.tr("Choose lines, Ctrl+D. Voice and lips come from one latent.")),
            (self.tr("Compare"), self.tr("B switches between original and take; F7 shows both.")),
            (self.tr("Judge"), self.tr("A approves, N sends back; every take is kept.")),
            (self.tr("Send back"), self.tr("Ctrl+S lists what will change, then writes a timeline of its own.")),
        )
        return "".join(
            f"<p><b>{number}.&nbsp; {name}</b><br>{what}</p>" for number, (name, what) in enumerate(steps, 1)
        )

    def take(self, paths: list[Path]) -> None:
        """Files were dropped or chosen: open them, or ask for what is missing."""
        self.files = self.files.with_files(paths)
        complete = self.files.complete
        if complete is None:
            self.refresh()
            self.waits.emit()
        else:
            self.clear()
            self.chosen.emit(*complete)

    def choose_timeline(self) -> None:
        """Ask for a timeline file."""
        self._choose(self.tr("Timeline to dub"), TIMELINES)

    def choose_lines(self) -> None:
        """Ask for the translated lines."""
        self._choose(self.tr("Translated lines, such as LINES.es.srt"), SUBTITLES)

    def _choose(self, title: str, suffixes: tuple[str, ...]) -> None:
        kinds = f"{title} ({' '.join('*' + suffix for suffix in suffixes)})"
        chosen, _kind = QFileDialog.getOpenFileName(self, title, "", f"{kinds};;{self.tr('All files')} (*)")
        if chosen:
            self.take([Path(chosen)])

    def clear(self) -> None:
        """Forget what was dropped."""
        self.files = ProjectFiles()
        self.refresh()

    def refresh(self) -> None:
        """Say what is there and what is missing; list the recent projects as they are now."""
        timeline, lines = self.files.timeline, self.files.lines
        if timeline is not None:
            self.asked.setText(self.tr("Now the translated lines"))
            self.hint.setText(self.tr("{name} is here. Drop its subtitles, or choose:").format(name=timeline.name))
        elif lines is not None:
            self.asked.setText(self.tr("Now the timeline"))
            self.hint.setText(self.tr("{name} is here. Drop the timeline they belong to.").format(name=lines.name))
        else:
            self.asked.setText(self.tr("Drop a timeline and its translated lines here"))
            self.hint.setText(
                self.tr("OTIO, EDL, Final Cut Pro XML or AAF, with SRT, VTT or ASS; together or in turn.")
            )
        self.open.setText(self.tr("Choose subtitles ...") if timeline else self.tr("Open a timeline ..."))
        self.again.setVisible(timeline is not None or lines is not None)
        self._offer_lines(() if timeline is None else lines_beside(timeline))
        self._list_recent()

    def _offer_lines(self, beside: tuple[Path, ...]) -> None:
        while (item := self.beside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for path in beside[:6]:
            button = QPushButton(path.name, self.drop)
            button.clicked.connect(lambda _checked=False, path=path: self.take([path]))
            self.beside.addWidget(button)

    def _list_recent(self) -> None:
        self.recent.clear()
        for project in recent_projects():
            self.recent.add(project)
        some = self.recent.count() > 0
        self.recent.setVisible(some)
        self.nothing_yet.setVisible(not some)

    def _open_recent(self, item: QListWidgetItem) -> None:
        project: RecentProject = item.data(Qt.ItemDataRole.UserRole)
        self.chosen.emit(Path(project.timeline), Path(project.lines))

    def _paint(self) -> None:
        colours = theme()
        self.drop.setStyleSheet(
            f"#drop {{ background: {colours.base}; border: 2px dashed {colours.border}; border-radius: 10px; }}"
        )
        for label in (self.hint, self.what, self.nothing_yet, self.steps):
            label.setStyleSheet(f"color: {colours.muted};")


class _Recent(QListWidget):
    """One row a project; Delete takes it off the list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Recent projects"))
        self.setIconSize(_PICTURE)
        self.setSpacing(2)
        self.setUniformItemSizes(True)
        self.setToolTip(self.tr("Enter opens, Delete takes off the list"))

    def add(self, project: RecentProject) -> None:
        """Append a project."""
        timeline, lines = Path(project.timeline), Path(project.lines)
        opened = QLocale().toString(
            QDateTime.fromString(project.opened, Qt.DateFormat.ISODate), QLocale.FormatType.ShortFormat
        )
        missing = "" if project.there else self.tr("   (not there any more)")
        folder = _shortened(timeline.parent)
        item = QListWidgetItem(f"{timeline.name}  ·  {lines.name}{missing}\n{folder}\n{opened}")
        item.setIcon(QIcon(_picture(project.picture)))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text())
        item.setData(Qt.ItemDataRole.UserRole, project)
        self.addItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete forgets a project."""
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Delete and item is not None:
            forget_project(item.data(Qt.ItemDataRole.UserRole))
            self.takeItem(self.row(item))
            return
        super().keyPressEvent(event)


def _picture(path: str) -> QPixmap:
    """The picture, upright in its frame; an empty frame where there is none."""
    frame = QPixmap(_PICTURE)
    frame.fill(QColor(theme().raised))
    picture = QPixmap(path) if path else QPixmap()
    if not picture.isNull():
        picture = picture.scaled(
            _PICTURE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter = QPainter(frame)
        painter.fillRect(frame.rect(), QColor("#000000"))
        painter.drawPixmap((frame.width() - picture.width()) // 2, (frame.height() - picture.height()) // 2, picture)
        painter.end()
    return frame


def _shortened(folder: Path) -> str:
    try:
        return "~/" + folder.relative_to(Path.home()).as_posix()
    except ValueError:
        return str(folder)


def _font(widget: QWidget, larger: float, *, bold: bool = False) -> QFont:
    font = QFont(widget.font())
    font.setPointSizeF(font.pointSizeF() * larger)
    font.setBold(bold)
    return font
