"""The TTV at its full size, against the golden tensors of the published code."""

import copy

import pytest
import torch
from golden_fill import arrays, fill, needs_golden, off_by, published_keys

from codub.speech.hierspeechpp.fused_attention import FusedSelfAttention
from codub.speech.hierspeechpp.inference_form import inference_form
from codub.speech.hierspeechpp.network import TextToVecNetwork, TrainingBatch, TrainingNoise, TtvSize

SMALL = TtvSize(
    features=24, channels=16, style=16, text_layers=1, posterior_layers=2, decoder_layers=2, pitch_channels=16
)


def _small_batch(lengths=(70, 64), token_lengths=(9, 7)):
    """Two lines of made features, and the noise of one training step."""
    generator = torch.Generator().manual_seed(0)
    w2v, mel = torch.randn(2, 24, 70, generator=generator), torch.randn(2, 80, 70, generator=generator)
    tokens = torch.randint(1, 178, (2, 9), generator=generator)
    batch = TrainingBatch(w2v, torch.tensor(lengths), tokens, torch.tensor(token_lengths), mel)
    return batch, TrainingNoise.draw(batch, SMALL.channels, generator)


def test_a_training_pass_reaches_every_weight():
    torch.manual_seed(0)
    network = TextToVecNetwork(SMALL)
    fill(network).train()
    made = network(*_small_batch())
    assert made.path.sum(dim=2).tolist() == made.mask[:, 0].tolist()
    curves = made.w2v.abs().mean() + made.pitch.abs().mean() + made.duration_nll.sum() + made.phoneme_logits.mean()
    (curves + made.z_p.square().mean() + made.mean_p.square().mean() + made.log_scale_p.mean()).backward()
    missed = [name for name, values in network.named_parameters() if values.grad is None]
    assert missed == []
    assert all(values.grad.isfinite().all() for values in network.parameters())


@torch.no_grad()
def test_the_alignment_is_worked_out_in_full_precision():
    network = fill(TextToVecNetwork(SMALL))
    with torch.autocast("cpu", torch.bfloat16):
        made = network(*_small_batch())
    assert made.likelihood.dtype == torch.float32
    first = made.likelihood[0, 0, 0]
    assert first != first.bfloat16()


def test_a_line_shorter_than_the_pitch_slice_is_taken_from_its_start():
    network = fill(TextToVecNetwork(SMALL))
    batch, noise = _small_batch(lengths=(70, 40))
    made = network(batch, noise)
    assert made.slice_start[1] == 0
    assert made.pitch.shape == (2, 1, 240)


@torch.inference_mode()
def test_a_batch_has_the_timing_of_its_lines():
    network = fill(TextToVecNetwork(SMALL))
    tokens = torch.randint(1, 178, (2, 9), generator=torch.Generator().manual_seed(0))
    g = torch.zeros(2, 16, 1)
    prior = network.read(tokens, torch.tensor([9, 5]), g, torch.zeros(2, 2, 9))
    durations = prior.durations(2.0)
    alone = network.read(tokens[1:, :5], torch.tensor([5]), g[:1], torch.zeros(1, 2, 5))
    assert durations[1, :5].tolist() == alone.durations(2.0)[0].tolist()
    assert durations[1, 5:].tolist() == [0] * 4
    w2v, pitch = network.render(prior, durations, g, None)
    frames = durations.sum(dim=1)
    assert w2v.shape == (2, 24, frames.max())
    assert pitch.shape == (2, 1, 4 * frames.max())
    assert not w2v[1, :, frames[1] :].any()


@torch.inference_mode()
def test_one_symbol_is_enough():
    network = fill(TextToVecNetwork(SMALL))
    prior = network.read(torch.tensor([[5]]), torch.tensor([1]), torch.zeros(1, 16, 1), torch.zeros(1, 2, 1))
    w2v, pitch = network.render(prior, torch.tensor([[1]]), torch.zeros(1, 16, 1), torch.randn(1, 16, 1))
    assert (w2v.shape, pitch.shape) == ((1, 24, 1), (1, 1, 4))


@pytest.fixture(scope="module")
def network():
    return fill(TextToVecNetwork())


