"""Long work on the cast in a process of its own: one job after another, with progress, stopped at once."""

import json
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, Signal

_KEPT_LINES = 60


@dataclass(frozen=True)
class CastJob:
    """A command that speaks `--progress-json`; `name` is for the eye."""

    name: str
    command: tuple[str, ...]


class CastWorker(QObject):
    """Does jobs in order. What a job found is on the disk when it ends; a stopped one leaves what was there."""

    progressed = Signal(str, float, str, object)  # name, fraction, what, seconds left or None
    ended = Signal(str, str)  # name, why it failed: "" when it did not

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed_to_start)
        self._waiting: list[CastJob] = []
        self._job: CastJob | None = None
        self._rest, self._said = b"", list[str]()
        self._cancelled = False

    @property
    def busy(self) -> bool:
        """Whether there is anything to do."""
        return self._job is not None

    @property
    def name(self) -> str:
        """What is being done; "" for nothing."""
        return "" if self._job is None else self._job.name

    def do(self, job: CastJob) -> None:
        """Do a job when those before it are done; the same one twice is once."""
        if job != self._job and job not in self._waiting:
            self._waiting.append(job)
            self._next()

    def cancel(self) -> None:
        """Stop at once, and forget what waits."""
        self._waiting.clear()
        if self.busy:
            self._cancelled = True
            self._process.kill()

    def close(self) -> None:
        """Stop and stay until it is over."""
        self.cancel()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.waitForFinished(5000)

    def _next(self) -> None:
        if self._job is None and self._waiting:
            self._job = self._waiting.pop(0)
            self._rest, self._said, self._cancelled = b"", [], False
            self.progressed.emit(self._job.name, 0.0, "", None)
            self._process.start(self._job.command[0], list(self._job.command[1:]))

    def _read(self) -> None:
        *lines, self._rest = (self._rest + self._process.readAllStandardError().data()).split(b"\n")
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            if line.startswith("{"):
                said = json.loads(line)
                self.progressed.emit(self.name, float(said["fraction"]), str(said["what"]), said["eta_s"])
            elif line.startswith(("codub:", "why:", "do:")):
                self._said = [*self._said, line.removeprefix("codub:").strip()][-_KEPT_LINES:]

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._cancelled:
            self._end(self.tr("Stopped."))
        elif status == QProcess.ExitStatus.CrashExit:
            self._end(self.tr("The worker died; do it again."))
        elif code:
            self._end("\n".join(self._said) or self.tr("The worker ended with code {code}.").format(code=code))
        else:
            self._end("")

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(self._process.errorString())

    def _end(self, problem: str) -> None:
        name, self._job = self.name, None
        self.ended.emit(name, problem)
        self._next()
