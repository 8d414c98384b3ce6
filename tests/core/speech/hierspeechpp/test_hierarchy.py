"""The hierarchical synthesizer: published keys, golden values on the way and at the end, noise, padding, nobody."""

import pytest
import torch
from golden_fill import arrays, fill, needs_golden, off_by, published_keys
from torch import Tensor

from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer, blend
from codub.speech.hierspeechpp.masks import length_mask
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize

TINY = SynthesizerSize(
    features=12, latent=8, style=16, bins=9, width=32, narrow=2, prior_layers=2, posterior_layers=2, bands=4
)


@pytest.fixture(scope="module")
def full() -> HierarchicalSynthesizer:
    return fill(HierarchicalSynthesizer())


@pytest.fixture(scope="module")
def tiny() -> HierarchicalSynthesizer:
    return fill(HierarchicalSynthesizer(TINY))


@needs_golden
def test_the_state_dict_is_the_published_one():
    with torch.device("meta"):
        state = HierarchicalSynthesizer().state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == published_keys("synth")
    assert {value.dtype for value in state.values()} == {torch.float32}


@needs_golden
@torch.inference_mode()
def test_speaking_agrees_with_the_golden_line(full):
    golden = arrays("synth")
    mel, features, log_f0 = golden["A_in_style_mel"], golden["A_in_w2v"], golden["A_in_f0"]
    both = full.style(mel, torch.ones(2, 1, mel.shape[2]))
    assert off_by(both[:, :, 0], golden["A_mid_g_both"]) < 1e-4
    style, mask, none = blend(both, 0.8), torch.ones(1, 1, features.shape[2]), torch.zeros(1, 192, features.shape[2])
    prior = full.enc_p_l(features, log_f0, mask, style)
    assert off_by(prior.mean, golden["A_mid_m_p"]) < 1e-4
    assert off_by(prior.log_scale, golden["A_mid_logs_p"]) < 1e-4
    assert off_by(full.flow_l(prior.mean, mask, style, reverse=True), golden["A_mid_z_after_flow_l"]) < 1e-4
    latent = full.latent(features, log_f0, mask, style, none)
    assert off_by(latent, golden["A_mid_z_after_flow"]) < 1e-4
    pitch, curve = full.sn(latent, style)
    assert off_by(pitch, golden["A_mid_source_features"]) < 1e-4
    assert off_by(curve, golden["A_mid_source_f0"]) < 1e-4
    assert off_by(full(features, log_f0, mask, style, none), golden["A_out_audio"]) < 1e-4


@needs_golden
@torch.inference_mode()
def test_the_training_side_agrees_with_the_golden_line(full):
    golden = arrays("synth")
    style, mask = golden["A_mid_g_both"][:1, :, None], golden["M_in_mask"]
    posterior = full.enc_q(golden["M_in_linspec"], golden["M_in_audio"], mask, style)
    frames = mask.shape[2]
    prior = full.enc_p(golden["A_in_w2v"][..., :frames], golden["A_in_f0"][..., : 4 * frames], mask, style)
    for name, distribution, noise in (
        ("enc_q", posterior, golden["M_noise_0_enc_q"]),
        ("enc_p", prior, golden["M_noise_1_enc_p"]),
    ):
        assert off_by(distribution.mean, golden[f"M_{name}_m"]) < 1e-4
        assert off_by(distribution.log_scale, golden[f"M_{name}_logs"]) < 1e-4
        assert off_by(distribution.sample(noise), golden[f"M_{name}_z"]) < 1e-4
    z = posterior.sample(golden["M_noise_0_enc_q"])
    assert off_by(full.mel_decoder(z, mask, style), golden["M_mel_decoder"]) < 1e-4
    through = full.flow(z, mask, style)
    assert off_by(through, golden["M_flow_forward"]) < 1e-4
    assert off_by(full.flow_l(through, mask, style), golden["M_flow_l_forward"]) < 1e-4
    assert off_by(full.flow(through, mask, style, reverse=True), z) < 1e-4


def line(frames: int, batch: int = 1) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(frames)
    features = torch.randn(batch, TINY.features, frames, generator=draw)
    log_f0 = 5 * torch.rand(batch, 1, 4 * frames, generator=draw)
    return features, log_f0, torch.ones(batch, 1, frames), torch.randn(batch, TINY.style, 1, generator=draw)


@pytest.mark.parametrize("frames", [1, 2, 33])
@torch.inference_mode()
def test_any_length_gives_320_samples_a_frame(tiny, frames):
    sound = tiny(*line(frames, batch=2), torch.zeros(2, TINY.latent, frames))
    assert sound.shape == (2, 1, 320 * frames)
    assert torch.isfinite(sound).all()
    assert sound.abs().max() <= 1


@torch.inference_mode()
def test_noise_is_what_is_given(tiny):
    given, noise = line(9), torch.randn(1, TINY.latent, 9, generator=torch.Generator().manual_seed(1))
    still = tiny(*given, torch.zeros_like(noise))
    torch.testing.assert_close(tiny(*given, torch.zeros_like(noise)), still, rtol=0, atol=0)
    assert (tiny(*given, 0.333 * noise) - still).abs().max() > 1e-3
    prior = tiny.enc_p_l(*given)
    expected = prior.mean + 0.333 * noise * prior.log_scale.exp()
    torch.testing.assert_close(prior.sample(noise, 0.333), expected)


@torch.inference_mode()
def test_padded_frames_of_a_batch_are_masked_in_every_latent(tiny):
    features, log_f0, _, style = line(12, batch=2)
    mask = length_mask(torch.tensor([12, 7]))
    latent = tiny.latent(features, log_f0, mask, style, torch.zeros(2, TINY.latent, 12))
    assert (latent[1, :, 7:] == 0).all()
    features[1, :, 7:] = 1e3
    again = tiny.latent(features, log_f0, mask, style, torch.zeros(2, TINY.latent, 12))
    torch.testing.assert_close(again, latent)


@torch.inference_mode()
def test_nobody_speaks_with_the_learned_style(tiny):
    features, log_f0, mask, style = line(6)
    none = torch.zeros(1, TINY.latent, 6)
    nobody = tiny.emb.weight[:, :, None] * 4.0  # sqrt(16)
    expected = tiny.sound(tiny.latent(features, log_f0, mask, style, none), nobody)
    made = tiny(features, log_f0, mask, style, none, unconditional=True)
    torch.testing.assert_close(made, expected)
    assert (made - tiny(features, log_f0, mask, style, none)).abs().max() > 1e-4


def test_a_blend_is_the_second_style_by_its_share():
    styles = torch.stack((torch.zeros(256, 1), torch.ones(256, 1)))
    torch.testing.assert_close(blend(styles, 0.8), torch.full((1, 256, 1), 0.8))
