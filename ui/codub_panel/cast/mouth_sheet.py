"""The contact sheet: every speaker's mouths of all kinds that the face uses, clip by clip."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from codub.dubbing.cast.mouth_pictures import ReferenceRow
from codub.face.model import MOUTHS
from codub_panel.cast.mouth_section import MOUTH_NAMES, MOUTH_ORDER, mouth_pixmap
from codub_panel.language import from_registry

_SIDE = 108  # pixels of a picture


class MouthSheet(QDialog):
    """One row a speaker and clip; frames chosen by hand are named so."""

    def __init__(self, rows: Sequence[ReferenceRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Mouths"))
        sheet = QWidget(self)
        grid = QGridLayout(sheet)
        kinds = [kind for kind in MOUTH_ORDER if any(MOUTHS.index(kind) < len(row.pictures) for row in rows)]
        for column, kind in enumerate(kinds, 1):
            grid.addWidget(self._label(f"<b>{from_registry(MOUTH_NAMES[kind])}</b>"), 0, column)
        for number, row in enumerate(rows, 1):
            doubt = f"<br>{row.doubt}" if row.doubt else ""
            grid.addWidget(self._label(f"<b>{row.speaker}</b><br>{row.clip}{doubt}"), 2 * number, 0)
            for column, kind in enumerate(kinds, 1):
                place = MOUTHS.index(kind)
                if place >= len(row.pictures):
                    continue
                picture = self._label("")
                picture.setPixmap(mouth_pixmap(row.pictures[place], _SIDE))
                where = row.frames[place] + (self.tr(", chosen") if row.chosen[place] else "")
                picture.setAccessibleName(f"{row.speaker}, {row.clip}, {from_registry(MOUTH_NAMES[kind])}: {where}")
                grid.addWidget(picture, 2 * number, column)
                grid.addWidget(self._label(where), 2 * number + 1, column)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(sheet)
        scroll.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        self.resize(220 + (_SIDE + 6) * len(kinds), 620)

    @staticmethod
    def _label(text: str) -> QLabel:
        label = QLabel(text)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        return label
