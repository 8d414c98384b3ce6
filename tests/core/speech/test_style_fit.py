from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from codub.latent import EMBEDDED
from codub.speech import style_descent
from codub.speech.accent import accented
from codub.speech.encoder import load_speech_encoder
from codub.speech.equaliser import BANDS
from codub.speech.fit_file import FitState, load_fit, save_fit
from codub.speech.heard_reference import hear
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import Style
from codub.speech.speaker import load_speaker_encoder
from codub.speech.style_descent import AFTER, PIECE, FitLimits, Going, descend
from codub.speech.style_filters import filtered, filtered_over_time, to_speech_rate
from codub.speech.style_fit import fit_style
from codub.speech.style_gains import drawn_style
from codub.speech.style_listening import FITTED_YIELD, Forming, Listening, Piece, forming, spectral_distance


class Organ(nn.Module):
    """A made decoder: eight harmonics of F0 whose strengths the style sets, or what forms the sounds in its place."""

    def forward(
        self, features: Tensor, f0: Tensor, energy: Tensor, style: Tensor, articulation: Tensor | None = None
    ) -> Tensor:
        style = style if articulation is None else articulation
        t = torch.arange(features.shape[-1] * 600) / 24_000
        tones = torch.sin(2 * torch.pi * f0[0, 0] * torch.arange(1, 9)[:, None] * t)
        return (4 * style[:, :64].reshape(-1, 8, 8).sum(dim=2)).exp() @ tones


class Bands(nn.Module):
    """A made speaker network: the strengths of 100 Hz wide bands."""

    def forward(self, waves: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(waves).abs()
        bands = nn.functional.adaptive_avg_pool1d(spectrum[:, None], 80)[:, 0]
        return nn.functional.normalize(bands, dim=1)


def piece(vectors: int = 100) -> Piece:
    return Piece(torch.zeros(1, 512, vectors), torch.full((1, 2 * vectors), 200.0), torch.zeros(1, 2 * vectors))


@pytest.fixture
def start() -> np.ndarray:
    return stock_voice("af_heart")[:128]


@pytest.fixture
def listening() -> Listening:
    target = torch.from_numpy(stock_voice("am_onyx")[:128].copy())
    wave = Organ()(piece(PIECE).features, piece(PIECE).f0, piece(PIECE).energy, target[None])
    return Listening(Organ(), Bands(), Bands()(to_speech_rate(wave))[0])


def likeness(listening: Listening, acoustic: np.ndarray, of: Piece | None = None) -> float:
    return float(listening.judged(of or piece(), torch.from_numpy(acoustic.copy()))[0])


def test_the_fit_comes_nearer(listening: Listening, start: np.ndarray) -> None:
    descent = descend(listening, [piece()], start, FitLimits(seconds=60, steps=20))
    before, after = likeness(listening, start), likeness(listening, descent.acoustic)
    assert after > before + 0.4 * (1 - before)


def test_the_gains_are_heard(start: np.ndarray) -> None:
    # The speaker is the start's own voice behind a filter: with its gains there is nothing left to fit.
    gains = np.linspace(8, -40, BANDS).astype(np.float32)
    wave = Organ()(piece().features, piece().f0, piece().energy, torch.from_numpy(start.copy())[None])
    wanted = Bands()(filtered(to_speech_rate(wave), gains))[0]
    assert likeness(Listening(Organ(), Bands(), wanted, gains), start) == pytest.approx(1, abs=1e-5)
    assert likeness(Listening(Organ(), Bands(), wanted), start) < 0.999


def test_what_each_moment_gets_is_heard(start: np.ndarray) -> None:
    moving = torch.from_numpy(np.linspace(-8, 8, 100)[:, None].repeat(BANDS, axis=1).astype(np.float32))
    wave = Organ()(piece().features, piece().f0, piece().energy, torch.from_numpy(start.copy())[None])
    swelling = filtered_over_time(to_speech_rate(wave), moving)
    there = Listening(Organ(), Bands(), Bands()(swelling)[0])
    heard = there.spoken(replace(piece(), moving=moving), torch.from_numpy(start.copy()))
    assert torch.equal(heard, swelling)
    quarter = heard.shape[1] // 4
    assert heard[:, -quarter:].std() > 3 * heard[:, :quarter].std()


@pytest.mark.parametrize("language", ["fr", "it", "es-419"])
def test_a_language_is_heard_with_its_sounds_formed(language: str) -> None:
    made = forming(language, Style(EMBEDDED, stock_voice("am_onyx")))
    assert made is not None
    for name in ("af_heart", "bm_george"):
        style = Style(EMBEDDED, (0.3 * stock_voice(name) + 0.7 * stock_voice("am_onyx")).astype(np.float32))
        spoken = accented(style, language, yielding=FITTED_YIELD).articulation
        assert spoken is not None
        heard = made.articulation(torch.from_numpy(style.vector[:128].copy())).numpy()
        np.testing.assert_allclose(heard, spoken, atol=1e-4)


def test_english_is_formed_with_the_voice_itself() -> None:
    assert forming("en-GB", Style(EMBEDDED, stock_voice("am_onyx"))) is None


def test_the_sounds_of_a_piece_are_formed_by_its_language(listening: Listening, start: np.ndarray) -> None:
    onyx = torch.from_numpy(stock_voice("am_onyx")[:128].copy())
    native = replace(piece(), forming=Forming(torch.zeros(128, 128), onyx))
    # whoever speaks, the wanted one's sounds are heard
    assert likeness(listening, start, native) == pytest.approx(1, abs=1e-4)
    assert likeness(listening, start, native.window(10, PIECE)) == pytest.approx(1, abs=1e-4)
    assert likeness(listening, start) < 0.999


def test_what_was_recorded_is_heard_beside_what_is_made_of_it(listening: Listening) -> None:
    onyx = torch.from_numpy(stock_voice("am_onyx")[:128].copy())  # as like as can be
    spoken = listening.spoken(piece(), onyx).detach()
    louder = spoken * torch.linspace(0.1, 1, spoken.shape[1])
    costs = [
        float(listening.judged(replace(piece(), recorded=recorded), onyx)[1]) for recorded in (None, spoken, louder)
    ]
    assert costs[0] == pytest.approx(0, abs=1e-5)
    assert costs[1] == pytest.approx(0, abs=1e-5)
    assert costs[2] > 0.1


def test_how_loud_a_band_is_throughout_is_the_gains_matter() -> None:
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 16_000)).astype(np.float32))
    bright = filtered(noise, np.linspace(-8, 8, BANDS).astype(np.float32))
    assert spectral_distance(noise, bright) < 0.1
    assert spectral_distance(noise, noise.flip(1)) > 0.5


