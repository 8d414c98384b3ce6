# ruff: noqa: RUF001 - IPA looks like Latin letters
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import CueError, LatentSpaceError
from codub.latent import EMBEDDED, HIERSPEECHPP, SILENCE, SpeechLatent
from codub.speech.activity import Interval
from codub.speech.kokoro.decoder import Decoder
from codub.speech.kokoro.generator import HarmonicSource
from codub.speech.kokoro.variation import Variation
from codub.speech.kokoro.voice import KokoroVoice, load_voice
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import Delivery, PhonemeLine, Style
from codub.speech.performance import Performance, phrases_of
from codub.speech.saying import read
from codub.speech.shaping import Manner

MICHAEL = Style(EMBEDDED, stock_voice("am_michael"), origin="am_michael")


def line(symbols: str) -> PhonemeLine:
    return PhonemeLine(symbols, "en", tuple(symbols))


PAUSING = line("aɪ lˈɛft ðə kˈiːz ɔnðə tˈeɪbəl. ðə blˈuː kˈʌp ɪz nˈɛkst tə ðˌɛm.")
STAY = line("wiː kˈænt stˈeɪ hˈɪɹ, ˌɛni lˈɔŋɡɚ.")


@pytest.fixture(scope="module")
def voice(weights_home: Path) -> KokoroVoice:
    return load_voice()


def phrase_gap(latent: SpeechLatent) -> float:
    first, second = phrases_of(latent)
    return second.start - first.end


def median_f0(latent: SpeechLatent) -> float:
    f0 = np.expm1(latent.log_f0)
    return float(np.median(f0[f0 > 10]))


@pytest.mark.weights
def test_a_line_becomes_a_latent_and_the_latent_sound_of_its_length(voice: KokoroVoice) -> None:
    spoken = voice.ttv.speak(STAY, MICHAEL, None, 0)
    latent = spoken.latent
    assert latent.space is EMBEDDED
    assert float(latent.duration) == spoken.fit.spoken == spoken.fit.natural
    assert latent.spans[0].start == 0
    assert latent.spans[-1].end == pytest.approx(float(latent.duration))
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(latent.spans))
    sounds = [span.phoneme for span in latent.spans if span.phoneme != SILENCE]
    assert "".join(sounds) == "wikæntsteɪhɪɹɛnilɔŋɡɚ"

    speech = voice.synthesizer.synthesize(latent, MICHAEL)
    assert len(speech.samples) == latent.duration * speech.sample_rate
    assert 0.02 < float(np.std(speech.samples)) < 0.5
    # it starts and ends with the line: 75 and 100 ms of silence (60 dB below the loudest), and what fades in and out
    level = np.sqrt(np.mean(speech.samples.reshape(-1, 600) ** 2, axis=1))
    heard = np.flatnonzero(level > 0.001 * level.max())
    assert heard[0] <= 5
    assert len(level) - heard[-1] <= 6


@pytest.mark.weights
@pytest.mark.parametrize("change", [-0.25, 0.3])
def test_a_window_is_kept_by_speaking_faster_or_slower(voice: KokoroVoice, change: float) -> None:
    natural = voice.ttv.speak(STAY, MICHAEL, None, 0).fit.natural
    spoken = voice.ttv.speak(STAY, MICHAEL, natural + change, 0)
    assert spoken.fit.spoken == pytest.approx(natural + change, abs=0.026)
    assert spoken.fit.spoken <= natural + change + 1e-6
    assert float(spoken.latent.duration) == pytest.approx(spoken.fit.spoken)
    assert spoken.fit.syllables_over == 0


@pytest.mark.weights
def test_what_cannot_fit_is_said_at_the_limit(voice: KokoroVoice) -> None:
    spoken = voice.ttv.speak(STAY, MICHAEL, 0.7, 0)
    assert spoken.fit.scale == pytest.approx(0.8)
    assert spoken.fit.excess == pytest.approx(float(spoken.latent.duration) - 0.7)
    assert 0 < spoken.fit.syllables_over < 8


