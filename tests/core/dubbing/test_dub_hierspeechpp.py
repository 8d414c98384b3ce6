"""The whole flow through the paper's stack: its own classes on networks that are small, random and quick."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from made_dubs import OneFace, now, tone, write_lines, write_project, write_weights

from codub import imported, weights
from codub.dubbing.dub import dub_project
from codub.dubbing.latents import read_latent
from codub.dubbing.memory import Memory
from codub.dubbing.profile import Profile, load_profile
from codub.dubbing.record import AUDIO, LATENT
from codub.dubbing.report import plan_report
from codub.dubbing.request import DubOutcome, DubRequest
from codub.dubbing.takes import TakesStore
from codub.errors import UsageError, WeightsError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import TorchFaceGenerator
from codub.imported import IMPORTED, ImportRecord
from codub.latent import HIERSPEECHPP
from codub.media.audio import write_wav
from codub.media.probe import probe
from codub.speech.activity import Interval
from codub.speech.hierspeechpp.fused_speechsr import FusedSpeechSR
from codub.speech.hierspeechpp.fused_synthesizer import fuse
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.network import TextToVecNetwork, TtvSize
from codub.speech.hierspeechpp.speech_encoder import HierSpeechEncoder
from codub.speech.hierspeechpp.speechsr import SpeechSR
from codub.speech.hierspeechpp.synthesizer import HierspeechppSynthesizer
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize
from codub.speech.hierspeechpp.text_to_vec import HierSpeechTextToVec
from codub.speech.hierspeechpp.voice import HierspeechppVoice

TEXTS = ("Good morning.", "How are you?", "Very well, thank you.")
SMALL_TTV = TtvSize(channels=16, text_layers=1, posterior_layers=1, decoder_layers=1, pitch_channels=16)
SMALL_SYNTHESIZER = SynthesizerSize(latent=16, width=64, narrow=8, prior_layers=1, posterior_layers=1)


class SmallModels:
    """What `codub.dubbing.profile.Models` holds for this profile, at a small size; `heard` counts the styles."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        ttv = TextToVecNetwork(SMALL_TTV).eval().requires_grad_(False)
        synthesizer = HierspeechppSynthesizer(
            fuse(HierarchicalSynthesizer(SMALL_SYNTHESIZER)), FusedSpeechSR(SpeechSR(48_000))
        )
        self.profile = load_profile("hierspeechpp")
        self.device = "cpu"
        self.lines_at_once = 1
        self.memory = Memory()
        self.voice = HierspeechppVoice(HierSpeechTextToVec(ttv), synthesizer, (ttv.emb_g, synthesizer.network.emb_g))
        self.speech_encoder = HierSpeechEncoder(quick_front, ttv)
        config = GeneratorConfig("hierspeechpp", channels=1024, window=14, size=32, widths=(8, 8, 8), code=8)
        self.face = TorchFaceGenerator(Generator(config), HIERSPEECHPP)
        self.landmarks = OneFace()
        self.silent_face = None

    @property
    def speaker_encoder(self) -> Any:
        return self

    def embed(self, samples: np.ndarray) -> np.ndarray:
        return np.eye(256, dtype=np.float32)[0]

    def of(self, profile: Profile) -> "SmallModels":
        assert profile.name == "hierspeechpp"
        return self


