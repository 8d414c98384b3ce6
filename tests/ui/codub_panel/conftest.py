"""A small made project: three lines over one made film, and a worker that fakes what `codub.jobs.worker` does."""

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.dubbing.latents import write_latent
from codub.dubbing.record import TakeRecord, delivery_settings
from codub.dubbing.sending import Sending
from codub.dubbing.shots import ShotPart
from codub.dubbing.takes import TakesStore
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.media.audio import write_wav
from codub.media.encode import write_video
from codub.media.probe import VideoInfo
from codub.speech.model import PLAIN, Fit
from codub.timeline.changes import ChangeKind, TimelineChange
from codub.timeline.cues import Cue
from codub.timeline.placed import PlacedClip
from codub_panel.project import worker as worker_module
from codub_panel.project.session import Ground, Job, Line, PanelSession

RATE = Fraction(25)
FRAMES = 75

FAKE_WORKER = """
import base64, json, os, queue, sys, threading, time
from pathlib import Path
from codub.dubbing.record import TakeRecord
from codub.dubbing.takes import TakesStore, takes_folder

# Speaks as codub.jobs.worker does. Texts that are orders: "wait" (until cancelled), "hang" (deaf), "fail", "die".
def say(**event):
    print(json.dumps(event), flush=True)

cancelled, waiting = set(), queue.SimpleQueue()

def listen():
    for line in sys.stdin:
        request = json.loads(line)
        cancelled.add(request["id"]) if request["do"] == "cancel" else waiting.put(request)
    os._exit(0)

def dub(request):
    name, (cue,) = request["id"], request["cues"]
    texts = {}
    for block in Path(request["lines"]).read_text(encoding="utf-8").strip().split("\\n\\n"):
        number, _, text = block.split("\\n", 2)
        texts[int(number)] = text.partition("] ")[2]
    output = Path(request["output"])
    say(id=name, event="progress", fraction=0.25, what=f"cue {cue}: voice", eta_s=7)
    if texts[cue] == "fail":
        say(id=name, event="failed", cue=cue, message=f"Cue {cue} has no sound.", cause="", fix="Give it one.")
        return
    say(id=name, event="sound", cue=cue, path=str(output.parent / "voice.wav"))
    if texts[cue] == "die":
        print("Segmentation what?", file=sys.stderr, flush=True)
        os._exit(7)
    while texts[cue] == "hang":
        time.sleep(0.05)
    while texts[cue] == "wait":
        if name in cancelled:
            return True
        time.sleep(0.01)
    record = TakeRecord(cue, "es", texts[cue], "ANA", request["seed"], "embedded")
    with TakesStore.open(takes_folder(output)) as store:
        kept = store.add(record, {"video0-0": output.parent / "dubbed.mp4"})
        store.select(cue, kept.take, "es")
    say(id=name, event="take", cue=cue, language="es", take=kept.take)

threading.Thread(target=listen, daemon=True).start()
say(event="ready", pid=os.getpid(), version="fake")
while True:
    request = waiting.get()
    stopped = request["do"] == "dub" and dub(request)
    if request["do"] == "say":
        for level in (1000, 2000):
            samples = base64.b64encode(level.to_bytes(2, "little") * 4800).decode()
            say(id=request["id"], event="piece", cue=request["cues"][0], samples=samples)
    say(id=request["id"], event="done", cancelled=bool(stopped), seconds=0.1, notes=[])
"""


def write_film(path: Path, level: int) -> None:
    """Frames whose brightness grows by one from `level`, so that a frame can be told by its pixels."""
    frames = (np.full((36, 64, 3), level + number, np.uint8) for number in range(FRAMES))
    write_video(path, frames, VideoInfo(RATE, FRAMES, 64, 36), FRAMES)


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "original.mp4", 30)
    write_film(folder / "dubbed.mp4", 150)
    return folder


