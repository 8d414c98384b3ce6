# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""The published TTV behind the protocol, at a tiny size with made weights."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from golden_fill import fill

from codub.errors import CueError, LatentSpaceError
from codub.latent import EMBEDDED, HIERSPEECHPP, SILENCE
from codub.speech.hierspeechpp.network import TextToVecNetwork, TtvSize
from codub.speech.hierspeechpp.text_to_vec import HierSpeechTextToVec
from codub.speech.model import Delivery, PhonemeLine, Style

SIZE = TtvSize(channels=16, style=256, text_layers=1, posterior_layers=1, decoder_layers=1, pitch_channels=16)
LINE = PhonemeLine("Hello, world.", "en-us", tuple("həlˈoʊ, wˈɜːld."))


class _Melody(torch.nn.Module):
    """A melody round 150 Hz that follows the features, with dips below what counts as voiced."""

    def forward(self, w2v, g):
        return (4.6 + 4 * w2v[:, :1]).repeat_interleave(4, dim=2)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    made = fill(TextToVecNetwork(SIZE))
    with torch.no_grad():
        made.dp.flows[0].m -= 1.2  # durations of a few frames
    made.pp = _Melody()
    return made


@pytest.fixture(scope="module")
def ttv(network):
    return HierSpeechTextToVec(network)


@pytest.fixture(scope="module")
def style():
    return Style(HIERSPEECHPP, np.random.default_rng(0).standard_normal(512).astype(np.float32))


def test_the_natural_line_has_the_models_own_numbers(network, ttv, style):
    from codub.speech.hierspeechpp.alphabet import ids, interspersed

    spoken = ttv.speak(LINE, style, None, 7, Delivery(variation=0))
    tokens = torch.tensor([interspersed(ids(LINE.symbols))])
    count = tokens.shape[1]
    g = torch.from_numpy(style.vector[None, :256, None])
    with torch.inference_mode():
        prior = network.read(tokens, torch.tensor([count]), g, torch.zeros(1, 2, count))
        durations = prior.durations()
        w2v, pitch = network.render(prior, durations, g, None)
    lead = max(int(durations[0, 0]) - 4, 0)
    frames = spoken.latent.features.shape[1]
    np.testing.assert_allclose(spoken.latent.features, w2v[0, :, lead : lead + frames], atol=1e-5)
    wanted = pitch[0, 0, 4 * lead : 4 * (lead + frames)].numpy()
    np.testing.assert_allclose(spoken.latent.log_f0, np.where(wanted >= np.log(55), wanted, 0), atol=1e-5)
    assert spoken.fit.spoken == spoken.fit.natural == float(spoken.latent.duration)


def test_spans_cover_the_line_and_name_its_sounds(ttv, style):
    latent = ttv.speak(LINE, style, None, 1).latent
    assert latent.spans[0].start == 0
    assert latent.spans[-1].end == pytest.approx(float(latent.duration))
    assert all(a.end == b.start for a, b in pairwise(latent.spans))
    named = [span.phoneme for span in latent.spans if span.phoneme != SILENCE]
    assert named == list("həloʊwɜld")
    assert latent.origin == "text"
    assert latent.energy.shape == latent.log_f0.shape
    assert latent.energy.max() < 1


def test_windows_are_filled_and_never_passed(ttv, style):
    natural = ttv.speak(LINE, style, None, 3).fit.natural
    for share in (0.9, 1.0, 1.15):
        spoken = ttv.speak(LINE, style, share * natural, 3)
        assert float(spoken.latent.duration) == pytest.approx(spoken.fit.spoken)
        assert spoken.fit.excess == 0
        assert share * natural - 0.021 < spoken.fit.spoken <= share * natural + 1e-6
    tight = ttv.speak(LINE, style, 0.3 * natural, 3).fit
    assert tight.scale == pytest.approx(0.8)
    assert tight.excess == pytest.approx(tight.spoken - tight.wanted)
    assert tight.syllables_over > 0


def test_a_seed_repeats_itself_and_variation_is_how_far_it_strays(ttv, style):
    def features(seed, **delivery):
        return ttv.speak(LINE, style, 1.0, seed, Delivery(**delivery)).latent.features

    assert np.array_equal(features(5), features(5))
    assert features(5).shape != features(6).shape or not np.array_equal(features(5), features(6))
    assert np.array_equal(features(5, variation=0), features(6, variation=0))


def test_pace_and_pitch_are_heeded(ttv, style):
    plain = ttv.speak(LINE, style, None, 2)
    quick = ttv.speak(LINE, style, None, 2, Delivery(pace=1.25))
    assert quick.fit.spoken < plain.fit.spoken
    assert 0.2 < (plain.latent.log_f0 > 0).mean() < 0.98
    octave_up_and_down = ttv.speak(LINE, replace(style, f0_factor=2.0), None, 2, Delivery(pitch=-12)).latent.log_f0
    np.testing.assert_allclose(octave_up_and_down, plain.latent.log_f0, atol=1e-5)
    higher = ttv.speak(LINE, style, None, 2, Delivery(pitch=4)).latent.log_f0
    voiced = plain.latent.log_f0 > 0
    ratio = np.expm1(higher[voiced]) / np.expm1(plain.latent.log_f0[voiced])
    np.testing.assert_allclose(ratio, 2 ** (4 / 12), rtol=1e-4)


def test_set_durations_are_kept_to_the_frame_and_told(ttv, style):
    wanted = [None] * len(LINE.symbols)
    wanted[2], wanted[12] = 0.2, 0.31
    spoken = ttv.speak(LINE, style, None, 4, Delivery(durations=tuple(wanted)))
    assert spoken.durations[2] == pytest.approx(0.2)
    assert spoken.durations[12] == pytest.approx(0.32, abs=0.021)
    assert spoken.durations[-1] == 0  # the full stop lies behind the last sound
    with pytest.raises(CueError, match="of another line"):
        ttv.speak(LINE, style, None, 4, Delivery(durations=(0.1,)))


def test_long_lines_are_read_in_pieces_and_every_symbol_is_told(ttv, style):
    line = PhonemeLine("long", "en-us", (*LINE.symbols, " ") * 16)
    spoken = ttv.speak(line, style, None, 0)
    assert len(spoken.durations) == len(line.symbols)
    named = [span.phoneme for span in spoken.latent.spans if span.phoneme != SILENCE]
    assert named == list("həloʊwɜld") * 16
    assert float(spoken.latent.duration) == pytest.approx(spoken.fit.spoken)


def test_reduced_precision_is_the_same_on_a_cpu(network, ttv, style):
    reduced = HierSpeechTextToVec(network, precision=torch.bfloat16).speak(LINE, style, 1.0, 3)
    assert np.array_equal(reduced.latent.features, ttv.speak(LINE, style, 1.0, 3).latent.features)


def test_silence_is_one_vector_over_and_over(ttv):
    silence = ttv.silence(5)
    assert silence.features.shape == (1024, 5)
    assert np.array_equal(silence.features[:, 0], ttv.silence_vector())
    assert not silence.log_f0.any()


def test_what_cannot_be_spoken_is_an_error(ttv, style):
    with pytest.raises(CueError, match="nothing to speak"):
        ttv.speak(PhonemeLine("...", "en-us", ("…",)), style, None, 0)
    with pytest.raises(CueError, match="does not know"):
        ttv.speak(PhonemeLine("a€", "en-us", ("a", "€")), style, None, 0)
    with pytest.raises(LatentSpaceError):
        ttv.speak(LINE, Style(EMBEDDED, np.zeros(256, dtype=np.float32)), None, 0)
