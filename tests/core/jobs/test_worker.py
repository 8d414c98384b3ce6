"""The worker does what it is asked for, says what happens, stops at once, and loses nothing when it is killed."""

import base64
import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_dubs import QuickModels, tone, write_lines, write_project, write_weights

from codub import weights
from codub.dubbing.latents import read_latent
from codub.dubbing.record import AUDIO, LATENT
from codub.dubbing.takes import TakesStore
from codub.jobs.worker import Worker
from codub.media.probe import probe
from codub.speech.activity import Interval

NEEDED = ("kokoro-82m", "whisper-base", "face-mesh", "resemblyzer")
TEXTS = ("Buenos días.", "¿Qué tal?", "Muy bien.")
Event = dict[str, Any]

# A worker whose models are quick; the one line that says "Espera" takes for ever over its picture.
QUICK_WORKER = """
import sys, time
sys.path[:0] = {path!r}
import codub.dubbing.studio, codub.dubbing.mouth, codub.speech.reference
from codub.speech.activity import Interval
from made_dubs import QuickFace, QuickModels

class Stuck(QuickFace):
    def generate(self, windows, pose, references):
        print("the picture begins", file=sys.stderr, flush=True)
        while True:
            time.sleep(0.05)

models = QuickModels()
if {stuck!r}:
    models.face = Stuck()
codub.dubbing.studio.Models = models.of
codub.speech.reference.speech_intervals = lambda s: [Interval(0.0, len(s) / 16_000)]
codub.dubbing.mouth.speech_intervals = lambda s: []
from codub.jobs.worker import main
main()
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(weights.HOME_VARIABLE, str(made))
    write_weights(made, NEEDED)


@pytest.fixture(scope="module")
def made_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, made_project: Path, home: None) -> Path:
    for path in sorted(made_project.rglob("*")):
        target = tmp_path / path.relative_to(made_project)
        target.mkdir() if path.is_dir() else target.hardlink_to(path)
    write_lines(tmp_path / "LINES.es.srt", *TEXTS)
    return tmp_path


def wanted(folder: Path, **values: Any) -> Event:
    files = {"project": "PROJECT.otio", "lines": "LINES.es.srt", "output": "DUBBED.otio"}
    request = {name: str(folder / file) for name, file in files.items()}
    return {"do": "dub", "write": False, "consent_by": "Eva", "fit_seconds": 0.0, **request, **values}


class Talk:
    """A worker in this process: what is put in reaches it as lines, what it says is kept."""

    def __init__(self, models: QuickModels) -> None:
        self.models = models
        self.events: list[Event] = []
        self.left: list[int] = []
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.react: Callable[[Event], None] = lambda event: None

    def put(self, *requests: Event) -> None:
        for request in requests:
            self._lines.put(json.dumps(request).encode())

    def run(self, *requests: Event) -> list[Event]:
        """Everything the worker says until it has done the last of these requests."""
        self.put(*requests)
        last = requests[-1]["id"]

        def say(event: Event) -> None:
            self.events.append(event)
            self.react(event)
            if event["event"] == "done" and event["id"] == last:
                self._lines.put(None)

        Worker(say, self.left.append).run(iter(self._lines.get, None))
        return self.events

    def of(self, name: int, kind: str) -> list[Event]:
        return [event for event in self.events if event.get("id") == name and event["event"] == kind]


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Talk:
    models = QuickModels()
    monkeypatch.setattr("codub.dubbing.studio.Models", models.of)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    monkeypatch.setattr("codub.dubbing.mouth.speech_intervals", lambda s: [])
    return Talk(models)


def test_a_line_is_dubbed_and_every_step_is_told(project: Path, talk: Talk) -> None:
    heard: list[tuple[bool, float]] = []

    def react(event: Event) -> None:
        if event["event"] == "sound":
            duration = probe(Path(event["path"])).require_audio().duration
            heard.append((not talk.of(1, "take"), float(duration)))

    talk.react = react
    events = talk.run({"id": 1, **wanted(project, cues=[3], seed=4)})
    assert events[0]["event"] == "ready"
    assert [e["event"] for e in events[1:] if e["event"] != "progress"] == ["started", "sound", "take", "done"]
    assert talk.of(1, "take")[0] == {"id": 1, "event": "take", "cue": 3, "language": "es", "take": 1}
    assert talk.of(1, "done")[0]["cancelled"] is False
    fractions = [event["fraction"] for event in talk.of(1, "progress")]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert all(event["eta_s"] >= 0 for event in talk.of(1, "progress"))
    ((before_the_take, seconds),) = heard
    assert before_the_take
    with TakesStore.open(project / "DUBBED.codub", read_only=True) as store:
        (take,) = store.list()
        assert (take.cue, take.seed, seconds) == (3, 4, float(take.duration))
        assert store.problems() == ()
        assert list((store.folder / "incoming").iterdir()) == []
    assert not (project / "DUBBED.otio").exists()


def test_what_was_worked_out_once_stays_warm(project: Path, talk: Talk) -> None:
    requests = [{"id": n, **wanted(project, cues=[3], seed=n)} for n in (1, 2)]
    looks: list[int] = []
    talk.react = lambda event: looks.append(talk.models.landmarks.looks) if event["event"] == "done" else None
    talk.run(*requests)
    assert looks[0] == looks[1] > 0  # the clip's faces were followed once
    assert [event["take"] for n in (1, 2) for event in talk.of(n, "take")] == [1, 2]


def test_a_film_that_was_replaced_is_looked_at_again(project: Path, talk: Talk) -> None:
    looks: list[int] = []

    def react(event: Event) -> None:
        if event["event"] == "done":
            looks.append(talk.models.landmarks.looks)
            film = project / "media" / "two.mp4"
            copy = film.read_bytes()
            film.unlink()
            film.write_bytes(copy)

    talk.react = react
    talk.run(*[{"id": n, **wanted(project, cues=[3])} for n in (1, 2)])
    assert looks[1] == 2 * looks[0]


def test_the_timeline_is_written_when_asked_for(project: Path, talk: Talk) -> None:
    write = {**wanted(project), "do": "write"}
    talk.run({"id": 1, **wanted(project, cues=[3])}, {"id": 2, **write})
    assert (project / "DUBBED.otio").is_file()
    assert talk.of(2, "done")[0]["cancelled"] is False


def test_models_are_loaded_ahead(talk: Talk) -> None:
    talk.run({"id": 1, "do": "warm", "profile": "embedded"})
    assert [event["what"] for event in talk.of(1, "progress")][-1] == "models are loaded"


def test_deliveries_reach_the_voice(project: Path, talk: Talk) -> None:
    talk.run({"id": 1, **wanted(project, cues=[3], deliveries={"3": {"pace": 1.2}})})
    assert talk.models.voice.ttv.deliveries[-1].pace == 1.2


def test_a_line_is_said_in_pieces_and_nothing_is_kept(project: Path, talk: Talk) -> None:
    talk.run(
        {"id": -1, **wanted(project, cues=[3], deliveries={"3": {"pace": 1.2}}), "do": "say"},  # nobody agreed yet
        {"id": 2, **wanted(project, cues=[1])},
        {"id": -3, **wanted(project, cues=[1], deliveries={"1": {"pace": 1.2}}), "do": "say"},
        {"id": -4, **wanted(project, cues=[1, 2]), "do": "say"},
    )
    assert "Ben" in talk.of(-1, "failed")[0]["message"]
    assert talk.models.voice.ttv.deliveries[-1].pace == 1.2
    pieces = [np.frombuffer(base64.b64decode(e["samples"]), "<i2") for e in talk.of(-3, "piece")]
    assert {event["cue"] for event in talk.of(-3, "piece")} == {1}
    assert len(pieces) > 1
    said = np.concatenate(pieces) / 32767
    assert len(said) == 48_000 * 0.6  # as long as its window
    inside = slice(1000, -1000)
    expected = tone(0.6, 300, 0.3)
    assert np.abs(said - expected)[inside].max() < 0.01  # one sine: nothing is heard of the joint
    assert talk.of(-3, "take") == []
    assert "One line" in talk.of(-4, "failed")[0]["message"]
    with TakesStore.open(project / "DUBBED.codub", read_only=True) as store:
        assert [take.cue for take in store.list()] == [1]


def test_failures_say_what_why_and_what_to_do_and_the_next_request_is_served(project: Path, talk: Talk) -> None:
    write_lines(project / "LINES.es.srt", "Falla.", *TEXTS[1:])
    talk.run(
        {"id": 1, **wanted(project, cues=[1])},
        {"id": 2, **wanted(project, cues=[77])},
        {"id": 3, **wanted(project, speed=2)},
        {"id": 4, "do": "dance", **{k: v for k, v in wanted(project).items() if k != "do"}},
        {"id": 5, **wanted(project, cues=[3])},
    )
    assert (talk.of(1, "failed")[0]["cue"], talk.of(1, "failed")[0]["message"]) == (1, "The line cannot be spoken.")
    assert [talk.of(n, "failed")[0]["cue"] for n in (2, 3, 4)] == [None] * 3
    assert "no cue 77" in talk.of(2, "failed")[0]["message"]
    assert "'speed'" in talk.of(3, "failed")[0]["message"]
    assert "'dance'" in talk.of(4, "failed")[0]["message"]
    assert [len(talk.of(n, "done")) for n in range(1, 6)] == [1] * 5
    assert talk.of(5, "take")


def test_a_request_is_cancelled_at_work_and_while_it_waits(project: Path, talk: Talk) -> None:
    def react(event: Event) -> None:
        if event["event"] == "sound" and event["id"] == 1:
            talk.put({"do": "cancel", "id": 2}, {"do": "cancel", "id": 1})
            time.sleep(0.2)  # until the worker's ear has it

    talk.react = react
    talk.run(*[{"id": n, **wanted(project, cues=[3])} for n in (1, 2, 3)])
    assert [talk.of(n, "done")[0]["cancelled"] for n in (1, 2, 3)] == [True, True, False]
    assert [bool(talk.of(n, "take")) for n in (1, 2, 3)] == [False, False, True]
    assert list((project / "DUBBED.codub" / "incoming").iterdir()) == []


def test_what_is_no_request_is_told(talk: Talk) -> None:
    talk._lines.put(b"nonsense")
    events = talk.run({"id": 1, "do": "warm"})
    assert events[1]["event"] == "failed"
    assert "no JSON object" in events[1]["message"]


# In a process of its own


@pytest.fixture
def spawn(root: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def make(*, stuck: bool = False) -> "subprocess.Popen[str]":
        script = QUICK_WORKER.format(path=[str(root / "tests"), *sys.path], stuck=stuck)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen([sys.executable, "-c", script], text=True, **pipes)  # type: ignore[call-overload]
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()  # type: ignore[union-attr]


def until(process: "subprocess.Popen[str]", kind: str) -> Event:
    for line in process.stdout:  # type: ignore[union-attr]
        event = json.loads(line)
        if event["event"] == kind:
            return dict(event)
    raise AssertionError(f"the worker ended before '{kind}'")


def ask(process: "subprocess.Popen[str]", **request: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()


def test_a_worker_killed_at_its_picture_loses_nothing_and_leaves_nothing(
    project: Path, spawn: Callable[..., "subprocess.Popen[str]"]
) -> None:
    first = spawn()
    ask(first, id=1, **wanted(project, cues=[3]))
    until(first, "take")
    killed = spawn(stuck=True)
    ask(killed, id=1, **wanted(project, cues=[3], seed=5))
    sound = Path(until(killed, "sound")["path"])
    assert killed.stderr is not None
    while "the picture begins" not in killed.stderr.readline():
        pass
    assert sound.is_file()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with TakesStore.open(project / "DUBBED.codub") as store:
        (take,) = store.list()
        assert (take.take, take.seed, store.problems()) == (1, 0, ())
        assert store.selected(3, "es") == take
        assert read_latent(store.path(take, LATENT))  # type: ignore[arg-type]
        assert store.path(take, AUDIO).is_file()  # type: ignore[union-attr]
        assert list((store.folder / "incoming").iterdir()) == []
        assert {path.name for path in (store.folder / "media").iterdir()} == {Path(f.path).name for f in take.files}
    ask(first, id=2, **wanted(project, cues=[3], seed=5))
    assert until(first, "take")["take"] == 2


def test_a_worker_ends_with_the_program_that_started_it(
    project: Path, spawn: Callable[..., "subprocess.Popen[str]"]
) -> None:
    idle, stuck = spawn(), spawn(stuck=True)
    until(idle, "ready")
    ask(stuck, id=1, **wanted(project, cues=[3]))
    until(stuck, "sound")
    for process in (idle, stuck):
        process.stdin.close()  # type: ignore[union-attr]  # as when its other end is killed
        process.wait(timeout=20)
    assert idle.returncode == 0
    assert stuck.returncode == 1  # did not answer
