"""The worker's process from the panel's side: warm, replaced when it is deaf, never missed when it dies."""

import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from made_sessions import states

from codub_panel.desk import Desk
from codub_panel.dispatch import Dispatch
from codub_panel.project import worker as worker_module
from codub_panel.project.worker import STOPPED, DubWorker


class Said:
    """What a worker said, in order."""

    def __init__(self, worker: DubWorker) -> None:
        self.all: list[tuple[object, ...]] = []
        for name in ("progressed", "heard", "kept", "failed", "finished", "died"):
            getattr(worker, name).connect(lambda *values, name=name: self.all.append((name, *values)))

    def names(self) -> list[object]:
        return [said[0] for said in self.all]


@pytest.fixture
def worker(session, qtbot):
    made = DubWorker()
    yield made
    made.stop_and_wait()


def request_for(session, number: int, text: str | None = None) -> dict:
    if text:
        session.edit(number, text)
    session.enqueue([number])
    request = session.next_request()
    assert request is not None
    return request


def test_one_process_does_line_after_line(session, worker, qtbot, tmp_path):
    said = Said(worker)
    worker.start(request_for(session, 1))
    assert worker.busy
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    process = worker.process_id
    assert said.all == [
        ("progressed", 0.25, "cue 1: voice", 7),
        ("heard", 1, str(tmp_path / "voice.wav")),
        ("kept", 1),
        ("finished", ""),
    ]
    session.finished()
    worker.start(request_for(session, 2))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert worker.process_id == process
    session.finished()
    assert states(session) == ["review", "review", "new"]


def test_what_failed_is_told_with_what_to_do(session, worker, qtbot):
    said = Said(worker)
    worker.start(request_for(session, 1, "fail"))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert said.all[1:] == [("failed", 1, "Cue 1 has no sound. Give it one."), ("finished", "")]


def test_a_cancelled_line_is_over_at_once_and_the_process_stays_warm(session, worker, qtbot):
    said = Said(worker)
    worker.start(request_for(session, 1, "wait"))
    qtbot.waitUntil(lambda: "heard" in said.names(), timeout=20_000)
    process = worker.process_id
    worker.cancel()
    assert not worker.busy
    assert said.all[-1] == ("finished", STOPPED)
    session.finished(STOPPED)
    worker.start(request_for(session, 2))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert (worker.process_id, said.all[-1]) == (process, ("finished", ""))


def test_a_deaf_process_is_replaced_and_the_next_line_is_not_lost(session, worker, qtbot, monkeypatch):
    worker._patience.setInterval(50)
    said = Said(worker)
    worker.start(request_for(session, 1, "hang"))
    qtbot.waitUntil(lambda: "heard" in said.names(), timeout=20_000)
    process = worker.process_id
    worker.cancel()
    session.finished(STOPPED)
    worker.start(request_for(session, 2))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert worker.process_id not in (0, process)
    assert said.all[-2:] == [("kept", 2), ("finished", "")]
    assert "died" not in said.names()


def test_a_killed_process_is_told_and_another_takes_its_place(session, worker, qtbot):
    said = Said(worker)
    worker.start(request_for(session, 1, "wait"))
    qtbot.waitUntil(lambda: "heard" in said.names(), timeout=20_000)
    os.kill(worker.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert said.all[-2][0] == "died"
    assert str(said.all[-1][1]).startswith("The worker died. Finished takes are kept")
    assert worker.process_id == 0
    session.finished(str(said.all[-1][1]))
    worker.start(request_for(session, 2))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert said.all[-1] == ("finished", "")


def test_last_words_are_passed_on(session, worker, qtbot):
    said = Said(worker)
    worker.start(request_for(session, 1, "die"))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert str(said.all[-1][1]).endswith("Segmentation what?")


def test_a_process_that_cannot_start_is_told(session, worker, qtbot, monkeypatch):
    monkeypatch.setattr(worker_module, "COMMAND", ("/nowhere/python", "-c", ""))
    said = Said(worker)
    worker.start(request_for(session, 1))
    qtbot.waitUntil(lambda: "finished" in said.names(), timeout=20_000)
    assert "could not be started" in str(said.all[-1][1])
    assert not worker.busy


def test_closing_ends_the_process(session, worker, qtbot):
    said = Said(worker)
    worker.start(request_for(session, 1, "wait"))
    qtbot.waitUntil(lambda: "heard" in said.names(), timeout=20_000)
    process = worker.process_id
    worker.stop_and_wait()
    assert not Path(f"/proc/{process}").exists()
    assert worker.process_id == 0


def test_models_are_loaded_ahead_in_the_process_that_does_the_line(session, worker, qtbot):
    said = Said(worker)
    worker.warm("embedded")
    assert not worker.busy
    qtbot.waitUntil(lambda: worker.process_id > 0, timeout=20_000)
    process = worker.process_id
    worker.start(request_for(session, 1))
    qtbot.waitUntil(lambda: not worker.busy, timeout=20_000)
    assert worker.process_id == process
    assert said.names() == ["progressed", "heard", "kept", "finished"]


def test_who_edits_a_line_finds_the_worker_warm(session, qtbot):
    desk = Desk(session)
    dispatch = Dispatch(session, desk, None)
    assert dispatch.worker.process_id == 0
    session.edit(1, "Otra cosa.")
    qtbot.waitUntil(lambda: dispatch.worker.process_id > 0, timeout=20_000)
    dispatch.close()
