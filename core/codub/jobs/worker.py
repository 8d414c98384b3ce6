"""A process that dubs on request and stays warm between requests: `python -m codub.jobs.worker`.

One JSON object a line comes in on stdin, one a line goes out on stdout; what libraries print goes to stderr.

    -> {"id": 3, "do": "dub", "project": ..., "lines": ..., "output": ..., "cues": [4], "write": false, ...}
    <- {"id": 3, "event": "started"}
    <- {"id": 3, "event": "progress", "fraction": 0.31, "what": "clip one: face", "eta_s": 12.5}
    <- {"id": 3, "event": "sound", "cue": 4, "path": ...}             the voice, before its picture; gone with "take"
    <- {"id": 3, "event": "take", "cue": 4, "language": "es", "take": 2}                     durable before it is told
    <- {"id": 3, "event": "piece", "cue": 4, "samples": ...}       of "say": 16 bits, mono, 48 kHz, in base64; goes on
    <- {"id": 3, "event": "failed", "cue": 4, "message": ..., "cause": ..., "fix": ...}         cue null: all of it
    <- {"id": 3, "event": "done", "cancelled": false, "seconds": 9.8, "notes": [...]}    once for every request, last

The other fields of "dub" are those of `DubRequest`. "say", with the same fields, says one cue and keeps nothing;
"write" writes the timeline from the takes that are kept; "warm" loads the models of a "profile". {"do": "cancel", "id":
3} stops a request, be it at work or waiting. When stdin ends, because the program that started this one is gone,
whatever is at work is stopped.
"""

import base64
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TextIO

import numpy as np

import codub
from codub.dubbing.dub import dub_project
from codub.dubbing.events import Expected, Heard
from codub.dubbing.profile import load_profile
from codub.dubbing.record import TakeRecord
from codub.dubbing.rehearsal import Piece, rehearse
from codub.dubbing.request import Failure
from codub.dubbing.studio import Studio
from codub.dubbing.writing import write_timeline
from codub.errors import CodubError, UsageError
from codub.jobs.requests import request_from

PATIENCE = 2.0  # s that work may take to stop once nobody listens any more
_PROGRESS_EVERY = 0.1  # s
_TRUST = 0.15  # of the work done: until then the estimate weighs more than the time taken

Values = dict[str, Any]


class Stopped(Exception):
    """Raised through the work by its progress when it is not wanted any more."""


