# ruff: noqa: RUF001 - IPA looks like Latin letters
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from codub.latent import EMBEDDED, SpeechLatent
from codub.speech.equaliser import BANDS, equalised
from codub.speech.kokoro.byte_conv import bytes_are_fast
from codub.speech.kokoro.spans import FIRST, LONGEST, SHORTEST, stretches
from codub.speech.kokoro.synthesizer import KokoroSynthesizer, batches
from codub.speech.kokoro.voice import KokoroVoice, load_voice
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import PhonemeLine, Style
from codub.speech.moving_equaliser import equalised_over_time
from codub.speech.sound_gains import gains_over_time

MICHAEL = Style(EMBEDDED, stock_voice("am_michael"))
HEART = Style(EMBEDDED, stock_voice("af_heart"))
TWO = "wiː kˈænt stˈeɪ. ˈoʊpən ðə dˈɔːɹ!"


@pytest.fixture(scope="module")
def voice(weights_home: Path) -> KokoroVoice:
    return load_voice()


@pytest.fixture(scope="module")
def latent(voice: KokoroVoice) -> SpeechLatent:
    return voice.ttv.speak(PhonemeLine(TWO, "en", tuple(TWO)), MICHAEL, None, 0).latent


def loudness(samples: np.ndarray) -> np.ndarray:
    """Level of every 25 ms."""
    return np.sqrt(np.mean(samples.reshape(-1, 600) ** 2, axis=1))


@pytest.mark.weights
@pytest.mark.skipif(not bytes_are_fast(), reason="this processor has no VNNI")
def test_the_fast_decoder_makes_the_same_sound(voice: KokoroVoice, latent: SpeechLatent) -> None:
    plain = KokoroSynthesizer(voice.synthesizer.decoder).synthesize(latent, MICHAEL).samples
    fast = voice.synthesizer.synthesize(latent, MICHAEL).samples
    assert not np.array_equal(plain, fast)
    assert np.corrcoef(plain, fast)[0, 1] > 0.97
    spectra = [
        torch.stft(torch.from_numpy(s), 1024, 256, window=torch.hann_window(1024), return_complex=True).abs()
        for s in (plain, fast)
    ]
    ours, theirs = (spectrum.clamp(min=1e-5).log() for spectrum in spectra)
    assert (ours - theirs)[theirs > -2].abs().mean() < 0.25  # nepers; the published graph is 0.3 off


@pytest.mark.weights
def test_lines_of_a_batch_sound_as_each_does_alone(voice: KokoroVoice, latent: SpeechLatent) -> None:
    cut = 37
    part = SpeechLatent(EMBEDDED, latent.features[:, :cut], latent.log_f0[: 2 * cut], latent.energy[: 2 * cut], ())
    plain = KokoroSynthesizer(voice.synthesizer.decoder)
    lines, styles = (part, latent), (replace(HEART, articulation=MICHAEL.vector[:128]), MICHAEL)
    for sound, line, style in zip(plain.batch(lines, styles), lines, styles, strict=True):
        alone = plain.synthesize(line, style).samples
        assert sound.shape == alone.shape
        # given the same harmonics they agree to 1e-6; where the source is silent, rounding decides on their phases
        assert np.sqrt(np.mean((sound - alone) ** 2)) < 0.01 * alone.std()
    # on a CPU each is spoken by itself, as it would be without the other
    several = voice.synthesizer.synthesize_many(lines, styles)
    assert np.array_equal(several[0].samples, voice.synthesizer.synthesize(part, styles[0]).samples)


