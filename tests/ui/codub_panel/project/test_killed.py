"""The panel's process is killed without a warning: what it had shown as done is there when it is opened again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from codub.dubbing.record import ReviewState
from codub.speech.model import Delivery
from codub_panel.project import worker as worker_module
from codub_panel.project.opening import open_session

PATHS = "import sys; sys.path[:0] = {paths!r}\n"

# Says what it has done, step by step, and goes on until it is killed.
EDITING = """
from fractions import Fraction
from pathlib import Path
from codub.dubbing.record import ReviewState, TakeRecord
from codub.speech.model import Delivery
from codub_panel.project.opening import open_session

folder = Path(sys.argv[1])
session, _ = open_session(folder / "timeline.otio", folder / "lines.es.srt")
session.store.add(TakeRecord(2, "es", "Vale.", "ANA", 0, "embedded"), {})
session.refresh()
session.choose(2, session.store.get(2, 1, "es"))
session.review(2, ReviewState.APPROVED)
session.star(2, session.line(2).chosen)
session.comment(2, session.line(2).chosen, "good")
session.set_delivery(3, Delivery(pace=1.2, pitch=-1.0))
session.set_window(4, end=Fraction(93, 10))
session.note(4, "late")
session.enqueue([5, 1, 3])
session.move_in_queue(3, 0)
session.pause_queue()
session.set_current(4)
session.refresh()
number = 0
while True:
    number += 1
    session.edit(1, f"Texto {number}.")
    print(number, flush=True)
"""

# Gives the first waiting line to its worker, and says which process that is once it is at work.
DUBBING = """
import json
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from codub_panel.project import worker
from codub_panel.project.opening import open_session

folder, worker.COMMAND = Path(sys.argv[1]), tuple(json.loads(sys.argv[2]))
app = QCoreApplication([])
session, _ = open_session(folder / "timeline.otio", folder / "lines.es.srt")
session.edit(3, "wait")
session.enqueue([3, 1])
mine = worker.DubWorker()
mine.heard.connect(lambda cue, path: print(mine.process_id, flush=True))
mine.start(session.next_request())
app.exec()
"""


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    return shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")


@pytest.fixture
def run(project: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", PATHS.format(paths=sys.path) + script, str(project), *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def kill(process: "subprocess.Popen[str]") -> list[str]:
    """What it had said when it was killed."""
    os.kill(process.pid, signal.SIGKILL)
    return process.communicate()[0].split()


def test_every_edit_that_was_told_is_there(project: Path, run: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = run(EDITING)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(0.3)  # let it be in the middle of something
    told = [first.strip(), *kill(process)]
    session, _ = open_session(project / "timeline.otio", project / "lines.es.srt")
    done = int(told[-1])
    assert session.line(1).cue.text in (f"Texto {done}.", f"Texto {done + 1}.")  # the last may not have been told
    chosen = session.line(2).chosen
    assert chosen is not None
    assert (chosen.state, chosen.starred, chosen.comment) == (ReviewState.APPROVED, True, "good")
    assert session.line(3).delivery == Delivery(pace=1.2, pitch=-1.0)
    assert (session.line(4).cue.end, session.line(4).comment) == (Fraction(93, 10), "late")
    assert (session.queue, session.paused, session.current) == ((3, 5, 1), True, 4)
    session.store.close()


def test_a_line_in_work_waits_first_and_its_worker_is_gone(
    project: Path, session: object, run: Callable[..., "subprocess.Popen[str]"]
) -> None:
    pytest.importorskip("PySide6.QtCore", reason="Qt does not load here", exc_type=ImportError)
    process = run(DUBBING, json.dumps(worker_module.COMMAND))
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    os.kill(worker, 0)  # it is there
    kill(process)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    again, _ = open_session(project / "timeline.otio", project / "lines.es.srt")
    assert again.queue == (3, 1)
    assert again.running == ()
    assert again.line(3).cue.text == "wait"
    again.store.close()
