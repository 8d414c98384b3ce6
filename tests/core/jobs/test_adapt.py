"""`codub adapt` on a made project: consent, held-out lines, what is kept, what a dub makes of it, and a kill."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from made_dubs import QuickModels, write_lines, write_project, write_weights
from made_meshes import MadeMesh

from codub import weights
from codub.dubbing.adapted import Adapted, forget_adapted, read_adapted, speaker_folder
from codub.dubbing.cast.project import CastProject, open_cast
from codub.dubbing.consent import Consent, ConsentError
from codub.dubbing.dub import dub_project
from codub.dubbing.profile import Profile
from codub.dubbing.report import outcome_report, plan_report
from codub.dubbing.request import DubOutcome, DubRequest
from codub.errors import UsageError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import load_face_generator, save_face
from codub.jobs import adapt as module
from codub.jobs.adapt import adapt_speaker, original_language, share_out
from codub.speech.activity import Interval
from codub.training.adaptation import Adaptation
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, LossConfig
from codub.training.loop import LoopConfig

SMALL = GeneratorConfig(widths=(8, 16, 16), size=32, code=16)
QUICK = Adaptation(
    FaceStage(
        loop=LoopConfig(steps=4, checkpoint_every=2, note_every=1),
        sampling=SamplingConfig(groups=1, frames=2),
        losses=LossConfig(adversarial=0.0),
        learning_rate=1e-3,
        precision="float32",
    ),
    ("latent", "head"),
    0.01,
    passes=9.0,
    fewest=2,
)
GOOD, BAD = {"sound": (31.0, 0.7, 1.0)}, {"sound": (30.0, 0.8, 1.0)}
Fit = Callable[..., Adapted]


@pytest.fixture
def project(tmp_path: Path) -> CastProject:
    write_project(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Uno.", "Dos.", "Tres.")
    return open_cast(DubRequest(tmp_path / "PROJECT.otio", tmp_path / "LINES.es.srt", tmp_path / "DUBBED.otio"))


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small face instead of the one that ships."""
    torch.manual_seed(3)
    path = tmp_path / "base.safetensors"
    save_face(path, Generator(SMALL), {})
    monkeypatch.setattr(Profile, "face_file", property(lambda profile: path))
    return path


