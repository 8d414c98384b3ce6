"""One style a speaker: worked out once, kept beside the takes, made again for another reference or limit."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from made_dubs import QuickModels, tone
from made_timelines import clip, frames, project, track

from codub import imported
from codub.dubbing.cast.casting import NO_CAST, Cast, CastError, Member
from codub.dubbing.cast.voice_reference import speaker_reference
from codub.dubbing.plan import make_plan
from codub.dubbing.profile import load_profile
from codub.dubbing.shots import Plan
from codub.dubbing.voices import Voices
from codub.errors import CueError
from codub.latent import HIERSPEECHPP
from codub.media.audio import write_wav
from codub.speech.accent import accented
from codub.speech.activity import Interval
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import Speech, Style
from codub.timeline.cues import Cue

Make = Callable[..., Voices]


def silent(fraction: float, what: str) -> None:
    pass


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Ana speaks for two seconds, and Ben where there is no sound."""
    write_wav(tmp_path / "media" / "talk.wav", tone(2.0))
    talk = clip("talk", 0, 50, available=frames(0, 50), url="media/talk.wav")
    made = project(tmp_path, [track("V1", [clip("one", 0, 100)]), track("A1", [talk], "Audio")])
    cues = [
        Cue(n, "Hola.", "es", name, Fraction(a), Fraction(a + 1))
        for n, (name, a) in enumerate((("Ana", 0), ("Ana", 1), ("Ben", 3)), 1)
    ]
    return make_plan(made, cues)


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The limits of the fits that were made; a fit marks the style as its own."""
    limits: list[float] = []

    def fit(reference: Any, start: Style, *models: Any, limit_seconds: float, progress: Any, kept: Path) -> Style:
        assert kept.suffix == ".fit"
        limits.append(limit_seconds)
        return replace(start, origin="fitted", f0_factor=1.25)

    monkeypatch.setattr("codub.speech.style_fit.fit_style", fit)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    return limits


@pytest.fixture
def voices(tmp_path: Path, plan: Plan, fitted: list[float]) -> Make:
    (tmp_path / "styles").mkdir()

    def make(fit_seconds: float | None = 30.0, cast: Cast = NO_CAST) -> Voices:
        return Voices(plan, QuickModels(), tmp_path / "styles", fit_seconds, cast)  # type: ignore[arg-type]

    return make


def test_a_voice_is_fitted_once_for_all_its_lines(voices: Make, fitted: list[float]) -> None:
    one = voices()
    style = one.style("Ana", silent)
    assert one.style("Ana", silent) is style
    assert fitted == [30.0]


def test_another_run_takes_the_style_that_was_kept(voices: Make, fitted: list[float]) -> None:
    first = voices().style("Ana", silent)
    again = voices().style("Ana", silent)
    assert fitted == [30.0]
    np.testing.assert_array_equal(again.vector, first.vector)
    assert (again.origin, again.f0_factor) == ("fitted", 1.25)


def test_another_limit_is_another_fit(voices: Make, fitted: list[float]) -> None:
    for limit in (30.0, 60.0, 0.0, 60.0):
        voices(limit).style("Ana", silent)
    assert fitted == [30.0, 60.0]
    assert "stock voices" in voices(0.0).style("Ana", silent).origin


def test_other_sound_is_another_fit(voices: Make, fitted: list[float], plan: Plan) -> None:
    voices().style("Ana", silent)
    write_wav(plan.references["Ana"][0].media, tone(2.0, 240))
    voices().style("Ana", silent)
    assert len(fitted) == 2


def test_a_stranger_speaks_a_language_with_its_natives_sounds_and_a_named_voice_with_its_own(voices: Make) -> None:
    one = voices()
    own, spoken = one.style("Ana", silent), one.speaking("Ana", "fr-CA", silent)
    forming = accented(own, "fr").articulation
    assert forming is not None
    for style in (spoken, one.target("Ana", "fr", silent).style):
        np.testing.assert_array_equal(style.vector, own.vector)
        assert style.articulation == pytest.approx(forming)
    assert one.speaking("Ana", "en", silent) is own
    named = voices(cast=of_ana(voice="am_adam"))
    assert named.speaking("Ana", "fr", silent) is named.style("Ana", silent)


def test_a_speaker_who_is_never_heard_is_told(voices: Make) -> None:
    with pytest.raises(CueError, match=r"no original sound of Ben.*audio track"):
        voices().style("Ben", silent)


def test_what_is_doubtful_about_a_voice_is_noted(voices: Make) -> None:
    one = voices()
    one.style("Ana", silent)
    short, steady = one.notes  # the voice is a tone, which is as steady as music
    assert "2.0 s of speech only" in short
    assert "Music is heard" in steady


def test_likeness_is_the_cosine_to_the_reference(voices: Make) -> None:
    one = voices()
    one.style("Ana", silent)
    other = np.zeros(256, np.float32)
    other[:2] = 0.6, 0.8
    one._models.speaker_encoder = SimpleNamespace(embed=lambda samples: other)  # type: ignore[misc, assignment]
    assert one.likeness("Ana", Speech(tone(1.0), 48_000)) == pytest.approx(0.6)


def of_ana(**decided: Any) -> Cast:
    return Cast((Member("Ana", **decided),))


def test_the_cast_names_the_lines_that_are_listened_to(voices: Make, fitted: list[float], plan: Plan) -> None:
    heard = [speaker_reference(plan, Member("Ana", cues=cues)) for cues in ((), (1,), (2,), (1, 2))]
    assert [round(reference.seconds, 2) for reference in heard] == [2.0, 1.0, 1.0, 2.0]
    assert [[source.name for source in reference.sources] for reference in heard[1:3]] == [["cue 1"], ["cue 2"]]
    voices().style("Ana", silent)
    one = voices(cast=of_ana(cues=(1,)))
    one.style("Ana", silent)
    assert len(fitted) == 2
    assert one.used("Ana")["voice.reference"] == "cue 1"


def test_a_recording_is_the_reference_instead(voices: Make, fitted: list[float], tmp_path: Path, plan: Plan) -> None:
    write_wav(tmp_path / "ana.wav", tone(4.0, 200))
    member = Member("Ben", recording=str(tmp_path / "ana.wav"))  # who is heard nowhere else
    assert speaker_reference(plan, member).sources[0].name == "ana.wav"
    one = voices(cast=Cast((member,)))
    one.style("Ben", silent)
    assert one.used("Ben")["voice.reference"] == "recording ana.wav"


def test_a_line_of_somebody_else_is_no_reference(voices: Make) -> None:
    with pytest.raises(CastError, match=r"Cue 3 cannot be.*'Ana'.*cues 1, 2"):
        voices(cast=of_ana(cues=(1, 3))).style("Ana", silent)


def test_the_limit_asked_for_wins_then_the_casts_then_the_profiles(voices: Make, fitted: list[float]) -> None:
    for asked, cast in ((30.0, of_ana(fit_seconds=90.0)), (None, of_ana(fit_seconds=90.0)), (None, NO_CAST)):
        voices(asked, cast).style("Ana", silent)
    assert fitted == [30.0, 90.0, 60.0]


def test_a_refit_leaves_the_former_style(voices: Make, tmp_path: Path) -> None:
    first, second = voices(cast=of_ana(fit_seconds=20.0)), voices(None, of_ana(fit_seconds=40.0))
    files = []
    for one in (first, second):
        one.style("Ana", silent)
        files.append(str(one.used("Ana")["voice.style"]))
    assert sorted(path.name for path in (tmp_path / "styles").iterdir()) == sorted(set(files))
    assert len(set(files)) == 2


def test_a_voice_that_hears_takes_its_style_at_once_and_keeps_it_for_these_weights(
    tmp_path: Path, plan: Plan, fitted: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "styles").mkdir(exist_ok=True)
    heard: list[int] = []

    def hear(samples: np.ndarray) -> Style:
        heard.append(len(samples))
        return Style(HIERSPEECHPP, np.ones(512, np.float32), origin="heard")

    def hearing(mark: str) -> Voices:
        models = QuickModels().of(replace(load_profile("hierspeechpp")))
        models.voice.style_of = hear
        monkeypatch.setattr(imported, "recorded_sha256", lambda name: f"{mark}{name}".ljust(64, "0"))
        return Voices(plan, models, tmp_path / "styles", 30.0)  # type: ignore[arg-type]

    first = hearing("a")
    style = first.style("Ana", silent)
    assert (style.space, style.origin, len(heard)) == (HIERSPEECHPP, "heard", 1)
    assert first.used("Ana")["voice.fit_seconds"] == 0.0
    assert fitted == []
    assert hearing("a").style("Ana", silent).origin == "heard"
    assert len(heard) == 1
    hearing("b").style("Ana", silent)  # other weights: another style
    assert len(heard) == 2


def test_a_named_voice_needs_no_reference_and_no_fit(voices: Make, fitted: list[float]) -> None:
    cast = Cast((Member("Ben", voice="am_adam"),))  # of whom nothing can be heard
    one = voices(cast=cast)
    np.testing.assert_array_equal(one.style("Ben", silent).vector, stock_voice("am_adam"))
    assert fitted == []
    assert one.used("Ben") == {"voice.reference": "the voice am_adam", "voice.fit_seconds": 0.0}
    assert one.likeness("Ben", Speech(tone(1.0), 48_000)) is None
