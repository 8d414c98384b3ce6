"""The dub at work in a process of its own: the panel stays quick, and stopping it is stopping a process."""

import json
import sys

from PySide6.QtCore import QObject, QProcess, Signal

from codub_panel.session import Request

_RUN_CODUB = "from codub.cli.main import main; main()"
_KEPT_LINES = 200  # of what the worker said last, for the message when it fails


class DubWorker(QObject):
    """Runs one `codub dub` at a time. Killing it loses nothing: takes are in the store before they are reported."""

    progressed = Signal(float, str, object)  # fraction, what, seconds left or None
    finished = Signal(str)  # why it failed; "" when it did not

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._read)
        self._process.readyReadStandardOutput.connect(self._read_report)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed_to_start)
        self._rest = b""
        self._said: list[str] = []
        self._cancelled = False

    @property
    def busy(self) -> bool:
        """Whether a process runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, request: Request) -> None:
        """Do what the session's queue asks for."""
        command = _command(request)
        self._rest, self._said, self._cancelled = b"", [], False
        self._process.start(command[0], command[1:])

    def cancel(self) -> None:
        """Stop at once; `finished` follows."""
        if self.busy:
            self._cancelled = True
            self._process.kill()

    def stop_and_wait(self) -> None:
        """Stop at once and stay until it is over: for closing the window."""
        if self.busy:
            self.cancel()
            self._process.waitForFinished(5000)

    def _read_report(self) -> None:
        self._keep(bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace").splitlines())

    def _keep(self, lines: list[str]) -> None:
        self._said = [*self._said, *(line.strip() for line in lines if line.strip())][-_KEPT_LINES:]

    def _read(self) -> None:
        *lines, self._rest = (self._rest + self._process.readAllStandardError().data()).split(b"\n")
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            progress = _progress(line)
            if progress is not None:
                self.progressed.emit(*progress)
            else:
                self._keep([line])

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._cancelled:
            self.finished.emit("Stopped.")
        elif status == QProcess.ExitStatus.CrashExit:
            self.finished.emit("The worker died. Finished takes are kept; dub the line again.")
        elif code:
            self.finished.emit("\n".join(self._said) or f"The worker ended with code {code} and said nothing.")
        else:
            self.finished.emit("")

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.finished.emit(f"The worker could not be started: {self._process.errorString()}.")


def _command(request: Request) -> list[str]:
    command = [sys.executable, "-c", _RUN_CODUB, "dub", request["project"], request["lines"]]
    command += ["-o", request["output"], "--progress-json", "--language", request["language"]]
    command += ["--seed", str(request["seed"])]
    for cue in request["cues"]:
        command += ["--cue", str(cue)]
    return command


def _progress(line: str) -> tuple[float, str, float | None] | None:
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
        eta = said.get("eta_s")
        return float(said["fraction"]), str(said["what"]), None if eta is None else float(eta)
    except (ValueError, KeyError, TypeError):
        return None
