"""The cast's dock, a speaker's mouth: the frames of three or five kinds that it is made of."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.cast.casting import Member
from codub.dubbing.cast.mouth_pictures import ReferenceRow
from codub.face.model import MOUTHS
from codub_panel.language import QT_TRANSLATE_NOOP, from_registry

_SIDE = 108  # pixels of a picture
MOUTH_ORDER = ("closed", "between", "open", "rounded", "spread")  # as a mouth opens; a row of three, then two
_IN_A_ROW = 3
MOUTH_NAMES = {
    "closed": QT_TRANSLATE_NOOP("registry", "Closed"),
    "between": QT_TRANSLATE_NOOP("registry", "Half open"),
    "open": QT_TRANSLATE_NOOP("registry", "Open, with teeth"),
    "rounded": QT_TRANSLATE_NOOP("registry", "Rounded"),
    "spread": QT_TRANSLATE_NOOP("registry", "Spread"),
}


class MouthSection(QGroupBox):
    """Pictures of one of the speaker's clips, each a button that replaces it: the kinds that the face uses."""

    replace_wanted = Signal(str)  # kind of mouth
    automatic_wanted = Signal(str)  # kind of mouth; "" for all
    picture_wanted = Signal()
    look_wanted = Signal()
    sheet_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Mouth"))
        self._rows: tuple[ReferenceRow, ...] = ()
        self._member = Member("")
        self.clip = QComboBox(self)
        self.clip.setAccessibleName(self.tr("Clip whose pictures are shown"))
        self.clip.currentIndexChanged.connect(self._show)
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.pictures: dict[str, QToolButton] = {}
        self.captions: dict[str, QLabel] = {}
        self.resets: dict[str, QPushButton] = {}
        cells = QGridLayout()
        for place, kind in enumerate(MOUTH_ORDER):
            picture = self.pictures[kind] = QToolButton(self)
            picture.setIconSize(QSize(_SIDE, _SIDE))
            picture.setToolTip(self.tr("Choose another frame"))
            picture.setAccessibleName(from_registry(MOUTH_NAMES[kind]))
            picture.setAutoRaise(True)
            picture.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            picture.setFixedSize(_SIDE + 10, _SIDE + 10)
            picture.clicked.connect(lambda _on=False, kind=kind: self.replace_wanted.emit(kind))
            caption = self.captions[kind] = QLabel(self)
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            caption.setWordWrap(True)
            reset = self.resets[kind] = QPushButton(self.tr("Automatic"), self)
            reset.clicked.connect(lambda _on=False, kind=kind: self.automatic_wanted.emit(kind))
            below, column = divmod(place, _IN_A_ROW)
            for row, widget in enumerate((picture, caption, reset)):
                cells.addWidget(widget, 3 * below + row, column, Qt.AlignmentFlag.AlignCenter)
        cells.setColumnStretch(_IN_A_ROW, 1)
        self.look = QPushButton(self.tr("Look for the faces"), self)
        self.look.clicked.connect(self.look_wanted)
        self.picture = QPushButton(self.tr("Pictures of the person ..."), self)
        self.picture.clicked.connect(self.picture_wanted)
        self.reset = QPushButton(self.tr("All automatic"), self)
        self.reset.clicked.connect(lambda: self.automatic_wanted.emit(""))
        self.sheet = QPushButton(self.tr("Contact sheet"), self)
        self.sheet.clicked.connect(self.sheet_wanted)
        self.cells = QFrame(self)
        self.cells.setLayout(cells)
        head, foot = QHBoxLayout(), QGridLayout()
        head.addWidget(self.told, 1)
        head.addWidget(self.clip)
        for place, button in enumerate((self.picture, self.look, self.sheet, self.reset)):
            foot.addWidget(button, place // 2, place % 2)
        foot.setColumnStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self.cells)
        layout.addLayout(foot)

    def show_rows(self, member: Member, rows: tuple[ReferenceRow, ...], clips: int) -> None:
        """Show a speaker's mouths; `clips` is in how many clips the speaker is seen."""
        other = member.speaker != self._member.speaker
        self._member, self._rows = member, rows
        at = 0 if other else max(0, self.clip.currentIndex())
        self.clip.blockSignals(True)
        self.clip.clear()
        self.clip.addItems([row.clip for row in rows])
        self.clip.setCurrentIndex(min(at, len(rows) - 1))
        self.clip.blockSignals(False)
        self.clip.setVisible(len(rows) > 1)
        self.cells.setVisible(bool(rows))
        self.look.setVisible(not rows and clips > 0)
        self.picture.setEnabled(clips > 0)
        self.sheet.setEnabled(bool(rows))
        self.reset.setEnabled(bool(member.identity or member.picks))
        self._show()

    def _show(self) -> None:
        place = self.clip.currentIndex()
        row = self._rows[place] if 0 <= place < len(self._rows) else None
        self.told.setText(self._told(row))
        for kind in MOUTH_ORDER:
            self._show_cell(kind, row)

    def _told(self, row: ReferenceRow | None) -> str:
        if row is None:
            return self.tr("Nobody looked for this speaker's face yet, or it is not seen.")
        if row.doubt:
            return self.tr("Are these the right person? {why}.").format(why=row.doubt[:1].upper() + row.doubt[1:])
        if self._member.identity:
            return self.tr("Made of the pictures that were chosen, in every clip.")
        if any(row.chosen):
            return self.tr("Frames that were chosen serve in every clip; the others are each clip's own.")
        return self.tr("Each clip's own frames, found automatically.")

    def _show_cell(self, kind: str, row: ReferenceRow | None) -> None:
        name = from_registry(MOUTH_NAMES[kind])
        place = MOUTHS.index(kind)
        used = row is None or place < len(row.pictures)
        for widget in (self.pictures[kind], self.captions[kind], self.resets[kind]):
            widget.setVisible(used)
        if not used:
            return
        path = None if row is None else row.pictures[place]
        chosen = row is not None and row.chosen[place]
        where = "" if row is None else row.frames[place]
        pixmap = mouth_pixmap(path)
        self.pictures[kind].setIcon(QIcon(pixmap))
        self.pictures[kind].setAccessibleName(f"{name}: {where}")
        how = self.tr("chosen") if chosen else self.tr("found")
        self.captions[kind].setText("\n".join((name, where, how)))
        self.resets[kind].setEnabled(kind in self._member.picks)
        self.resets[kind].setAccessibleName(self.tr("{name}: automatic").format(name=name))


def mouth_pixmap(path: Path | None, side: int = _SIDE) -> QPixmap:
    """A picture of a mouth `side` pixels wide; a transparent one where there is none."""
    pixmap = QPixmap(str(path)) if path is not None and path.is_file() else QPixmap()
    if pixmap.isNull():
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap
    smooth = Qt.TransformationMode.SmoothTransformation
    return pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth)