def quick_front(samples: torch.Tensor) -> torch.Tensor:
    """The level of every 20 ms in 1024 channels, as many vectors as wav2vec 2.0 makes."""
    count = 4 * (samples.shape[1] // 1280 + 1)
    padded = torch.nn.functional.pad(samples, (0, 320 * count - samples.shape[1]))
    return padded.view(len(samples), 1, count, 320).abs().mean(3).expand(-1, 1024, -1)


@pytest.fixture(scope="module")
def small() -> SmallModels:
    return SmallModels()


@pytest.fixture
def project(tmp_path: Path, small: SmallModels, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two films, and a home in which all weights of the profile lie."""
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    write_weights(tmp_path / "home", small.profile.needs)
    for name in (*small.profile.imports, *small.profile.imports_for_recordings):
        put(name)
    monkeypatch.setattr("codub.dubbing.studio.Models", small.of)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    monkeypatch.setattr("codub.dubbing.mouth.speech_intervals", lambda s: [])
    write_project(tmp_path)
    write_lines(tmp_path / "LINES.en.srt", *TEXTS)
    return tmp_path


def put(name: str) -> None:
    """An imported file of no content with its record."""
    asset = IMPORTED[name]
    asset.file.parent.mkdir(parents=True, exist_ok=True)
    asset.file.write_bytes(b"")
    digest = (f"{ord(name[0]):02x}" * 32)[:64]
    record = ImportRecord(name, "x", "x.pth", "0" * 64, digest, 1, None, None, "", "2026", "1", "MIT", "x")
    imported.write_record(asset.record_file, record)


def request(project: Path, **changes: Any) -> DubRequest:
    values = {"lines": project / "LINES.en.srt", "consent_by": "Eva", "profile": "hierspeechpp", **changes}
    return DubRequest(project / "PROJECT.otio", output=project / "DUBBED.otio", **values)


def test_takes_of_the_papers_stack_hold_in_timing_frames_and_record(project: Path, small: SmallModels) -> None:
    outcome: DubOutcome = dub_project(request(project))
    assert outcome.failures == ()
    assert [(take.cue, take.profile) for take in outcome.takes] == [(n, "hierspeechpp") for n in (1, 2, 3)]
    with TakesStore.open(project / "DUBBED.codub", read_only=True) as store:
        for take in outcome.takes:
            audio, latent_file = store.path(take, AUDIO), store.path(take, LATENT)
            assert audio is not None
            assert latent_file is not None
            sound, rate = soundfile.read(audio)
            assert rate == 48_000
            assert Fraction(len(sound), rate) == take.duration
            assert np.any(sound)
            latent, at = read_latent(latent_file)
            assert (latent.space, latent.origin) == (HIERSPEECHPP, "text")
            assert at >= take.start
            assert at + latent.duration <= take.start + take.duration
            assert take.fit is not None
            assert latent.duration == pytest.approx(take.fit.spoken)
            assert latent.spans[-1].end == pytest.approx(float(latent.duration))
            for name in small.profile.imports:
                recorded = imported.read_record(IMPORTED[name]).sha256
                assert take.weights[f"{name}.safetensors"] == recorded
            assert str(take.settings["style"]).startswith("heard in ")
            comment = json.dumps(dict(soundfile.SoundFile(audio).copy_metadata()))
            assert "hierspeechpp" in comment
    timeline = now(project)
    for clip, count in zip(timeline.tracks[0], (45, 35), strict=True):
        assert clip.active_media_reference_key == "dub_en_t01"
        video = probe(project / clip.media_reference.target_url).require_video()
        assert (video.frames, video.rate, video.width, video.height) == (count, 25, 240, 200)
    assert sorted(path.suffix for path in (project / "DUBBED.codub" / "styles").iterdir()) == [".safetensors"] * 2


def test_another_seed_is_another_take_and_the_style_is_heard_once(
    project: Path, small: SmallModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    once = HierspeechppVoice.style_of
    monkeypatch.setattr(HierspeechppVoice, "style_of", lambda self, s: heard.append(len(s)) or once(self, s))
    monkeypatch.setattr(small.landmarks, "there", False)
    first = dub_project(request(project, cues=(1,))).takes[0]
    second = dub_project(request(project, cues=(1,), seed=1)).takes[0]
    again = dub_project(request(project, cues=(1,), seed=1)).takes[0]
    assert len(heard) == 1
    assert first.settings["line"] != second.settings["line"]
    assert again.settings["line"] == second.settings["line"]  # the same latent, number by number


def test_a_recording_moves_the_same_face(project: Path, small: SmallModels) -> None:
    write_wav(project / "performance.wav", tone(0.6, 200))
    (take,) = dub_project(request(project, cues=(1,), recording=project / "performance.wav")).takes
    with TakesStore.open(project / "DUBBED.codub", read_only=True) as store:
        path = store.path(take, LATENT)
        assert path is not None
        latent, _ = read_latent(path)
    assert (latent.space, latent.origin, latent.duration) == (HIERSPEECHPP, "sound", Fraction(3, 5))
    assert "mms-300m.safetensors" in take.weights
    assert any(file.role.startswith("video") for file in take.files)


def test_a_take_of_another_profile_in_the_clip_fails_the_picture_and_keeps_the_voice(
    project: Path, small: SmallModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    from made_dubs import QuickModels

    write_weights(project / "home", load_profile("embedded").needs)
    monkeypatch.setattr("codub.dubbing.studio.Models", QuickModels().of)
    dub_project(request(project, cues=(1,), profile="embedded", fit_seconds=0.0))
    monkeypatch.setattr("codub.dubbing.studio.Models", small.of)
    outcome = dub_project(request(project, cues=(2,)))
    (failure,) = outcome.failures
    assert "The chosen take of cue 1 in this clip is of the latent space 'embedded'" in str(failure.error)
    assert [file.role for file in outcome.takes[0].files if file.role.startswith("video")] == []


def test_before_anything_starts_weights_and_language_are_asked_for(project: Path) -> None:
    plan = plan_report(request(project))
    assert "weights of 'hierspeechpp': face-mesh, resemblyzer, ttv, synthesizer, speechsr48k, face-hier" in plan
    assert "GB of memory; nothing was made" in plan
    IMPORTED["synthesizer"].file.unlink()
    plan = plan_report(request(project))
    assert "! missing: synthesizer" in plan
    assert "codub weights import hierspeechpp_v1.1_ckpt.pth" in plan
    with pytest.raises(WeightsError, match="lacks the weights synthesizer"):
        dub_project(request(project))
    put("synthesizer")
    spanish = write_lines(project / "LINES.es.srt", "Buenos días.")
    for start in (dub_project, plan_report):
        with pytest.raises(UsageError, match="does not speak 'es'"):
            start(request(project, lines=spanish))
    assert not (project / "DUBBED.otio").exists()
