"""The whole flow on a small made project, with quick models; one file, as every test tells of that one project."""

import dataclasses
import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from made_dubs import QuickModels, TwoFaces, now, still, tone, write_lines, write_project, write_weights
from PIL import Image

from codub import weights
from codub.dubbing.cast.casting import Cast, CastError, FaceChoice, FramePick, Member, write_cast
from codub.dubbing.consent import ConsentError, ConsentLedger
from codub.dubbing.dub import dub_project
from codub.dubbing.latents import read_latent
from codub.dubbing.record import AUDIO, LATENT, TakeRecord, delivery_of, given_durations
from codub.dubbing.request import DubOutcome, DubRequest
from codub.dubbing.takes import TakesStore
from codub.errors import UsageError, WeightsError
from codub.media.probe import probe
from codub.media.video import read_frames
from codub.speech.activity import Interval
from codub.speech.model import Delivery
from codub.timeline.select import selected_takes
from codub.timeline.voice_tracks import voice_clips

TEXTS = ("Buenos días.", "¿Qué tal?", "Muy bien.")
NEEDED = ("kokoro-82m", "whisper-base", "face-mesh", "resemblyzer")
Dub = Callable[..., DubOutcome]


@pytest.fixture(scope="module")
def made_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, made_project: Path) -> Path:
    """The folder of a project whose films are shared by all tests, and never written."""
    for path in sorted(made_project.rglob("*")):
        target = tmp_path / path.relative_to(made_project)
        target.mkdir() if path.is_dir() else target.hardlink_to(path)
    write_lines(tmp_path / "LINES.es.srt", *TEXTS)
    return tmp_path


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> QuickModels:
    """Quick models instead of real ones, and a voice wherever there is sound."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(weights.HOME_VARIABLE, str(home))
    write_weights(home, NEEDED)
    made = QuickModels()
    monkeypatch.setattr("codub.dubbing.studio.Models", made.of)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    monkeypatch.setattr("codub.dubbing.mouth.speech_intervals", lambda s: [])  # the line alone moves the mouth
    return made


@pytest.fixture
def dub(project: Path, models: QuickModels) -> Dub:
    def run(**changes: Any) -> DubOutcome:
        progress = changes.pop("progress", lambda fraction, what: None)
        values = {"consent_by": "Eva", "fit_seconds": 0.0, "lines": project / "LINES.es.srt", **changes}
        return dub_project(DubRequest(project / "PROJECT.otio", output=project / "DUBBED.otio", **values), progress)

    return run


@pytest.fixture
def nobody(models: QuickModels) -> None:
    """No face is seen in the films: voices only, which is quicker."""
    models.landmarks.there = False


def kept(project: Path) -> TakesStore:
    return TakesStore.open(project / "DUBBED.codub", read_only=True)


def contents(folder: Path) -> dict[str, str]:
    files = [p for p in folder.rglob("*") if p.is_file() and "DUBBED" not in str(p)]
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_every_line_gets_voice_and_picture_on_the_timeline(project: Path, dub: Dub) -> None:
    before, heard = contents(project), []
    outcome = dub(progress=lambda fraction, what: heard.append(fraction))
    assert contents(project) == before
    assert outcome.failures == ()
    assert [(t.cue, t.take, t.text) for t in outcome.takes] == [(n, 1, text) for n, text in enumerate(TEXTS, 1)]
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    timeline = now(project)
    for clip, count in zip(timeline.tracks[0], (45, 35), strict=True):
        assert set(clip.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01"}
        assert clip.active_media_reference_key == "dub_es_t01"
        video = probe(project / clip.media_reference.target_url).require_video()
        assert (video.frames, video.rate, video.width, video.height) == (count, 25, 240, 200)
    assert selected_takes(timeline, "es") == {1: 1, 2: 1, 3: 1}
    assert timeline.tracks[1][0].active_media_reference_key == "dub_es_bed"


def test_voice_and_latent_of_a_take_last_as_long_as_its_record_says(project: Path, dub: Dub, nobody: None) -> None:
    outcome = dub(cues=(3,))
    (record,) = outcome.takes
    with kept(project) as store:
        sound, rate = soundfile.read(store.path(record, AUDIO), dtype="float32")
        latent, at = read_latent(store.path(record, LATENT))  # type: ignore[arg-type]
    assert (len(sound), rate) == (record.duration * 48_000, 48_000)
    assert (record.start * 25).denominator == (record.duration * 25).denominator == 1
    assert at == Fraction(191, 100)
    spoken = np.flatnonzero(np.abs(sound) > 1e-6) / 48_000
    assert float(record.start) + spoken[0] == pytest.approx(float(at), abs=1e-3)
    assert float(record.start) + spoken[-1] == pytest.approx(float(at + latent.duration), abs=1e-3)
    assert record.weights.keys() >= {"kokoro-82m/kokoro.int8.onnx", "face-embedded.safetensors"}
    assert record.scores["secs"] == 1.0


def test_without_consent_nothing_is_made(project: Path, dub: Dub, models: QuickModels) -> None:
    with pytest.raises(ConsentError, match="'Ana', 'Ben'"):
        dub(consent_by=None)
    assert models.voice.ttv.spoken == []
    assert not (project / "DUBBED.otio").exists()


def test_missing_weights_stop_before_any_work(project: Path, dub: Dub, models: QuickModels) -> None:
    (weights.home() / "weights" / "resemblyzer" / "pretrained.pt").unlink()
    with pytest.raises(WeightsError, match=r"lacks the weights resemblyzer.*codub weights fetch"):
        dub()
    assert models.voice.ttv.spoken == []
    assert not (project / "DUBBED.codub").exists()


def test_a_line_that_fails_costs_no_other(project: Path, dub: Dub) -> None:
    write_lines(project / "LINES.es.srt", "Buenos días.", "Falla.", "Muy bien.")
    outcome = dub()
    assert [t.cue for t in outcome.takes] == [1, 3]
    ((failure),) = outcome.failures
    assert (failure.cue, failure.error.message) == (2, "The line cannot be spoken.")
    timeline = now(project)
    assert set(voice_clips(timeline, "es")) == {1, 3}
    assert timeline.tracks[0][0].active_media_reference_key == "dub_es_t01"  # cue 1's face, on the same clip


def test_a_picture_that_fails_leaves_the_voices(project: Path, dub: Dub) -> None:
    (project / "media" / "two.mp4").unlink()
    (project / "media" / "two.mp4").write_bytes(b"no film")
    outcome = dub()
    assert [t.cue for t in outcome.takes] == [1, 2, 3]
    assert [f.cue for f in outcome.failures] == [3]
    assert [any(f.role.startswith("video") for f in t.files) for t in outcome.takes] == [True, True, False]


def test_without_a_face_the_original_picture_stands(project: Path, dub: Dub, nobody: None) -> None:
    outcome = dub()
    assert len(outcome.takes) == 3
    assert outcome.failures == ()
    assert all("left as it is" in str(t.settings) for t in outcome.takes)
    timeline = now(project)
    assert {clip.active_media_reference_key for clip in timeline.tracks[0]} == {"DEFAULT_MEDIA"}
    assert set(voice_clips(timeline, "es")) == {1, 2, 3}


def test_what_was_finished_survives_a_stop(project: Path, dub: Dub, nobody: None) -> None:
    write_lines(project / "LINES.es.srt", "Buenos días.", "¿Qué tal?", "Rompe.")
    with pytest.raises(KeyboardInterrupt):
        dub()
    with kept(project) as store:
        assert [(t.cue, t.take) for t in store.list()] == [(1, 1), (2, 1)]
        assert store.problems() == ()
        assert list((store.folder / "incoming").iterdir()) == []
    assert not (project / "DUBBED.otio").exists()
    write_lines(project / "LINES.es.srt", *TEXTS)
    outcome = dub(cues=(3,))  # goes on, and the takes of before come onto the timeline too
    assert len(outcome.takes) == 1
    assert selected_takes(now(project), "es") == {1: 1, 2: 1, 3: 1}


def test_two_takes_differ_by_their_seed(project: Path, dub: Dub, models: QuickModels, nobody: None) -> None:
    outcome = dub(cues=(3,), takes=2, seed=5)
    assert [(t.take, t.seed) for t in outcome.takes] == [(1, 5), (2, 6)]
    assert models.voice.ttv.spoken[-2:] == [("Muy bien.", 5), ("Muy bien.", 6)]
    with kept(project) as store:
        one, two = (store.path(t, LATENT) for t in outcome.takes)
        assert one is not None
        assert two is not None
        assert (read_latent(one)[0].features != read_latent(two)[0].features).any()
    timeline = now(project)
    assert set(voice_clips(timeline, "es")[3].media_references()) == {"dub_es_t01", "dub_es_t02"}
    assert selected_takes(timeline, "es") == {3: 2}


def test_lines_that_are_spoken_together_are_those_spoken_alone(
    project: Path, dub: Dub, models: QuickModels, nobody: None
) -> None:
    write_lines(project / "LINES.es.srt", "Buenos días.", "Falla.", "Muy bien.")
    alone = dub(takes=2)
    assert models.voice.synthesizer.together == [1, 1, 1, 1]
    models.lines_at_once = 3
    together = dub(takes=2)
    assert models.voice.synthesizer.together[4:] == [1, 2, 1]  # of scenes of two lines, of which one fails, and one
    assert [(f.cue, f.error.message) for f in alone.failures] == [(f.cue, f.error.message) for f in together.failures]
    assert [(t.cue, t.seed, t.duration) for t in alone.takes] == [(t.cue, t.seed, t.duration) for t in together.takes]
    for one, other in zip(alone.takes, together.takes, strict=True):
        sounds = one.file(AUDIO), other.file(AUDIO)
        assert all(sounds)
        assert len({sound.sha256 for sound in sounds if sound}) == 1


def test_how_a_line_is_said_is_asked_for_by_cue_and_kept(
    project: Path, dub: Dub, models: QuickModels, nobody: None
) -> None:
    wanted = Delivery(pace=1.1, pitch=-2.0, energy=3.0, variation=0.5)
    outcome = dub(cues=(1, 3), deliveries={3: wanted})
    assert models.voice.ttv.deliveries[-2:] == [Delivery(), wanted]
    assert [delivery_of(record) for record in outcome.takes] == [Delivery(), wanted]
    assert given_durations(outcome.takes[1]) == (float(outcome.takes[1].fit.spoken),)  # type: ignore[union-attr]


def test_the_originals_delivery_is_followed_into_the_take(
    project: Path, dub: Dub, models: QuickModels, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codub.speech.performance.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    talk = project / "media" / "talk.wav"
    talk.unlink()  # other tests have it too
    times = np.arange(round(3.2 * 48_000)) / 48_000
    octaves = np.clip((times - 0.5) / 0.6, -0.5, 0.5)  # within the first cue, 0.2 s to 0.8 s, up by one octave
    soundfile.write(talk, 0.1 * np.sin(2 * np.pi * np.cumsum(140 * 2**octaves) / 48_000), 48_000)
    outcome = dub(cues=(1, 2), deliveries={1: Delivery(original=1.0)})
    assert outcome.failures == ()
    assert [delivery_of(record).original for record in outcome.takes] == [1.0, 0.0]
    with kept(project) as store:
        curves = [read_latent(path)[0].log_f0 for take in outcome.takes if (path := store.path(take, LATENT))]
    followed, plain = (12 * np.log2(np.expm1(curve) / np.expm1(5.0)) for curve in curves)
    assert np.abs(plain).max() < 0.01  # the quick voice speaks in one tone
    middle = np.linspace(-6, 6, len(followed))[6:-6]
    assert np.corrcoef(followed[6:-6], middle)[0, 1] > 0.99
    assert np.abs(followed[6:-6] - middle).max() < 1.5


def test_a_line_made_again_keeps_the_other_lines_lips(project: Path, dub: Dub, models: QuickModels) -> None:
    dub()
    outcome = dub(cues=(1,), seed=9)
    assert [t.cue for t in outcome.takes] == [1]
    (again,) = outcome.takes
    with kept(project) as store:
        other = store.get(2, 1)
    shown = str(again.settings["video0-0.lines"]).split()
    assert shown == [again.settings["line"], other.settings["line"]]
    timeline = now(project)
    assert selected_takes(timeline, "es") == {1: 2, 2: 1, 3: 1}
    active = timeline.tracks[0][0].media_reference.metadata["codub"]["takes"]
    assert dict(active) == {"1": 2, "2": 1}


def test_an_edit_in_the_dubbed_timeline_is_not_lost(project: Path, dub: Dub, nobody: None) -> None:
    dub(cues=(3,))
    timeline = now(project)
    timeline.tracks[0].markers.append(otio.schema.Marker("keep me"))
    otio.adapters.write_to_file(timeline, str(project / "DUBBED.otio"))
    outcome = dub(cues=(3,))
    assert "goes on from there" in outcome.notes[0]
    assert [m.name for m in now(project).tracks[0].markers] == ["keep me"]
    assert selected_takes(now(project), "es") == {3: 2}


def test_a_recording_is_refused_without_its_cue(project: Path, dub: Dub, models: QuickModels) -> None:
    soundfile.write(project / "mine.wav", tone(0.8, 200), 48_000)
    with pytest.raises(UsageError, match=r"belongs to one cue.*--cue N"):
        dub(recording=project / "mine.wav")
    assert not (project / "DUBBED.codub").exists()


def test_a_recording_is_the_voice_and_moves_the_lips(project: Path, dub: Dub, models: QuickModels) -> None:
    soundfile.write(project / "mine.wav", tone(0.8, 200), 48_000)
    outcome = dub(recording=project / "mine.wav", cues=(3,))
    (record,) = outcome.takes
    assert models.voice.ttv.spoken == []
    assert models.face.frames > 0
    assert (record.fit, record.settings["origin"], record.settings["style"]) == (None, "sound", "a human recording")
    assert "mine.wav" in record.parents
    assert record.scores == {}


def test_a_folder_of_recordings_dubs_the_cues_that_it_names(project: Path, dub: Dub, models: QuickModels) -> None:
    (project / "takes").mkdir()
    for cue, hertz in ((1, 200), (3, 300)):
        soundfile.write(project / "takes" / f"{cue}.wav", tone(0.5, hertz), 48_000)
    outcome = dub(recording=project / "takes")
    assert [(take.cue, take.settings["recording"]) for take in outcome.takes] == [(1, "1.wav"), (3, "3.wav")]
    one = outcome.takes[0].settings
    assert one["recording.sha256"] == hashlib.sha256((project / "takes" / "1.wav").read_bytes()).hexdigest()
    assert (one["recording.performer"], one["recording.converted"]) == ("the performer of takes", False)
    assert "No speech is heard in '1.wav'" in str(one["notes"])  # a tone
    assert models.voice.ttv.spoken == []


def test_a_recording_is_converted_into_the_voice_of_its_speaker(
    project: Path, dub: Dub, models: QuickModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codub.speech.condition.speech_intervals", lambda samples: [Interval(0, len(samples) / 16_000)])
    soundfile.write(project / "mine.wav", tone(0.8, 200), 48_000)
    asked: list[tuple[Any, Any]] = []
    say = models.voice.synthesizer.synthesize
    models.voice.synthesizer.synthesize = lambda latent, style: asked.append((latent, style)) or say(latent, style)
    outcome = dub(recording=project / "mine.wav", cues=(3,), convert=True)
    (record,) = outcome.takes
    assert outcome.failures == ()
    latent, style = asked[-1]  # before it the style was heard
    assert (latent.origin, float(latent.duration)) == ("sound", 0.8)
    assert str(record.settings["style"]).startswith("a human recording, in the voice ")
    assert str(record.settings["style"]).endswith(style.origin)
    assert record.settings["recording.converted"]
    assert "voice.reference" in record.settings
    assert "secs" in record.scores
    assert models.face.frames > 0


def test_whose_voice_a_recording_holds_must_have_agreed(project: Path, dub: Dub, models: QuickModels) -> None:
    soundfile.write(project / "mine.wav", tone(0.8, 200), 48_000)
    dub(recording=project / "mine.wav", cues=(3,), performer="Cleo")  # declared with all others
    ledger = ConsentLedger(project / "DUBBED.codub")
    cleo = ledger.of("Cleo")
    assert cleo is not None
    assert cleo.scope == ("voice",)
    ledger.record(dataclasses.replace(cleo, scope=()))  # withdrawn
    with pytest.raises(ConsentError, match="'Cleo'"):
        dub(recording=project / "mine.wav", cues=(3,), performer="Cleo", consent_by=None)


def decide(project: Path, *members: Member, faces: tuple[FaceChoice, ...] = ()) -> None:
    write_cast(project / "DUBBED.codub", Cast(members, faces))


def film(project: Path, name: str = "one") -> str:
    return str(project / "media" / f"{name}.mp4")


def note(record: TakeRecord, role: str = "video0-0") -> str:
    return str(record.settings[f"{role}.note"])


def test_what_the_cast_decided_is_used_and_stands_in_the_record(project: Path, dub: Dub) -> None:
    other = FramePick(film(project, "two"), 7, (0.5, 0.4))
    decide(project, Member("Ana", cues=(1, 2), fit_seconds=0.0, open=other), Member("Ben", fit_seconds=0.0))
    outcome = dub(cues=(1, 3), fit_seconds=None, profile="embedded")
    ana, ben = outcome.takes
    assert ana.settings["voice.reference"] == "cues 1, 2"
    assert ana.settings["voice.fit_seconds"] == 0.0
    assert (project / "DUBBED.codub" / "styles" / str(ana.settings["voice.style"])).is_file()
    assert "two.mp4" in ana.parents
    assert "open two.mp4:7" in note(ana)
    assert "the only face" in note(ana)
    assert ben.settings["voice.reference"] == "all lines"
    assert ben.parents == ("two.mp4", "talk.wav")


def test_one_still_alone_is_enough(project: Path, dub: Dub, models: QuickModels) -> None:
    Image.fromarray(still(9)).save(project / "ana.png")
    decide(project, Member("Ana", identity=(FramePick(str(project / "ana.png")),)))
    (record,) = dub(cues=(1,)).takes
    assert note(record).endswith("references: ana.png:0")
    assert "ana.png" in record.parents
    assert models.face.frames > 0


def test_the_face_that_was_pointed_at_speaks(project: Path, dub: Dub, models: QuickModels) -> None:
    models.landmarks = TwoFaces()
    moved = {}
    for name, faces in {
        "left": (),
        "right": (FaceChoice(1, film(project), 8, (0.73, 0.45)),),
        "nobody": (FaceChoice(1, film(project), 8),),
    }.items():
        decide(project, faces=faces)
        (record,) = dub(cues=(1,)).takes
        with kept(project) as store:
            path = store.path(record, "video0-0")
        moved[name] = (note(record), halves(path) if path else (0.0, 0.0))
    assert moved["left"][1][0] > 3 * moved["left"][1][1]
    assert moved["right"][1][1] > 3 * moved["right"][1][0]
    assert "chosen by hand" in moved["right"][0]
    assert moved["nobody"][0].startswith("nobody in the picture speaks the line, as chosen")


def halves(path: Path) -> tuple[float, float]:
    """How far the left and the right half of frame 10 are from the original picture."""
    frame = next(read_frames(path, 10, 1)).astype(float)
    change = np.abs(frame - still(1))
    return float(change[:, :120].mean()), float(change[:, 120:].mean())


def test_a_face_that_is_not_there_is_told_and_costs_the_picture_only(project: Path, dub: Dub) -> None:
    decide(project, faces=(FaceChoice(1, film(project), 8, (0.98, 0.98)),))
    outcome = dub(cues=(1,))
    assert [take.cue for take in outcome.takes] == [1]
    assert "no face at 0.98, 0.98 of frame 8 in clip 'one'" in str(outcome.failures[0].error)


def test_a_damaged_cast_stops_before_any_work(project: Path, dub: Dub, models: QuickModels) -> None:
    (project / "DUBBED.codub").mkdir()
    (project / "DUBBED.codub" / "cast.json").write_text("{", encoding="utf-8")
    with pytest.raises(CastError, match=r"cast\.json"):
        dub()
    assert models.voice.ttv.spoken == []