class Worker:
    """Takes requests one after the other; `say` sends an event, `leave` ends the process at once."""

    def __init__(self, say: Callable[[Values], None], leave: Callable[[int], object] = os._exit) -> None:
        self._say = say
        self._leave = leave
        self._studio = Studio()
        self._waiting: queue.SimpleQueue[Values | None] = queue.SimpleQueue()
        self._cancelled: set[object] = set()
        self._alone = False

    def run(self, lines: Iterable[bytes]) -> None:
        """Do what the lines ask for until they end."""
        self._say({"event": "ready", "pid": os.getpid(), "version": codub.__version__})
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()
        while (request := self._waiting.get()) is not None:
            self._serve(request)
        self._studio.close()

    def _listen(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            try:
                request = dict(json.loads(line))
            except (ValueError, TypeError) as error:
                self._say({"id": None, **_failed(UsageError("A request is no JSON object.", cause=f"{error}."))})
                continue
            if request.get("do") == "cancel":
                self._cancelled.add(request.get("id"))
            else:
                self._waiting.put(request)
        self._alone = True
        self._waiting.put(None)
        timer = threading.Timer(PATIENCE, self._leave, (1,))
        timer.daemon = True
        timer.start()

    def _serve(self, request: Values) -> None:
        name, started = request.pop("id", None), time.monotonic()
        job = _Job(name, self._say, lambda: self._alone or name in self._cancelled)
        cancelled = False
        notes: tuple[str, ...] = ()
        try:
            job.check()
            self._say({"id": name, "event": "started"})
            notes = self._do(request, job)
        except Stopped:
            cancelled = True
        except CodubError as error:
            self._say({"id": name, **_failed(error)})
        self._cancelled.discard(name)
        seconds = round(time.monotonic() - started, 3)
        self._say({"id": name, "event": "done", "cancelled": cancelled, "seconds": seconds, "notes": list(notes)})

    def _do(self, request: Values, job: "_Job") -> tuple[str, ...]:
        what = request.pop("do", None)
        if what == "warm":
            return self._warm(str(request.get("profile", "embedded")), job)
        wanted = request_from(request)
        if what == "dub":
            return dub_project(wanted, job.progress, studio=self._studio, told=job.told).notes
        if what == "say":
            rehearse(wanted, self._studio, job.progress, partial(job.piece, wanted.cues))
            return ()
        if what == "write":
            return tuple(write_timeline(self._studio.project(wanted), self._studio.store(wanted), wanted.output))
        raise UsageError(f"A worker cannot '{what}'.", fix="It knows dub, say, write, warm and cancel.")

    def _warm(self, profile: str, job: "_Job") -> tuple[str, ...]:
        models = self._studio.models(load_profile(profile))
        parts = ("voice", "speaker_encoder", "landmarks", "face")
        for done, part in enumerate(parts):
            job.progress(done / len(parts), f"loading: {part.replace('_', ' ')}")
            getattr(models, part)
        job.progress(1.0, "models are loaded")
        return ()


class _Job:
    """One request at work: turns what the dub tells into events, and stops it when it is not wanted."""

    def __init__(self, name: object, say: Callable[[Values], None], unwanted: Callable[[], bool]) -> None:
        self._name = name
        self._say = say
        self._unwanted = unwanted
        self._expected = 0.0
        self._started = time.monotonic()
        self._said = 0.0
        self._what = ""

    def check(self) -> None:
        """Go on only if the request is still wanted.

        Raises:
            Stopped: it was cancelled.
        """
        if self._unwanted():
            raise Stopped

    def progress(self, fraction: float, what: str) -> None:
        """Say how far the work is, some times a second at most."""
        self.check()
        now = time.monotonic()
        if now - self._said < _PROGRESS_EVERY and what == self._what and fraction < 1:
            return
        self._said, self._what = now, what
        eta = _eta(fraction, now - self._started, self._expected)
        self._event("progress", fraction=round(fraction, 4), what=what, eta_s=eta)

    def piece(self, cues: tuple[int, ...], samples: Piece) -> None:
        """Say what comes next of a line's sound."""
        data = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        self._event("piece", cue=cues[0], samples=base64.b64encode(data).decode())

    def told(self, event: Expected | Heard | TakeRecord | Failure) -> None:
        """Say what happened."""
        match event:
            case Expected(seconds):
                self._expected, self._started = seconds, time.monotonic()
            case Heard(cue, path):
                self._event("sound", cue=cue, path=str(path))
            case TakeRecord():
                self._event("take", cue=event.cue, language=event.language, take=event.take)
            case Failure(cue, error):
                self._event(**_failed(error, cue))

    def _event(self, event: str, **values: Any) -> None:
        self._say({"id": self._name, "event": event, **values})


def _eta(fraction: float, elapsed: float, expected: float) -> float | None:
    """Seconds left: by the estimate at first, ever more by the time that the work done has taken."""
    if not expected:
        return None
    trust = min(1.0, fraction / _TRUST)
    pace = expected if fraction <= 0 else (1 - trust) * expected + trust * elapsed / fraction
    return round((1 - fraction) * pace, 1)


def _failed(error: CodubError, cue: int | None = None) -> Values:
    return {"event": "failed", "cue": cue, "message": error.message, "cause": error.cause, "fix": error.fix}


def _speaker(out: TextIO) -> Callable[[Mapping[str, Any]], None]:
    lock = threading.Lock()

    def say(event: Mapping[str, Any]) -> None:
        with lock:
            out.write(json.dumps(event, ensure_ascii=False) + "\n")
            out.flush()

    return say


def main() -> None:
    """Serve the program on the other end of stdin and stdout."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the program that started this one
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Worker(_speaker(out)).run(sys.stdin.buffer)


if __name__ == "__main__":
    main()
