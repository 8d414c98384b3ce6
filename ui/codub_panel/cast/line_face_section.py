"""The cast's dock, the line in hand: which face says it in each of its clips, and why."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QGroupBox, QLabel, QPushButton, QVBoxLayout, QWidget

from codub_panel.cast.cast_model import LineInClip


class LineFaceSection(QGroupBox):
    """One row a clip: what is decided or found, and buttons to decide."""

    face_wanted = Signal(object)  # LineInClip
    nobody_wanted = Signal(object)
    automatic_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[QLabel, QPushButton, QPushButton, QPushButton]] = []
        self._grid: QWidget | None = None
        self._shown: object = None
        self._layout = QVBoxLayout(self)
        self.empty = QLabel(self)
        self._layout.addWidget(self.empty)
        self.show_line(None, ())

    def show_line(self, number: int | None, clips: tuple[LineInClip, ...]) -> None:
        """Show a line; None where none is in hand."""
        shown = (number, [(one.job.clip.address, one.found, one.told) for one in clips])
        if shown == self._shown:
            return
        self._shown = shown
        self.setTitle(self.tr("Face of line {number}").format(number=number) if number else self.tr("Face of a line"))
        self.empty.setText(self.tr("Choose a line.") if number is None else self.tr("The line is not seen."))
        self.empty.setVisible(not clips)
        if self._grid is not None:
            self._layout.removeWidget(self._grid)
            self._grid.deleteLater()
        self._grid = QWidget(self)
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(3, 1)
        self.rows = []
        for row, one in enumerate(clips):
            text = QLabel(f"<b>{one.job.clip.name}</b>: {self._said(one)}", self._grid)
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.RichText)
            choose = self._button(one, self.tr("Choose the face ..."), self.face_wanted.emit)
            nobody = self._button(one, self.tr("Nobody"), self.nobody_wanted.emit)
            automatic = self._button(one, self.tr("Automatic"), self.automatic_wanted.emit)
            automatic.setEnabled(bool(one.told))
            grid.addWidget(text, 2 * row, 0, 1, 4)
            for column, button in enumerate((choose, nobody, automatic)):
                grid.addWidget(button, 2 * row + 1, column)
            self.rows.append((text, choose, nobody, automatic))
        self._layout.addWidget(self._grid)

    def _button(self, one: LineInClip, name: str, wanted: Callable[[LineInClip], None]) -> QPushButton:
        button = QPushButton(name, self._grid)
        button.setAccessibleName(f"{one.job.clip.name}: {name}")
        button.clicked.connect(lambda _on=False: wanted(one))
        return button

    def _said(self, one: LineInClip) -> str:
        number = one.shot.cue.number
        if one.told and all(choice.at is None for choice in one.told):
            return self.tr("nobody in the picture says it, as chosen")
        if one.found is None:
            return self.tr("chosen by hand") if one.told else self.tr("the speaker will be found")
        speaking = one.found.speaking(number, one.told)
        seen = len(one.found.boxes(one.middle))
        faces = self.tr("1 face") if seen == 1 else self.tr("{number} faces").format(number=seen)
        if not speaking:
            return self.tr("{faces}; none of them is taken for the speaker").format(faces=faces)
        boxes = one.found.boxes(one.middle)
        places = [str(i) for i, box in enumerate(boxes, 1) if box.identity in speaking]
        which = self.tr("face {place}").format(place=", ".join(places)) if len(boxes) > 1 and places else ""
        return "; ".join(part for part in (faces, which, ", ".join(dict.fromkeys(speaking.values()))) if part)