@pytest.mark.weights
def test_a_factor_on_f0_moves_the_voiced_part_only(voice: KokoroVoice) -> None:
    plain = voice.ttv.speak(STAY, MICHAEL, None, 0).latent
    raised = voice.ttv.speak(STAY, Style(EMBEDDED, MICHAEL.vector, f0_factor=1.5), None, 0).latent
    assert median_f0(raised) == pytest.approx(1.5 * median_f0(plain), rel=0.01)
    unvoiced = plain.log_f0 < np.log1p(10)
    np.testing.assert_array_equal(raised.log_f0[unvoiced], plain.log_f0[unvoiced])


@pytest.mark.weights
def test_a_range_of_f0_widens_what_lies_around_the_median(voice: KokoroVoice) -> None:
    plain = voice.ttv.speak(STAY, MICHAEL, None, 0).latent
    lively = voice.ttv.speak(STAY, Style(EMBEDDED, MICHAEL.vector, f0_range=1.3), None, 0).latent
    voiced = plain.log_f0 > np.log1p(10)
    before, after = (np.log(np.expm1(latent.log_f0[voiced])) for latent in (plain, lively))
    np.testing.assert_allclose(after - np.median(before), 1.3 * (before - np.median(before)), atol=1e-3)
    np.testing.assert_array_equal(lively.log_f0[~voiced], plain.log_f0[~voiced])


@pytest.mark.weights
def test_pitch_moves_every_voiced_value_by_so_many_semitones(voice: KokoroVoice) -> None:
    plain = voice.ttv.speak(STAY, MICHAEL, 2.0, 3).latent
    raised = voice.ttv.speak(STAY, MICHAEL, 2.0, 3, Delivery(pitch=-4)).latent
    # seed 3 moves F0 itself, so that values about the least voiced one may stand on either side of it
    voiced, unvoiced = plain.log_f0 > np.log1p(20), plain.log_f0 < np.log1p(5)
    ratio = np.expm1(raised.log_f0[voiced]) / np.expm1(plain.log_f0[voiced])
    np.testing.assert_allclose(12 * np.log2(ratio), -4, atol=0.01)
    np.testing.assert_array_equal(raised.log_f0[unvoiced], plain.log_f0[unvoiced])
    np.testing.assert_array_equal(raised.features, plain.features)


@pytest.mark.weights
def test_pace_shortens_what_was_fitted(voice: KokoroVoice) -> None:
    plain, faster = (voice.ttv.speak(STAY, MICHAEL, 1.8, 0, Delivery(pace=pace)) for pace in (1.0, 1.2))
    edges = 1 / 40 * 7
    assert faster.fit.spoken == pytest.approx(plain.fit.spoken / 1.2, abs=edges)
    assert faster.fit.scale == pytest.approx(plain.fit.scale / 1.2)
    assert float(faster.latent.duration) == pytest.approx(faster.fit.spoken)


@pytest.mark.weights
def test_no_variation_is_the_models_own_reading_and_more_strays_further(voice: KokoroVoice) -> None:
    own = voice.ttv.speak(STAY, MICHAEL, 2.0, 0).latent
    takes = [voice.ttv.speak(STAY, MICHAEL, 2.0, 5, Delivery(variation=share)).latent for share in (0.0, 1.0, 2.0)]
    np.testing.assert_array_equal(takes[0].log_f0, own.log_f0)
    np.testing.assert_array_equal(takes[0].features, own.features)
    far = [abs(np.log(median_f0(take) / median_f0(own))) for take in takes]
    assert far[0] == 0 < far[1] < far[2]


@pytest.mark.weights
def test_given_durations_add_up_and_give_the_same_line_again(voice: KokoroVoice) -> None:
    plain = voice.ttv.speak(STAY, MICHAEL, 2.0, 0)
    assert len(plain.durations) == len(STAY.symbols)
    assert 3 / 40 <= plain.fit.spoken - sum(plain.durations) < 0.3  # the silence at the edges
    again = voice.ttv.speak(STAY, MICHAEL, 2.0, 0, Delivery(durations=tuple(d or None for d in plain.durations)))
    assert again.durations == plain.durations
    np.testing.assert_array_equal(again.latent.features, plain.latent.features)