def test_equal_steps_give_equal_styles(listening: Listening, start: np.ndarray) -> None:
    limits = FitLimits(seconds=60, steps=5)
    first, second = (descend(listening, [piece(), piece(80)], start, limits) for _ in range(2))
    assert first.steps == second.steps == 5
    assert np.array_equal(first.acoustic, second.acoustic)


class Stopped(Exception):
    """Somebody pulled the plug."""


def test_a_fit_that_was_stopped_goes_on_with_its_next_step(
    listening: Listening, start: np.ndarray, tmp_path: Path
) -> None:
    limits, pieces = FitLimits(seconds=600, steps=8), [piece(), piece(80)]
    whole = descend(listening, pieces, start, limits)
    path = tmp_path / "ana.fit"
    steps: list[int] = []

    def keep(state: FitState) -> None:
        save_fit(path, state)
        steps.append(state.step)

    def stop(done: float, what: str) -> None:
        if steps[-1] in (3, 5):
            raise Stopped

    for reached in (3, 5):
        with pytest.raises(Stopped):
            descend(listening, pieces, start, limits, stop, Going(load_fit(path), keep))
        kept = load_fit(path)
        assert kept is not None
        assert (kept.step, kept.seconds > 0) == (reached, True)
        assert np.array_equal(kept.drawn, start)
    last = descend(listening, pieces, start, limits, going=Going(load_fit(path), keep))
    assert steps == [1, 2, 3, 4, 5, 6, 7, 8]  # none was taken twice
    assert last.steps == 8
    np.testing.assert_allclose(last.acoustic, whole.acoustic, atol=1e-6)


def test_a_fit_whose_time_was_used_up_before_takes_no_step(
    listening: Listening, start: np.ndarray, tmp_path: Path
) -> None:
    kept: list[FitState] = []
    descend(listening, [piece()], start, FitLimits(seconds=60, steps=2), going=Going(None, kept.append))
    late = replace(kept[-1], seconds=1e4)
    descent = descend(listening, [piece()], start, FitLimits(seconds=60, steps=9), going=Going(late, kept.append))
    assert descent.steps == 2
    assert len(kept) == 2