@pytest.mark.weights
def test_an_articulation_forms_what_the_generator_gives_its_timbre(voice: KokoroVoice, latent: SpeechLatent) -> None:
    plain = KokoroSynthesizer(voice.synthesizer.decoder)
    own = plain.synthesize(latent, HEART).samples
    assert np.array_equal(plain.synthesize(latent, replace(HEART, articulation=HEART.vector[:128])).samples, own)
    formed = plain.synthesize(latent, replace(HEART, articulation=MICHAEL.vector[:128])).samples
    vectors = [torch.from_numpy(style.vector[:128].copy())[None] for style in (MICHAEL, HEART)]
    with torch.inference_mode():
        curves = [torch.from_numpy(c)[None] for c in (latent.features, np.expm1(latent.log_f0), latent.energy)]
        shape = plain.decoder.shape(*curves, vectors[0])
        wanted = plain.decoder.stretch(shape, plain.decoder.harmonics(curves[1]), vectors[1], 0, shape.shape[2] // 2)
    assert np.abs(formed - wanted[0].numpy()).max() < 1e-3
    assert np.corrcoef(formed, own)[0, 1] < 0.99


@pytest.mark.weights
def test_a_streamed_line_is_the_line(voice: KokoroVoice, latent: SpeechLatent) -> None:
    pieces = [speech.samples for speech in voice.synthesizer.stream(latent, MICHAEL)]
    assert len(pieces) > 1
    streamed, whole = np.concatenate(pieces), voice.synthesizer.synthesize(latent, MICHAEL).samples
    assert len(streamed) == len(whole)
    levels = np.stack([loudness(streamed), loudness(whole)])
    assert np.corrcoef(levels)[0, 1] > 0.95
    assert levels[0].max() == pytest.approx(levels[1].max(), rel=0.3)
    # no click where two pieces meet: its steps are those of the line that was made at once
    for joint in np.cumsum([len(piece) for piece in pieces[:-1]]):
        near = slice(joint - 1200, joint + 1200)
        steps = [np.abs(np.diff(samples[near])).max() for samples in (streamed, whole)]
        assert steps[0] < 2 * steps[1]


@pytest.mark.weights
def test_a_line_is_said_sentence_after_sentence(voice: KokoroVoice, latent: SpeechLatent) -> None:
    said = list(voice.say(PhonemeLine(TWO, "en", tuple(TWO)), MICHAEL))
    assert len(said) >= 2
    assert sum(len(speech.samples) for speech in said) / 24_000 == pytest.approx(float(latent.duration), abs=0.5)


def test_a_line_is_cut_where_it_is_quietest_and_soon() -> None:
    energy = np.full(2 * 200, 5.0, np.float32)
    for start, length, value in ((10, 10, -9.0), (33, 4, 3.0), (70, 6, -5.0), (190, 10, -9.0)):
        energy[2 * start : 2 * (start + length)] = value
    cuts = stretches(energy)
    assert cuts[:2] == [0, 35]  # the best within reach, not the pause before or after
    assert 70 <= cuts[2] <= 76
    assert cuts[-1] == 200
    lengths = np.diff(cuts)
    assert lengths[0] <= FIRST
    assert lengths.max() <= LONGEST
    assert lengths.min() >= SHORTEST


def test_a_short_line_is_one_piece() -> None:
    assert stretches(np.zeros(2 * FIRST, np.float32)) == [0, FIRST]
    assert stretches(np.zeros(2 * (2 * SHORTEST - 1), np.float32)) == [0, 2 * SHORTEST - 1]


def test_batches_hold_lines_of_like_length() -> None:
    lengths = [10, 90, 11, 40, 12, 200]
    made = batches(lengths, 100)
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    assert made[0] == [0, 2, 4]
    assert all(len(batch) * max(lengths[i] for i in batch) <= 100 or len(batch) == 1 for batch in made)


@pytest.mark.weights
def test_a_style_s_gains_colour_the_whole_line_and_the_streamed_one_alike(
    voice: KokoroVoice, latent: SpeechLatent
) -> None:
    gains = np.linspace(6, -6, BANDS).astype(np.float32)
    of_sounds = np.random.default_rng(0).normal(0, 1, (40, BANDS)).astype(np.float32)
    bright = replace(MICHAEL, gains=gains, sound_gains=of_sounds)
    plain, whole = (voice.synthesizer.synthesize(latent, style).samples for style in (MICHAEL, bright))
    moving = gains_over_time(latent.features, of_sounds)
    assert moving.std(axis=0).min() > 0.5  # dB
    assert np.array_equal(whole, equalised(equalised_over_time(plain, 24_000, moving, 40.0), 24_000, gains))
    streamed = [
        np.concatenate([speech.samples for speech in voice.synthesizer.stream(latent, style)])
        for style in (MICHAEL, bright)
    ]
    # a piece's own edges are filtered with what stands beyond them
    left = streamed[1] - equalised(equalised_over_time(streamed[0], 24_000, moving, 40.0), 24_000, gains)
    assert np.sqrt(np.mean(left**2)) < 0.02 * streamed[1].std()
    assert np.array_equal(voice.synthesizer.synthesize_many([latent], [bright])[0].samples, whole)