GO = line("wiː hˈæv tə ɡˈoʊ. ðeɪ ɑːɹ kˈʌmɪŋ nˈaʊ.")


@pytest.mark.weights
@pytest.mark.parametrize("seconds", [0.4, 0.9, 1.5])
def test_a_pause_is_as_long_as_it_is_set_and_silent(voice: KokoroVoice, seconds: float) -> None:
    stop = GO.symbols.index(".")
    wanted: list[float | None] = [None] * len(GO.symbols)
    wanted[stop], wanted[stop + 1] = seconds - 0.05, 0.05
    spoken = voice.ttv.speak(GO, MICHAEL, None, 0, Delivery(durations=tuple(wanted)))
    (pause,) = [span for span in spoken.latent.spans[1:-1] if span.phoneme == SILENCE]
    assert pause.end - pause.start == pytest.approx(seconds, abs=0.05)
    sound = voice.synthesizer.synthesize(spoken.latent, MICHAEL)
    inside = sound.samples[int((pause.start + 0.05) * 24_000) : int((pause.end - 0.05) * 24_000)]
    assert inside.std() < 0.01 * sound.samples.std()


@pytest.mark.weights
def test_the_originals_pause_is_taken_over_by_strength(voice: KokoroVoice) -> None:
    original = Performance((Interval(0.0, 0.6), Interval(1.6, 2.5)), np.zeros(250), np.zeros(250))
    own = phrase_gap(voice.ttv.speak(PAUSING, MICHAEL, None, 0).latent)
    for strength in (0.25, 0.5, 1.0):
        told = Delivery(original=strength), Manner(performance=original)
        spoken = read(voice.ttv, PAUSING, MICHAEL, None, 0, told).spoken
        assert phrase_gap(spoken.latent) == pytest.approx(own + strength * (1.0 - own), abs=0.05)


@pytest.mark.weights
def test_durations_of_another_line_are_refused(voice: KokoroVoice) -> None:
    with pytest.raises(CueError, match="of another line"):
        voice.ttv.speak(STAY, MICHAEL, 2.0, 0, Delivery(durations=(0.1, None)))


@pytest.mark.weights
def test_a_seed_is_a_take_of_its_own_and_always_the_same(voice: KokoroVoice) -> None:
    takes = [voice.ttv.speak(STAY, MICHAEL, 2.0, seed).latent for seed in (0, 1, 1, 2)]
    np.testing.assert_array_equal(takes[1].log_f0, takes[2].log_f0)
    for take in (takes[1], takes[3]):
        assert take.log_f0.shape != takes[0].log_f0.shape or not np.allclose(take.log_f0, takes[0].log_f0)
        assert median_f0(take) == pytest.approx(median_f0(takes[0]), rel=0.2)


@pytest.mark.weights
def test_known_durations_are_kept(voice: KokoroVoice) -> None:
    durations = np.random.default_rng(0).integers(1, 6, len(STAY.symbols) + 2).tolist()
    features = voice.ttv.features(STAY.symbols, durations)
    f0, energy = voice.ttv.prosody(STAY.symbols, durations, MICHAEL)
    assert features.shape == (512, sum(durations))
    assert f0.shape == energy.shape == (2 * sum(durations),)
    ends = np.cumsum(durations)
    assert all(np.ptp(features[:, e - n : e], axis=1).max() == 0 for n, e in zip(durations, ends, strict=True))
    assert voice.ttv.durations(STAY, MICHAEL).shape == (len(durations),)
    with pytest.raises(ValueError, match="durations"):
        voice.ttv.features(STAY.symbols, durations[1:])