def test_a_damaged_file_of_a_fit_is_a_fit_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.fit").write_bytes(b"{} not a fit")
    assert load_fit(tmp_path / "a.fit") is None
    assert load_fit(tmp_path / "none.fit") is None


def test_it_stays_among_the_voices_that_were_ever_heard(listening: Listening, start: np.ndarray) -> None:
    descent = descend(listening, [piece()], start, FitLimits(seconds=60, steps=10))
    voices = np.stack([stock_voice(name)[:128] for name in ("af_heart", "am_onyx")])
    assert np.abs(descent.acoustic).max() < 3 * np.abs(voices).max()


def test_it_ends_in_time_and_says_how_far_it_is(listening: Listening, start: np.ndarray) -> None:
    told: list[tuple[float, str]] = []
    tell: Callable[[float, str], None] = lambda done, what: told.append((done, what))  # noqa: E731
    descent = descend(listening, [piece()], start, FitLimits(seconds=0.05, steps=10_000), tell)
    assert 1 <= descent.steps == len(told) < 1000
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert "s left" in told[0][1]


def test_what_follows_the_steps_is_in_the_limit_too(
    listening: Listening, start: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(1000))
    monkeypatch.setattr(style_descent, "time", SimpleNamespace(monotonic=lambda: next(seconds) / 4))
    ends: list[float] = []
    left: list[int] = []

    def tell(done: float, what: str) -> None:
        ends.append(done)
        left.append(int(what.split()[-3]))

    descent = descend(listening, [piece()], start, FitLimits(seconds=30, steps=1000), tell)
    spent = next(seconds) / 4
    assert 3 < descent.steps < 1000
    assert spent * (1 + AFTER / descent.steps) < 30 + 1
    assert ends == sorted(ends)
    assert ends[-1] <= 1
    assert left[0] == pytest.approx(30, abs=1)
    assert left == sorted(left, reverse=True)


def test_without_time_nothing_moves(listening: Listening, start: np.ndarray) -> None:
    descent = descend(listening, [piece()], start, FitLimits(seconds=-1))
    assert descent.steps == 0
    assert np.array_equal(descent.acoustic, start)


def test_it_stops_when_nothing_is_gained(start: np.ndarray) -> None:
    own = torch.from_numpy(start.copy())
    wave = Organ()(piece(PIECE).features, piece(PIECE).f0, piece(PIECE).energy, own[None])
    there = Listening(Organ(), Bands(), Bands()(to_speech_rate(wave))[0])
    assert descend(there, [piece()], start, FitLimits(seconds=60, steps=500)).steps < 100


def test_a_window_cuts_features_and_curves_alike() -> None:
    whole = Piece(torch.arange(10.0).expand(1, 512, 10), torch.arange(20.0)[None], torch.arange(20.0)[None])
    part = whole.window(3, 2)
    assert part.features[0, 0].tolist() == [3, 4]
    assert part.f0[0].tolist() == part.energy[0].tolist() == [6, 7, 8, 9]
    assert part.recorded is None
    assert part.moving is None
    moments = torch.arange(10.0)[:, None].expand(10, 40)
    more = replace(whole, recorded=torch.arange(4000.0)[None], moving=moments).window(3, 2)
    assert more.recorded is not None
    assert more.moving is not None
    assert more.recorded[0].tolist() == list(range(1200, 2000))
    assert more.moving[:, 0].tolist() == [3, 4]


@pytest.mark.weights
def test_a_real_voice_comes_nearer(weights_home: Path, corpora: Path) -> None:
    from codub.speech.kokoro.voice import load_voice

    encoder = load_speaker_encoder()
    sound = soundfile.read(corpora / "speech/librispeech/1088-129236-0000.ogg", dtype="float32")[0]
    voice = load_voice()
    reference = hear(sound, encoder.embed(sound), load_speech_encoder())
    start = drawn_style(reference, voice, encoder)
    assert start.gains is not None
    assert start.sound_gains is not None
    told: list[float] = []
    fitted = fit_style(reference, start, voice, encoder, limit_seconds=10, progress=lambda done, _: told.append(done))
    assert fitted.similarity is not None
    assert fitted.similarity > 0.55  # two people have 0.5; 60 s of fitting give 0.75
    assert np.array_equal(fitted.vector[128:], start.vector[128:])
    assert "likeness" in fitted.origin
    assert fitted.gains is not None
    assert fitted.sound_gains is not None
    assert told == sorted(told)
    assert told[-1] <= 1