@pytest.fixture(scope="module")
def fast(network):
    return inference_form(copy.deepcopy(network))


@torch.inference_mode()
def test_the_inference_form_of_the_inference_form_is_itself():
    network = inference_form(fill(TextToVecNetwork(SMALL)))
    before = [type(part) for part in network.modules()]
    assert [type(part) for part in inference_form(network).modules()] == before
    assert before.count(FusedSelfAttention) == 3


@needs_golden
@torch.inference_mode()
def test_the_inference_form_speaks_alike(network, fast):
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(1, 178, (2, 41), generator=generator)
    lengths = torch.tensor([41, 33])
    made = []
    for form in (network, fast):
        g = form.style(torch.randn(2, 80, 90, generator=torch.Generator().manual_seed(1)))
        noise = torch.randn(2, 2, 41, generator=torch.Generator().manual_seed(2))
        prior = form.read(tokens, lengths, g, noise)
        durations = made[0][2].durations(1.5) if made else prior.durations(1.5)
        frames = int(durations.sum(dim=1).max())
        latent_noise = torch.randn(2, 256, frames, generator=torch.Generator().manual_seed(3)) / 3
        made.append((*form.render(prior, durations, g, latent_noise), prior))
    for plain, quick in zip(made[0][:2], made[1][:2], strict=True):
        assert off_by(quick, plain) < 1e-4
    assert off_by(made[1][2].log_durations, made[0][2].log_durations) < 1e-4


@needs_golden
def test_the_state_dict_is_the_published_one(network):
    state = network.state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == published_keys("ttv")
    assert {value.dtype for value in state.values()} == {torch.float32}


@needs_golden
@pytest.mark.parametrize("form", ["plain", "fast"])
@torch.inference_mode()
def test_a_line_spoken_as_published(network, fast, form):
    network = fast if form == "fast" else network
    golden = arrays("ttv")
    both = network.style(golden["A_in_style_mel"])
    share = float(golden["A_in_denoise_ratio"])
    g = (1 - share) * both[:1] + share * both[1:]
    tokens = golden["A_in_tokens"]
    prior = network.read(tokens, torch.tensor([tokens.shape[1]]), g, torch.zeros(1, 2, tokens.shape[1]))
    assert off_by(prior.mean, golden["A_mid_m_p"]) < 1e-4
    assert off_by(prior.log_scale, golden["A_mid_logs_p"]) < 1e-4
    assert off_by(prior.log_durations, golden["A_mid_logw"]) < 1e-4
    durations = prior.durations(float(golden["A_in_length_scale"]))
    assert torch.equal(durations[:, None].float(), golden["A_mid_durations"])
    z, _ = network.latent(prior, durations, g, None)
    assert off_by(z, golden["A_mid_z"]) < 1e-4
    w2v, pitch = network.render(prior, durations, g, None)
    assert off_by(w2v, golden["A_out_w2v"]) < 1e-4
    assert off_by(pitch, golden["A_out_pitch"]) < 1e-4


@needs_golden
@torch.no_grad()
def test_the_training_pass_as_published(network):
    golden = arrays("ttv_train")
    given = ("w2v", "lengths", "tokens", "token_lengths", "mel")
    drawn = ("0_posterior", "1_slice_uniform", "2_duration_eq")
    batch = TrainingBatch(*(golden[f"T_in_{name}"] for name in given))
    made = network(batch, TrainingNoise(*(golden[f"T_noise_{name}"] for name in drawn)))
    assert torch.equal(made.slice_start, golden["T_mid_slice_start"])
    assert torch.equal(made.path, golden["T_mid_attn"])
    for value, name in (
        (made.z, "mid_z"),
        (made.z_p, "mid_z_p"),
        (made.likelihood, "mid_neg_cent"),
        (made.w2v, "out_w2v"),
        (made.pitch, "out_pitch_slice"),
        (made.phoneme_logits, "out_phoneme_logits"),
        (made.mean_p, "out_m_p_expanded"),
        (made.log_scale_p, "out_logs_p_expanded"),
        (made.duration_nll, "out_dur_nll_each"),
    ):
        assert off_by(value, golden[f"T_{name}"]) < 1e-4, name