@pytest.fixture
def session(tmp_path: Path, films: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PanelSession]:
    monkeypatch.setattr(worker_module, "COMMAND", (sys.executable, "-c", FAKE_WORKER))
    (tmp_path / "dubbed.mp4").write_bytes((films / "dubbed.mp4").read_bytes())
    with TakesStore.open(tmp_path / "DUBBED.codub") as store:
        yield open_session(tmp_path, films, store)


class FakeOutlet:
    """Lists what the test says, and writes nothing."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.changes = (TimelineChange(ChangeKind.TRACK, "Dub es", "", "", "on"),)
        self.sent: list[Sending] = []

    def listed(self) -> Sending:
        return Sending(self.output, not self.output.exists(), self.changes, ())

    def send(self) -> Sending:
        self.sent.append(self.listed())
        self.changes = ()
        return self.sent[-1]


@pytest.fixture
def outlet(tmp_path: Path) -> FakeOutlet:
    return FakeOutlet(tmp_path / "DUBBED.otio")


def open_session(folder: Path, films: Path, store: TakesStore) -> PanelSession:
    clip = PlacedClip(
        (0, 0), "sh010", "V1", "video", films / "original.mp4", "DEFAULT_MEDIA", RATE,
        Fraction(10, 25), Fraction(10, 25), Fraction(0), Fraction(60, 25), ((Fraction(0), Fraction(60, 25)),),
    )  # fmt: skip
    texts = {1: "¿Dónde está?", 2: "No lo sé.", 5: "Fuera de cuadro."}
    lines = []
    for order, (number, text) in enumerate(texts.items()):
        start, end = Fraction(order * 4, 5), Fraction(order * 4 + 4, 5)
        first, count = clip.frames_during((start, end))
        parts = () if number == 5 else (ShotPart(clip, first, count, Fraction(0)),)
        cue = Cue(number, text, "es", "ANA", start, end, source_text=f"source {number}")
        lines.append(Line(cue, "ANA", parts))
    write_lines(folder / "LINES.es.srt", lines)
    job = Job(folder / "PROJECT.otio", folder / "LINES.es.srt", folder / "DUBBED.otio")
    return PanelSession(lines, store, job, Ground(RATE, Fraction(3600)))


def write_lines(path: Path, lines: list[Line]) -> None:
    blocks = [f"{line.cue.number}\n00:00:00,000 --> 00:00:01,000\n[ANA] {line.cue.text}\n" for line in lines]
    path.write_text("\n".join(blocks), encoding="utf-8")


@pytest.fixture
def hola(session: PanelSession, tmp_path: Path) -> TakeRecord:
    """A take of line 1 that says "Hola.", chosen; its sound is a tone of -23 LUFS, its pitch 150 Hz."""
    session.edit(1, "Hola.")
    times = np.arange(48000) / 48000
    write_wav(tmp_path / "hola.wav", (0.1 * np.sin(2 * np.pi * 997 * times)).astype(np.float32))
    spans = tuple(PhonemeSpan(name, i / 10, (i + 1) / 10) for i, name in enumerate(("", "o", "l", "a", "")))
    pitch, energy = np.full(40, np.log(151.0), np.float32), np.zeros(40, np.float32)
    latent = SpeechLatent(EMBEDDED, np.zeros((512, 20), np.float32), pitch, energy, spans)
    settings = {**delivery_settings(PLAIN, (0.05, 0.05, 0.1, 0.1, 0.0)), "spoken_from": "0"}
    fit = Fit(0.8, 0.8, 0.8, 1.0)
    record = TakeRecord(
        1, "es", "Hola.", "ANA", 0, "embedded", start=Fraction(1, 2), duration=Fraction(1), settings=settings, fit=fit
    )  # fmt: skip
    write_latent(tmp_path / "latent.safetensors", latent, Fraction(3, 2))
    kept = session.store.add(record, {"audio": tmp_path / "hola.wav", "latent": tmp_path / "latent.safetensors"})
    session.choose(1, kept)
    return kept
