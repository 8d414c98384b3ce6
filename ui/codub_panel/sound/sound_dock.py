"""The sound view on the desk: it shows the line in hand, and hands what is moved to the session."""

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from codub.dubbing.record import delivery_of
from codub.errors import CodubError
from codub_panel.desk import Desk
from codub_panel.notice import Notice
from codub_panel.project.session import Line, PanelSession
from codub_panel.sound.boundaries import Boundary, Kind, Marking, spoken_window
from codub_panel.sound.sound_picture import SoundPicture, read_sound_picture
from codub_panel.sound.sound_view import SoundView, boundary_name
from codub_panel.viewing.footage import Reel, original_reel, take_reel
from codub_panel.viewing.reading import Reader


class SoundDock(QWidget):
    """The sound of the line in hand, what was edited of it, and the key that says it anew."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.view = SoundView(self)
        self.told = QLabel(self)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reset = QPushButton(self.tr("Take edits back"), self)
        self._reset.clicked.connect(self.reset_edits)
        self._listen = QPushButton(self.tr("Hear the line"), self)
        self._listen.setToolTip(self.tr("Say it as it is now; nothing is kept. Again: be silent"))
        self._listen.clicked.connect(self.rehearse)
        self._again = QPushButton(self.tr("Dub the line anew"), self)
        self._again.clicked.connect(self.regenerate)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(8)
        bar.addWidget(self.told, 1)
        bar.addWidget(self._reset)
        bar.addWidget(self._listen)
        bar.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addLayout(bar)
        self._read: tuple[object, ...] = ()
        self._picture: SoundPicture | None = None
        self._problem = ""
        self._reader = Reader(self)
        self._reader.arrived.connect(self._arrived)
        self.view.sought.connect(lambda seconds: desk.sought.emit(Fraction(seconds)))
        self.view.selected.connect(self._selected)
        self.view.moved.connect(self._moved)
        self.view.reset.connect(self._reset_kind)
        desk.changed.connect(self._look)
        desk.pointed.connect(lambda seconds: self.view.point(float(seconds)))
        self._look()

    def close_dock(self) -> None:
        """Let go of the thread."""
        self._reader.close()

    # Commands

    def regenerate(self) -> None:
        """Dub the line anew, as it is edited."""
        if self._desk.line is not None:
            self._desk.want([self._desk.line.cue.number])

    def rehearse(self) -> None:
        """Hear the line as it is edited, while it is being made; nothing is kept."""
        if self._desk.line is not None:
            self._desk.rehearsed.emit(self._desk.line.cue.number)

    def reset_edits(self) -> None:
        """Take back the moved boundaries and the cue's moved edges."""
        line = self._desk.line
        if line is not None:
            with self._session.together(f"reset of line {line.cue.number}"):
                self._session.reset_delivery(line.cue.number, "durations")
                self._session.reset_window(line.cue.number)

    def zoom_in(self) -> None:
        """Nearer."""
        self.view.zoom_in()

    def zoom_out(self) -> None:
        """Farther."""
        self.view.zoom_out()

    def show_all(self) -> None:
        """The whole stretch."""
        self.view.show_all()

    def pan_left(self) -> None:
        """Half a page back."""
        self.view.pan_left()

    def pan_right(self) -> None:
        """Half a page on."""
        self.view.pan_right()

    def next_boundary(self) -> None:
        """Take hold of the next boundary."""
        self.view.setFocus()
        self.view.hold_next(1)

    def previous_boundary(self) -> None:
        """Take hold of the boundary before."""
        self.view.setFocus()
        self.view.hold_next(-1)

    def boundary_earlier(self) -> None:
        """Move the boundary in hand back by its step."""
        self.view.move_held(-1)

    def boundary_later(self) -> None:
        """Move the boundary in hand on by its step."""
        self.view.move_held(1)

    # Looking

    def _look(self) -> None:
        line, session = self._desk.line, self._session
        wanted: tuple[object, ...] = ()
        if line is not None:
            wanted = (line.cue.number, line.cue.start, line.cue.end, line.chosen and line.chosen.name)
        if wanted != self._read:
            same_line = wanted[:1] == self._read[:1]
            self._read, self._problem = wanted, ""
            if line is None:
                self._picture = None
                self._reader.forget()
                self.view.show_message(self.tr("Choose a line."))
            else:
                if not same_line:
                    self._picture = None
                    self.view.show_message(self.tr("Reading the sound ..."))
                self._ask(line, session)
        self._show()

    def _ask(self, line: Line, session: PanelSession) -> None:
        reels: list[Reel] = [original_reel(session, line, label=self.tr("original"))]
        take = line.chosen
        if take is not None:
            reels.append(take_reel(session, line, take, label=f"{self.tr('take')} {take.take}"))
        asked, folder = tuple(reels), session.store.folder
        self._reader.read(lambda: read_sound_picture(asked, take, folder))

    def _arrived(self, result: object) -> None:
        if isinstance(result, SoundPicture):
            self._picture, self._problem = result, result.problem
        elif isinstance(result, CodubError):
            self._picture, self._problem = None, str(result)
            self.view.show_message(str(result))
        self._show()

    def _show(self) -> None:
        line, picture = self._desk.line, self._picture
        if line is not None and picture is not None:
            self.view.show_sound(self._marking(line, picture), self._session.rate, self._session.start)
        edited = line is not None and bool({"window"} & line.edited or line.delivery.durations)
        self._reset.setEnabled(edited)
        for button in (self._listen, self._again):
            button.setEnabled(line is not None)
        self.told.setText(self._said(line, picture))

    def _said(self, line: Line | None, picture: SoundPicture | None) -> str:
        if self._problem or line is None or picture is None:
            return self._problem
        edited = [b for b in self._marking(line, picture).boundaries if b.edited]
        if edited:
            return self.tr("Edited: {0}. It is heard when the line is dubbed anew.").format(_listed(edited))
        if picture.take is not None and not picture.groups:
            return self.tr("The sounds of this take cannot be moved; those of a new take can.")
        return self.tr("Tab: next boundary. Arrows move it, with Shift by a frame; up and down: cue, words, sounds.")

    def _marking(self, line: Line, picture: SoundPicture) -> Marking:
        spoken = spoken_window(picture, self._session.original(line.cue.number))
        delivery = line.delivery
        if picture.take is not None and delivery.durations == delivery_of(picture.take).durations:
            # The take was made so: nothing of it is an edit.
            return Marking(picture, line.cue, spoken, delivery, made_so=True)
        return Marking(picture, line.cue, spoken, delivery)

    # Editing

    def _moved(self, boundary: Boundary, to: float) -> None:
        line, picture, session = self._desk.line, self._picture, self._session
        if line is None or picture is None:
            return
        number = line.cue.number
        try:
            if boundary.kind is Kind.CUE_START:
                session.set_window(number, start=Fraction(to).limit_denominator(1000))
            elif boundary.kind is Kind.CUE_END:
                session.set_window(number, end=Fraction(to).limit_denominator(1000))
            else:
                session.set_delivery(number, self._marking(line, picture).dragged(boundary, to))
        except CodubError as error:
            self._desk.tell(Notice.of(error))
        self._show()

    def _reset_kind(self, boundary: Boundary) -> None:
        line = self._desk.line
        if line is None:
            return
        if boundary.kind in (Kind.CUE_START, Kind.CUE_END):
            self._session.reset_window(line.cue.number)
        else:
            self._session.reset_delivery(line.cue.number, "durations")

    def _selected(self, span: tuple[float, float] | None) -> None:
        self._desk.select_range(None if span is None else (Fraction(span[0]), Fraction(span[1])))


def _listed(edited: Sequence[Boundary]) -> str:
    """What was moved, in words, the first few."""
    names = [boundary_name(b) if b.kind in (Kind.CUE_START, Kind.CUE_END) else f"'{b.label}'" for b in edited]
    shown = list(dict.fromkeys(names))
    return ", ".join(shown[:4]) + (" ..." if len(shown) > 4 else "")