@pytest.fixture
def models(base: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> QuickModels:
    write_weights(home, ("kokoro-82m", "whisper-base", "face-mesh", "resemblyzer"))
    made = QuickModels()
    made.face = load_face_generator(base)
    monkeypatch.setattr("codub.dubbing.studio.Models", made.of)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    monkeypatch.setattr("codub.dubbing.mouth.speech_intervals", lambda s: [])
    return made


@pytest.fixture
def fit(project: CastProject, models: QuickModels) -> Fit:
    project.ledger.record(Consent("Ana", "She agreed.", "Eva"))

    def run(name: str = "Ana", **changes: object) -> Adapted:
        progress = changes.pop("progress", lambda fraction, what: None)
        values = {"models": models, "mesh": MadeMesh(), "settings": QUICK, **changes}
        return adapt_speaker(project, name, progress, **values)  # type: ignore[arg-type]

    return run


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Decides what is measured before and after."""

    def decide(*measured: dict[str, tuple[float, float, float]]) -> None:
        left = list(measured)
        monkeypatch.setattr(module, "_measured", lambda generator, clips, mesh: left.pop(0))

    return decide


def dub(project: CastProject, **changes: object) -> DubOutcome:
    return dub_project(replace(project.request, consent_by="Eva", fit_seconds=0.0, **changes))  # type: ignore[arg-type]


def test_one_line_is_learnt_from_and_the_other_measured(fit: Fit, project: CastProject, base: Path) -> None:
    told: list[float] = []
    adapted = fit("ana", progress=lambda fraction, what: told.append(fraction))
    assert adapted == read_adapted(project.folder, "Ana")
    assert [(line.cue, line.media, line.first_frame, line.frame_count, line.held_out) for line in adapted.lines] == [
        (1, "one.mp4", 5, 15, False),
        (2, "one.mp4", 25, 15, True),
    ]
    assert (adapted.base, adapted.steps) == (weights.sha256_of(base), 4)
    (figures,) = adapted.figures
    assert figures.drive == "sound"
    assert 0 < figures.psnr_before < 60
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert not (speaker_folder(project.folder, "Ana") / "work").exists()


def test_a_better_face_is_used_by_the_next_dub_and_its_take_says_so(
    fit: Fit, project: CastProject, outcome: Callable[..., None], models: QuickModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome(BAD, GOOD)
    adapted = fit()
    assert adapted.better
    used = []
    from codub.dubbing import dub as flow

    real = flow.picture_clip
    monkeypatch.setattr(
        flow, "picture_clip", lambda clip, lines, *rest: (used.append(lines), real(clip, lines, *rest))[1]
    )
    made = dub(project)
    assert made.failures == ()
    assert {line.cue: line.generator is not None for lines in used for line in lines} == {1: True, 2: True, 3: False}
    by_cue = {take.cue: take for take in made.takes}
    name = f"adapted/{speaker_folder(project.folder, 'Ana').name}/{adapted.file}"
    assert by_cue[1].weights[name] == adapted.weights
    assert not any(key.startswith("adapted/") for key in by_cue[3].weights)
    assert "with the speaker's adapted face" in outcome_report(made).splitlines()[0]
    assert "face of Ana: adapted (+1.0 dB" in plan_report(project.request)
    assert "face adapted (+1.0 dB" in project.report("Ana")
    forget_adapted(project.folder, "Ana")
    (again,) = dub(project, cues=(1,)).takes
    assert name not in again.weights


def test_a_face_that_is_no_better_is_not_kept(fit: Fit, project: CastProject, outcome: Callable[..., None]) -> None:
    outcome(GOOD, BAD)
    adapted = fit()
    assert not adapted.better
    assert list(speaker_folder(project.folder, "Ana").glob("*.safetensors")) == []
    assert "the shipped face stays" in adapted.report()
    (take,) = dub(project, cues=(1,)).takes
    assert not any(key.startswith("adapted/") for key in take.weights)


def test_other_base_weights_make_it_outdated_and_the_dub_says_so(
    fit: Fit, project: CastProject, outcome: Callable[..., None], base: Path
) -> None:
    outcome(BAD, GOOD)
    fit()
    torch.manual_seed(4)
    save_face(base, Generator(SMALL), {})
    made = dub(project, cues=(1,))
    assert any("has been replaced since" in note and "codub adapt" in note for note in made.notes)
    assert not any(key.startswith("adapted/") for key in made.takes[0].weights)
    assert "adaptation outdated" in project.report("Ana")


def test_killed_and_run_again_it_ends_with_the_same_weights(
    fit: Fit, project: CastProject, outcome: Callable[..., None]
) -> None:
    outcome(BAD, GOOD, BAD, BAD, GOOD)
    own = speaker_folder(project.folder, "Ana")
    whole = load_face_generator(own / fit().file).network.state_dict()
    forget_adapted(project.folder, "Ana")

    def kill(fraction: float, what: str) -> None:
        if what == "step 3 of 4":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(progress=kill)
    assert read_adapted(project.folder, "Ana") is None
    told: list[str] = []
    again = load_face_generator(own / fit(progress=lambda fraction, what: told.append(what)).file)
    assert "step 3 of 4" in told
    assert "step 1 of 4" not in told
    assert all(torch.equal(value, whole[name]) for name, value in again.network.state_dict().items())


def test_without_consent_nothing_is_looked_at(project: CastProject, models: QuickModels) -> None:
    with pytest.raises(ConsentError, match="'Ben'"):
        adapt_speaker(project, "Ben", models=models, mesh=MadeMesh(), settings=QUICK)  # type: ignore[arg-type]
    assert models.landmarks.looks == 0
    assert not project.folder.exists()


def test_consent_for_the_voice_alone_is_not_enough(project: CastProject, models: QuickModels) -> None:
    project.ledger.record(Consent("Ana", "My voice only.", "Eva", scope=("voice",)))
    with pytest.raises(ConsentError, match="face"):
        adapt_speaker(project, "Ana", models=models, mesh=MadeMesh(), settings=QUICK)  # type: ignore[arg-type]


def test_without_footage_it_is_said_why(fit: Fit, models: QuickModels) -> None:
    models.landmarks.there = False
    with pytest.raises(UsageError, match=r"no footage of 'Ana'.*not seen from the front"):
        fit()


def test_too_little_footage_is_refused_before_any_step(fit: Fit, project: CastProject) -> None:
    with pytest.raises(UsageError, match="15 pictures of the speaker are too few"):
        fit(settings=replace(QUICK, passes=0.1))
    assert read_adapted(project.folder, "Ana") is None


@dataclass(frozen=True)
class Stretch:
    """As much of a line as sharing out needs."""

    frames: range

    def __len__(self) -> int:
        return len(self.frames)

    def part(self, first: int, stop: int) -> "Stretch":
        return Stretch(self.frames[first:stop])


@pytest.mark.parametrize("count", [2, 3, 8, 100])
def test_some_lines_are_held_out_and_most_are_learnt_from(count: int) -> None:
    lines = [Stretch(range(100 * i, 100 * i + 50)) for i in range(count)]
    learnt, held_out = share_out(lines)  # type: ignore[arg-type]
    assert sorted([line.frames.start for line in (*learnt, *held_out)]) == [100 * i for i in range(count)]
    assert 1 <= len(held_out) <= min(6, count // 2)


def test_of_one_line_the_end_is_held_out() -> None:
    (learnt,), (held_out,) = share_out([Stretch(range(50))])  # type: ignore[list-item]
    assert learnt.frames == range(30)
    assert held_out.frames == range(33, 50)


def test_one_short_line_is_refused() -> None:
    with pytest.raises(UsageError, match="One line of 30 frames is too little"):
        share_out([Stretch(range(30))])  # type: ignore[list-item]


def test_the_language_of_the_original_is_read_from_its_name(project: CastProject) -> None:
    named = replace(project.request, source_lines=Path("LINES.en.srt"))
    assert original_language(named) == "en"
    assert original_language(replace(named, source_lines=Path("LINES.srt"))) == ""
    assert original_language(project.request) == ""
