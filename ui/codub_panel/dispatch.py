"""From the queue to the worker and back: consent first, one command at a time, failures told."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from codub.dubbing.consent import Consent
from codub_panel.cast.consent_form import ask_consent
from codub_panel.desk import Desk
from codub_panel.notice import Notice, Weight
from codub_panel.project.session import PanelSession
from codub_panel.project.worker import STOPPED, DubWorker
from codub_panel.sound.rehearsing import PiecePlayer

_TOO_MANY_DEATHS = 2  # of the worker in a row


class Dispatch(QObject):
    """Gives the worker what the session has queued."""

    def __init__(self, session: PanelSession, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._desk, self._window = session, desk, window
        self._deaths = 0
        self._warmed = False
        self.worker = DubWorker(self)
        self.worker.progressed.connect(session.report)
        self.worker.heard.connect(lambda cue, path: session.hear(cue, Path(path)))
        self.worker.kept.connect(lambda _cue: session.refresh())
        self.worker.failed.connect(session.failed)
        self.worker.finished.connect(self._ended)
        self.worker.died.connect(session.clean_up)
        self.pieces = PiecePlayer(self)
        self.worker.piece.connect(self.pieces.add)
        self.worker.said.connect(self._said)
        self.worker.died.connect(self.pieces.stop)
        desk.wanted.connect(self.dub)
        desk.rehearsed.connect(self.rehearse)
        desk.changed.connect(self._next)  # resumed, cancelled, or waiting since the panel was closed
        desk.changed.connect(self._warm_up)

    def _warm_up(self) -> None:
        """Who edits a line will want to hear it: load the models meanwhile, once."""
        if self._session.undo_name and not self._warmed:
            self._warmed = True
            self.worker.warm(self._session.job.profile)

    def dub(self, numbers: list[int]) -> None:
        """Dub these lines, but none of a speaker for whom nobody declares an agreement."""
        refused = self._refused(numbers)
        if refused:
            names = ", ".join(speaker or self.tr("the speaker without a name") for speaker in refused)
            message = self.tr("Lines of {names} were not dubbed: nobody declared that they agreed.")
            self._desk.tell(Notice(message.format(names=names)))
        session = self._session
        session.enqueue([number for number in numbers if session.line(number).voice not in refused])
        self._next()

    def rehearse(self, number: int) -> None:
        """Say a line as it is now, piece after piece; while one is being said, be silent instead."""
        if self.pieces.playing:
            self.worker.hush()
            self.pieces.stop()
        elif not self._refused([number]):
            self.pieces.start()
            self.worker.say(self._session.rehearsal(number))

    def _said(self, problem: str) -> None:
        if problem:
            self.pieces.stop()
            self._desk.tell(Notice(problem, weight=Weight.TROUBLE))
        else:
            self.pieces.end()

    def _refused(self, numbers: list[int]) -> tuple[str, ...]:
        """Ask for each speaker without a statement; those for whom none was given."""
        given_by = ""
        for speaker in self._session.missing_consent(numbers):
            consent = self.ask_consent(speaker, given_by)
            if consent is not None:
                self._session.consents.record(consent)
                given_by = consent.given_by
        return self._session.missing_consent(numbers)

    def ask_consent(self, speaker: str, given_by: str) -> Consent | None:
        """A statement that a speaker agreed, None when nobody gives one; `given_by` gave the one before."""
        return ask_consent(speaker, given_by, self._window)

    def stop(self) -> None:
        """Stop dubbing now; finished takes are kept."""
        self._session.cancel()
        self._next()

    def close(self) -> None:
        """Stop at once and wait until it is over."""
        self.pieces.stop()
        self.worker.stop_and_wait()

    def _next(self) -> None:
        if self.worker.busy:
            if self._session.stopping:
                self.worker.cancel()
            return
        request = self._session.next_request()
        if request is not None:
            self.worker.start(request)

    def _ended(self, problem: str) -> None:
        self._deaths = self._deaths + 1 if problem not in ("", STOPPED) else 0
        self._session.finished(problem)
        if self._deaths >= _TOO_MANY_DEATHS:
            self._deaths = 0
            self._session.pause_queue()  # the next line would hardly fare better
        if problem == STOPPED:
            self._desk.tell(Notice(self.tr("Stopped; finished takes are kept.")))
        elif problem:
            self._desk.tell(Notice(problem.splitlines()[-1], weight=Weight.TROUBLE))
        self._next()
