"""The voice behind its protocol: a latent's exact length, 48 kHz, the same sound twice, refusals."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from golden_fill import fill
from safetensors.torch import save_file

from codub import weights
from codub.errors import LatentSpaceError, WeightsError
from codub.imported import IMPORTED
from codub.latent import EMBEDDED, HIERSPEECHPP, PhonemeSpan, SpeechLatent
from codub.speech.hierspeechpp import synthesizer
from codub.speech.hierspeechpp.fused_speechsr import FusedSpeechSR
from codub.speech.hierspeechpp.fused_synthesizer import fuse
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.speechsr import SpeechSR
from codub.speech.hierspeechpp.synthesizer import NOISE, HierspeechppSynthesizer, load_synthesizer
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize
from codub.speech.model import Style

# Features and style are those of the latent space; all between is tiny.
SIZE = SynthesizerSize(latent=8, bins=9, width=64, narrow=2, prior_layers=2, posterior_layers=2, bands=4)


@pytest.fixture(scope="module")
def plain() -> HierarchicalSynthesizer:
    return fill(HierarchicalSynthesizer(SIZE))


@pytest.fixture(scope="module")
def voice() -> HierspeechppSynthesizer:
    network = fuse(fill(HierarchicalSynthesizer(SIZE)))
    return HierspeechppSynthesizer(network, FusedSpeechSR(fill(SpeechSR(48_000))))


def latent(vectors: int, space=HIERSPEECHPP) -> SpeechLatent:
    draw = np.random.default_rng(vectors)
    features = draw.standard_normal((space.channels, vectors)).astype(np.float32)
    curve = np.full(int(vectors * space.f0_rate / space.rate), np.log1p(120.0), dtype=np.float32)
    return SpeechLatent(space, features, curve, 0 * curve, (PhonemeSpan("a", 0.0, vectors / 50),))


def style(space=HIERSPEECHPP) -> Style:
    return Style(space, np.random.default_rng(1).standard_normal(512).astype(np.float32))


@pytest.mark.parametrize("vectors", [1, 7, 60])
def test_sound_lasts_exactly_as_long_as_the_latent(voice, vectors):
    made = voice.synthesize(latent(vectors), style())
    assert made.sample_rate == voice.sample_rate == 48_000
    assert Fraction(len(made.samples), made.sample_rate) == latent(vectors).duration
    assert made.samples.dtype == np.float32
    assert np.isfinite(made.samples).all()
    assert np.abs(made.samples).max() <= 1


def test_the_same_latent_sounds_the_same(voice):
    one, two = (voice.synthesize(latent(9), style()).samples for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_it_is_the_networks_answer_with_the_second_half_of_the_style(voice, plain):
    given, heard = latent(9), style()
    draw = torch.randn(9, 8, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        sound = plain(
            torch.from_numpy(given.features)[None],
            torch.from_numpy(given.log_f0)[None, None],
            torch.ones(1, 1, 9),
            torch.from_numpy(heard.vector[256:])[None, :, None],
            NOISE * draw.T[None],
        )
        expected = fill(SpeechSR(48_000))(sound)[0, 0].numpy()
    np.testing.assert_allclose(voice.synthesize(given, heard).samples, expected, atol=1e-4 * expected.std())


def test_another_spaces_latent_or_style_is_refused(voice):
    with pytest.raises(LatentSpaceError, match="embedded"):
        voice.synthesize(latent(8, EMBEDDED), style())
    with pytest.raises(LatentSpaceError, match="embedded"):
        voice.synthesize(latent(8), style(EMBEDDED))


def test_imported_weights_speak(voice, plain, tmp_path, monkeypatch):
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(synthesizer, "HierarchicalSynthesizer", lambda: HierarchicalSynthesizer(SIZE))
    with pytest.raises(WeightsError, match="'synthesizer'"):
        load_synthesizer()
    for name, network in (("synthesizer", plain), ("speechsr48k", fill(SpeechSR(48_000)))):
        IMPORTED[name].file.parent.mkdir(parents=True, exist_ok=True)
        save_file(network.state_dict(), str(IMPORTED[name].file))
    made = load_synthesizer().synthesize(latent(9), style()).samples
    np.testing.assert_allclose(made, voice.synthesize(latent(9), style()).samples, atol=1e-6)
