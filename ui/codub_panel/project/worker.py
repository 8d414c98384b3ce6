"""The warm worker seen from the panel: one process that dubs line after line, replaced when it does not answer."""

import base64
import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from codub_panel.project.session import Request

COMMAND = (sys.executable, "-m", "codub.jobs.worker")
PATIENCE_MS = 2500  # for a cancelled line to stop, before its process is killed
_KEPT_LINES = 50  # of what the process said on stderr, for the message when it dies

STOPPED = "Stopped."
DIED = "The worker died. Finished takes are kept; dub the line again."


@dataclass
class _Asked:
    """A request that the process has; `wanted` until it is cancelled."""

    request: Request
    wanted: bool = True


class DubWorker(QObject):
    """Does one request at a time. The process starts with the first one and stays; killing it loses nothing.

    Takes are in the store before they are told. A cancelled request is over at once as far as the panel goes: the
    process gets `PATIENCE_MS` to stop, and a new one takes its place if it does not.
    """

    progressed = Signal(float, str, object)  # fraction, what, seconds left or None
    heard = Signal(int, str)  # cue, sound file of its voice, before its picture is there
    kept = Signal(int)  # cue of a take that is in the store now
    failed = Signal(int, str)  # cue (0: all of the request), what failed, why and what to do
    piece = Signal(object)  # what comes next of a line that is said, float32 mono at 48 kHz
    said = Signal(str)  # the line was said to its end; why not, "" when it was
    finished = Signal(str)  # the request is over; why it was given up, "" when it was not
    died = Signal()  # the process ended unasked; a new one starts with the next request

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: dict[int, _Asked] = {}
        self._count = 0
        self._saying = 0  # number of the line that is being said, below 0; another one takes its place
        self._process: QProcess | None = None
        self._rest = b""
        self._said: list[str] = []
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self._replace)

    @property
    def busy(self) -> bool:
        """Whether a request is at work that is still wanted."""
        return any(asked.wanted for asked in self._asked.values())

    @property
    def process_id(self) -> int:
        """Of the worker's process; 0 where there is none."""
        return 0 if self._process is None else int(self._process.processId())

    def start(self, request: Request) -> None:
        """Do what the session's queue asks for."""
        self._count += 1
        self._asked[self._count] = _Asked(request)
        if self._process is None:
            self._spawn()
        self._send({"id": self._count, **request})

    def warm(self, profile: str) -> None:
        """Load the models of a profile now, so that the first line need not wait for them; nothing is told of it."""
        if self._process is None:
            self._spawn()
            self._send({"id": 0, "do": "warm", "profile": profile})

    def say(self, request: Request) -> None:
        """Say a line and keep nothing of it, behind what is at work; one that was being said is not said on."""
        self.hush()
        if self._process is None:
            self._spawn()
        self._saying -= 1
        self._send({**request, "id": self._saying, "do": "say"})

    def hush(self) -> None:
        """Do not say on."""
        if self._saying:
            self._send({"do": "cancel", "id": self._saying})

    def cancel(self) -> None:
        """Give up what is at work; `finished` follows before this returns."""
        for number, asked in self._asked.items():
            if asked.wanted:
                asked.wanted = False
                self._send({"do": "cancel", "id": number})
                self._patience.start()
                self.finished.emit(STOPPED)
                return

    def stop_and_wait(self) -> None:
        """End the process and stay until it is over: for closing the window."""
        process, self._process = self._process, None
        self._patience.stop()
        if process is not None:
            process.finished.disconnect()
            process.closeWriteChannel()
            if not process.waitForFinished(PATIENCE_MS):
                process.kill()
                process.waitForFinished(PATIENCE_MS)

    # The process

    def _spawn(self) -> None:
        self._rest, self._said = b"", []
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._trouble)
        process.start(COMMAND[0], list(COMMAND[1:]))

    def _send(self, values: dict[str, Any]) -> None:
        if self._process is not None:
            self._process.write(json.dumps(values).encode() + b"\n")

    def _replace(self) -> None:
        """The cancelled request did not stop: another process does what is wanted."""
        if self._process is None or all(asked.wanted for asked in self._asked.values()):
            return
        old, self._process = self._process, None
        old.finished.disconnect()
        old.finished.connect(old.deleteLater)
        old.kill()
        self._asked = {number: asked for number, asked in self._asked.items() if asked.wanted}
        if self._asked:
            self._spawn()
            for number, asked in self._asked.items():
                self._send({"id": number, **asked.request})

    def _read(self) -> None:
        if self._process is None:
            return
        *lines, self._rest = (self._rest + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, event: dict[str, Any]) -> None:
        number = event.get("id") or 0
        if number < 0:
            self._hear_said(number, event)
            return
        asked = self._asked.get(number)
        if event["event"] == "done":
            self._asked.pop(number, None)
            if asked is not None and asked.wanted:
                self.finished.emit("")
        elif asked is not None and asked.wanted:
            self._tell(event)
        elif event["event"] == "take":
            self.kept.emit(event["cue"])  # kept in the last moment

    def _hear_said(self, number: int, event: dict[str, Any]) -> None:
        if number != self._saying:
            return
        if event["event"] == "piece":
            self.piece.emit(np.frombuffer(base64.b64decode(event["samples"]), "<i2").astype(np.float32) / 32768)
        elif event["event"] == "failed":
            self.said.emit(_reasons(event))
        elif event["event"] == "done":
            self.said.emit("")

    def _tell(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "progress":
                self.progressed.emit(event["fraction"], event["what"], event["eta_s"])
            case "sound":
                self.heard.emit(event["cue"], event["path"])
            case "take":
                self.kept.emit(event["cue"])
            case "failed":
                self.failed.emit(event["cue"] or 0, _reasons(event))

    def _read_errors(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._said = [*self._said, *filter(None, map(str.strip, text.splitlines()))][-_KEPT_LINES:]

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_errors()
        last = self._said[-1] if self._said and code and status == QProcess.ExitStatus.NormalExit else ""
        self._gone(f"{DIED} {last}".strip())

    def _trouble(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._gone(f"The worker could not be started: {self._process.errorString()}.")

    def _gone(self, why: str) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        busy = self.busy
        self._asked.clear()
        self.died.emit()
        if busy:
            self.finished.emit(why)


def _reasons(event: dict[str, Any]) -> str:
    """What failed, why, and what to do."""
    return " ".join(part for part in (event["message"], event["cause"], event["fix"]) if part)