@pytest.mark.weights
def test_silence_looks_like_the_silence_before_a_line(voice: KokoroVoice) -> None:
    features = voice.ttv.features(STAY.symbols, [1] * (len(STAY.symbols) + 2))
    distance = np.linalg.norm(features - voice.ttv.silence_vector()[:, None], axis=0)
    assert distance.argmin() in (0, len(STAY.symbols) + 1)
    assert voice.ttv.silence(7).duration == 7 / EMBEDDED.rate


@pytest.mark.weights
def test_a_long_line_is_read_in_pieces_and_joined(voice: KokoroVoice) -> None:
    sentence = "ðɪs ɪz ɐ sˈɛntəns ðæt ɡˈoʊz ˈɔn. "
    spoken = voice.ttv.speak(line(sentence * 12), MICHAEL, None, 0)
    assert len(sentence * 12) > 350
    assert float(spoken.latent.duration) == pytest.approx(spoken.fit.spoken)
    assert sum(span.phoneme == "ɡ" for span in spoken.latent.spans) == 12


@pytest.mark.weights
@pytest.mark.parametrize("symbols", ["", " ", "... !"])
def test_a_line_with_nothing_to_say_is_an_error(voice: KokoroVoice, symbols: str) -> None:
    with pytest.raises(CueError, match="nothing to speak"):
        voice.ttv.speak(line(symbols), MICHAEL, 1.0, 0)


@pytest.mark.weights
def test_a_latent_of_another_space_is_refused(voice: KokoroVoice) -> None:
    zeros = np.zeros((1024, 5), dtype=np.float32)
    alien = SpeechLatent(HIERSPEECHPP, zeros, np.zeros(20, np.float32), np.zeros(20, np.float32), ())
    with pytest.raises(LatentSpaceError, match="hierspeechpp"):
        voice.synthesizer.synthesize(alien, MICHAEL)


def test_the_source_hums_at_f0_and_is_still_where_unvoiced() -> None:
    source = HarmonicSource()
    with torch.no_grad():
        source.l_linear.weight.copy_(torch.eye(1, 9))
        source.l_linear.bias.zero_()
    f0 = torch.cat((torch.full((1, 80), 200.0), torch.full((1, 80), 4.0)), dim=1)
    wave = source(f0)[0].detach()
    assert len(wave) == 2 * 24_000
    assert wave[24_000:].abs().max() == 0
    spectrum = torch.fft.rfft(wave[:24_000]).abs()
    assert spectrum.argmax() == 200


def test_the_decoder_takes_gradients_for_a_style() -> None:
    torch.manual_seed(0)
    style = torch.zeros(1, 128, requires_grad=True)
    wave = Decoder()(torch.randn(1, 512, 4), torch.full((1, 8), 120.0), torch.randn(1, 8), style)
    assert wave.shape == (1, 4 * 600)
    wave.square().mean().backward()
    assert style.grad is not None
    assert style.grad.abs().sum() > 0


def test_seed_nought_changes_nothing() -> None:
    variation = Variation(0)
    values = np.linspace(1, 5, 40)
    f0 = values.astype(np.float32) * 50
    assert variation.durations(values) is values
    assert variation.f0(f0, f0 > 10) is f0


def test_a_share_of_nought_changes_nothing_and_two_twice_as_much() -> None:
    values = np.full(60, 4.0)
    assert Variation(4, 0.0).durations(values) is values
    usual, double = (np.log(Variation(4, share).durations(values) / 4) for share in (1.0, 2.0))
    np.testing.assert_allclose(double, 2 * usual)


def test_variations_are_mild_and_leave_unvoiced_frames() -> None:
    values = np.full(60, 4.0)
    f0 = np.where(np.arange(200) % 50 < 35, 150.0, 2.0).astype(np.float32)
    for seed in range(1, 20):
        varied = Variation(seed).durations(values)
        assert 0.85 < varied.mean() / 4 < 1.15
        moved = Variation(seed).f0(f0, f0 > 10)
        np.testing.assert_array_equal(moved[f0 < 10], f0[f0 < 10])
        assert np.abs(12 * np.log2(moved[f0 > 10] / 150)).max() < 3
