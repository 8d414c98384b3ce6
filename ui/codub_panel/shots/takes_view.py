"""The takes of the line in hand: chosen, starred, judged, remarked upon, and marked to be compared."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem

from codub.dubbing.deliveries import delivery_values
from codub.dubbing.record import ReviewState, TakeRecord, delivery_of, warnings_of
from codub.speech.model import Delivery
from codub_panel.desk import Desk
from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.notice import Notice
from codub_panel.project.line import Line
from codub_panel.project.session import PanelSession
from codub_panel.shots.shots_model import fit_text

COLUMNS = (
    QT_TRANSLATE_NOOP("registry", "Take"),
    QT_TRANSLATE_NOOP("registry", "Star"),
    QT_TRANSLATE_NOOP("registry", "State"),
    QT_TRANSLATE_NOOP("registry", "Compare"),
    QT_TRANSLATE_NOOP("registry", "Fit"),
    QT_TRANSLATE_NOOP("registry", "Scores"),
    QT_TRANSLATE_NOOP("registry", "Said"),
    QT_TRANSLATE_NOOP("registry", "Made"),
    QT_TRANSLATE_NOOP("registry", "Comment"),
)
TAKE, STAR, STATE, COMPARE, FIT, SCORES, SAID, MADE, COMMENT = range(len(COLUMNS))

# Keys while this list has the focus: they act on the take in hand, where the shot list's act on the chosen one.
ACTIONS: tuple[tuple[str, str, str], ...] = (
    ("choose", QT_TRANSLATE_NOOP("registry", "Choose this take"), "Return"),
    ("star", QT_TRANSLATE_NOOP("registry", "Star"), "S"),
    ("approve", QT_TRANSLATE_NOOP("registry", "Approve this take"), "A"),
    ("reject", QT_TRANSLATE_NOOP("registry", "Needs work"), "N"),
    ("comment", QT_TRANSLATE_NOOP("registry", "Comment"), "C"),
    ("mark_a", QT_TRANSLATE_NOOP("registry", "Compare as A"), "1"),
    ("mark_b", QT_TRANSLATE_NOOP("registry", "Compare as B"), "2"),
    ("adopt", QT_TRANSLATE_NOOP("registry", "Go on from this take's delivery"), "D"),
    ("choose_none", QT_TRANSLATE_NOOP("registry", "Choose no take: the original plays"), "Backspace"),
)


_COMMENT_WIDE = 150  # pixels to begin with


class TakesView(QTreeWidget):
    """One row a take, the oldest first; the current row is the take in hand, the marked one plays."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self._listed: object = None
        self.setAccessibleName(self.tr("Takes of the line"))
        self.setHeaderLabels([from_registry(name) for name in COLUMNS])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMinimumHeight(90)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(COMMENT, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(COMMENT, _COMMENT_WIDE)
        self.header().moveSection(COMMENT, STATE + 1)  # what people wrote stands before what was measured
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.itemActivated.connect(lambda _item, _column: self.choose())
        self.itemChanged.connect(self._written)
        self._keys = {getattr(Qt.Key, f"Key_{key}").value: name for name, _, key in ACTIONS}
        desk.changed.connect(self._look)

    def count(self) -> int:
        """How many takes are listed."""
        return self.topLevelItemCount()

    @property
    def take(self) -> TakeRecord | None:
        """The take in hand: the current row's, else the chosen one."""
        line, item = self._desk.line, self.currentItem()
        if line is None:
            return None
        return line.chosen if item is None else line.take(item.data(TAKE, Qt.ItemDataRole.UserRole))

    # Commands

    def next_take(self) -> None:
        """Choose the take after the chosen one."""
        self._choose_beside(1)

    def previous_take(self) -> None:
        """Choose the take before the chosen one."""
        self._choose_beside(-1)

    def choose(self) -> None:
        """Make the take in hand the chosen one."""
        self._on_take(lambda take: self._session.choose(take.cue, take))

    def choose_none(self) -> None:
        """Choose no take of the line."""
        if self._desk.line is not None:
            self._session.choose(self._desk.line.cue.number, None)

    def star(self) -> None:
        """Star the take in hand, or take its star away."""
        self._on_take(lambda take: self._session.star(take.cue, take))

    def approve(self) -> None:
        """Approve the take in hand."""
        self._on_take(lambda take: self._session.review(take.cue, ReviewState.APPROVED, take))

    def reject(self) -> None:
        """Send the take in hand back."""
        self._on_take(lambda take: self._session.review(take.cue, ReviewState.REJECTED, take))

    def mark_a(self) -> None:
        """Mark the take in hand as A of a comparison, or take the mark away."""
        self._mark("A")

    def mark_b(self) -> None:
        """Mark the take in hand as B of a comparison, or take the mark away."""
        self._mark("B")

    def adopt(self) -> None:
        """Make the delivery of the take in hand the line's own."""
        self._on_take(lambda take: self._session.adopt(take.cue, take))

    def comment(self) -> None:
        """Write a remark on the take in hand, in its row."""
        self._on_take(lambda take: self._edit(take.take))

    def _edit(self, number: int) -> None:
        item = self._item(number)
        if item is not None:
            self.setFocus()
            self.scrollTo(self.indexFromItem(item, COMMENT))
            self.editItem(item, COMMENT)

    def _on_take(self, act: Callable[[TakeRecord], object]) -> None:
        take = self.take
        if take is None:
            self._desk.tell(Notice(self.tr("There is no take in hand."), fix=self.tr("Dub the line first.")))
        else:
            act(take)

    def _mark(self, side: str) -> None:
        def mark(take: TakeRecord) -> None:
            now = self._session.line(take.cue).marks["AB".index(side)]
            self._session.mark(take.cue, side, None if now == take.take else take)

        self._on_take(mark)

    def _choose_beside(self, step: int) -> None:
        line = self._desk.line
        if line is not None and line.takes:
            at = line.takes.index(line.chosen) if line.chosen in line.takes else -1
            take = line.takes[(at + step) % len(line.takes)]
            self._session.choose(line.cue.number, take)
            item = self._item(take.take)
            if item is not None:
                self.setCurrentItem(item)  # what is chosen by key is what the next key judges

    # Keys and menu

    def event(self, event: QEvent) -> bool:
        """Claim the keys of the take in hand before the window's commands get them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._action(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on the take in hand."""
        name = self._action(event)
        if name:
            getattr(self, name)()
        else:
            super().keyPressEvent(event)

    def _action(self, event: QKeyEvent) -> str:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        editing = self.state() == QAbstractItemView.State.EditingState
        return self._keys.get(event.key(), "") if plain and not editing else ""

    def menu(self) -> QMenu:
        """What can be done with the take in hand."""
        menu = QMenu(self)
        for name, text, key in ACTIONS:
            action = QAction(f"{from_registry(text)}\t{key}", menu)
            action.setObjectName(f"takes.{name}")
            action.triggered.connect(partial(self._perform, name))
            menu.addAction(action)
        return menu

    def _perform(self, name: str) -> None:
        getattr(self, name)()

    def _show_menu(self, at: QPoint) -> None:
        if self.take is not None:
            self.menu().exec(self.viewport().mapToGlobal(at))

    # Showing

    def _written(self, item: QTreeWidgetItem, column: int) -> None:
        line = self._desk.line
        take = None if line is None else line.take(item.data(TAKE, Qt.ItemDataRole.UserRole))
        if column == COMMENT and take is not None:
            self._session.comment(take.cue, take, item.text(COMMENT).strip())

    def _look(self) -> None:
        line = self._desk.line
        listed = None if line is None else (line.cue.number, line.takes, line.chosen, line.marks)
        if listed == self._listed or self.state() == QAbstractItemView.State.EditingState:
            return
        same = isinstance(self._listed, tuple) and line is not None and self._listed[0] == line.cue.number
        item = self.currentItem()
        held = item.data(TAKE, Qt.ItemDataRole.UserRole) if same and item is not None else None
        came = same and line is not None and len(line.takes) > self.count()
        self._listed = listed
        with QSignalBlocker(self):
            self.clear()
            for take in line.takes if line is not None else ():
                self.addTopLevelItem(_row(line, take))
            chosen = line.chosen.take if line is not None and line.chosen is not None else None
            current = self._item(chosen if held is None or came else held)
            if current is not None:
                self.setCurrentItem(current)

    def _item(self, number: int | None) -> QTreeWidgetItem | None:
        for row in range(self.count()):
            item = self.topLevelItem(row)
            if item is not None and item.data(TAKE, Qt.ItemDataRole.UserRole) == number:
                return item
        return None


def _row(line: Line | None, take: TakeRecord) -> QTreeWidgetItem:
    chosen = line is not None and line.chosen == take
    marks = line.marks if line is not None else (None, None)
    compared = " ".join(side for side, number in zip("AB", marks, strict=True) if number == take.take)
    warned = "\n".join(warnings_of(take))
    texts = {
        TAKE: f"{'●' if chosen else '○'} {take.take}",
        STAR: "★" if take.starred else "",
        STATE: "needs work" if take.state is ReviewState.REJECTED else take.state.value,
        COMPARE: compared,
        FIT: fit_text(take.fit.excess) if take.fit else "",
        SCORES: ("⚠ " if warned else "") + ", ".join(f"{name} {value:.2f}" for name, value in take.scores.items()),
        SAID: said(delivery_of(take), take.seed),
        MADE: take.created[:16].replace("T", " "),
        COMMENT: take.comment,
    }
    item = QTreeWidgetItem([texts[column] for column in range(len(COLUMNS))])
    item.setData(TAKE, Qt.ItemDataRole.UserRole, take.take)
    item.setData(TAKE, Qt.ItemDataRole.AccessibleTextRole, f"take {take.take}{', chosen' if chosen else ''}")
    item.setData(STAR, Qt.ItemDataRole.AccessibleTextRole, "starred" if take.starred else "not starred")
    item.setToolTip(SAID, take.text)
    item.setToolTip(SCORES, warned)
    item.setData(SCORES, Qt.ItemDataRole.AccessibleTextRole, f"{texts[SCORES].removeprefix('⚠ ')} {warned}".strip())
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    return item


def said(delivery: Delivery, seed: int) -> str:
    """How a take was asked to be said, in short: `seed 2, pace 1.10, pitch -2.0`."""
    values = delivery_values(delivery)
    moved = sum(value is not None for name in ("durations", "pitches") for value in values.pop(name, ()))
    words = len(values.pop("words", ()))
    parts = [f"seed {seed}", *(f"{name} {value:.2f}" for name, value in values.items())]
    parts += [f"{words} words set"] if words else []
    return ", ".join([*parts, f"{moved} sounds set"] if moved else parts)
