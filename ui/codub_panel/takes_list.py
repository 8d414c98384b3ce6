"""The takes of the line in hand, the chosen one marked."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from codub.dubbing.record import TakeRecord
from codub_panel.desk import Desk
from codub_panel.session import PanelSession
from codub_panel.shots_model import fit_text


class TakesList(QListWidget):
    """One row a take; activating one chooses it."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self._listed: object = None
        self.setAccessibleName(self.tr("Takes of the line"))
        self.setMinimumHeight(90)
        self.itemActivated.connect(lambda item: self._choose(item.data(Qt.ItemDataRole.UserRole)))
        desk.changed.connect(self._look)

    def next_take(self) -> None:
        """Choose the take after the chosen one."""
        self._choose_beside(1)

    def previous_take(self) -> None:
        """Choose the take before the chosen one."""
        self._choose_beside(-1)

    def _choose_beside(self, step: int) -> None:
        line = self._desk.line
        if line is not None and line.takes:
            at = line.takes.index(line.chosen) if line.chosen in line.takes else -1
            self._choose(line.takes[(at + step) % len(line.takes)])

    def _choose(self, take: TakeRecord) -> None:
        self._session.choose(take.cue, take)

    def _look(self) -> None:
        line = self._desk.line
        listed = None if line is None else (line.takes, line.chosen)
        if listed == self._listed:
            return
        self._listed = listed
        self.clear()
        for take in line.takes if line is not None else ():
            item = QListWidgetItem(_take_text(take, line is not None and take == line.chosen))
            item.setData(Qt.ItemDataRole.UserRole, take)
            self.addItem(item)


def _take_text(take: TakeRecord, chosen: bool) -> str:
    scores = ", ".join(f"{name} {value:.2f}" for name, value in take.scores.items())
    fit = fit_text(take.fit.excess) if take.fit else ""
    facts = [take.state.value, f"seed {take.seed}", fit, scores, take.created[:16].replace("T", " "), take.comment]
    return f"{'●' if chosen else '○'} {take.take}   " + "   ".join(filter(None, facts))
