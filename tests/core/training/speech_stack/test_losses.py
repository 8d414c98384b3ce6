"""Every loss against values worked by hand, SciPy or the published training forward."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from codub.training.speech_stack import losses

GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "golden" / "ttv_train.npz"


@pytest.fixture(scope="module")
def golden() -> Iterator[dict[str, Tensor]]:
    if not GOLDEN.is_file():
        pytest.skip("golden tensors are not here")
    with np.load(GOLDEN) as file:
        yield {name: torch.from_numpy(file[name]) for name in file.files}


def test_published_forward_gives_its_losses(golden: dict[str, Tensor]) -> None:
    log_f0 = torch.log(golden["T_in_f0_hz"] + 1)
    starts = golden["T_mid_slice_start"] * 4
    pitch = torch.stack([row[start : start + 240] for row, start in zip(log_f0, starts, strict=True)])
    made = {
        "w2v_l1": losses.w2v_l1(golden["T_out_w2v"], golden["T_in_w2v"]),
        "f0": losses.pitch_l1(golden["T_out_pitch_slice"], pitch[:, None]),
        "ctc": losses.connectionist(
            golden["T_out_phoneme_logits"], golden["T_in_lengths"], golden["T_in_ctc"], golden["T_in_ctc_lengths"]
        ),
        "dur": losses.duration_nll(golden["T_out_dur_nll_each"]),
    }
    for name, value in made.items():
        torch.testing.assert_close(value, golden[f"T_loss_{name}"], rtol=1e-5, atol=1e-5)


def test_kl_of_many_samples_is_the_kl_of_the_two_gaussians() -> None:
    random = torch.Generator().manual_seed(0)
    posterior, prior = Normal(0.3, 0.5), Normal(-0.2, 0.8)
    z = 0.3 + 0.5 * torch.randn(1, 2, 200_000, generator=random)
    held = [torch.full_like(z, math.log(0.5)), torch.full_like(z, -0.2), torch.full_like(z, math.log(0.8))]
    found = losses.flow_kl(z, *held, torch.ones(1, 1, z.shape[-1]))
    # `-0.5` stands for the posterior's own squared term, whose mean it is.
    assert float(found) == pytest.approx(2 * float(kl_divergence(posterior, prior)), rel=0.01)


def test_kl_by_hand_and_only_valid_frames_count() -> None:
    z, zero = torch.tensor([[[1.0, 9.0]]]), torch.zeros(1, 1, 2)
    mask = torch.tensor([[[1.0, 0.0]]])
    # 0 - 0 - 0.5 + 0.5 * 1
    assert float(losses.flow_kl(z, zero, zero, zero, mask)) == 0.0
    # ln 2 - ln 3 - 0.5 + 0.5 * (1 - 0.5)^2 / 4
    stated = losses.flow_kl(z, zero + math.log(3), zero + 0.5, zero + math.log(2), mask)
    assert float(stated) == pytest.approx(math.log(2 / 3) - 0.5 + 0.125 / 4, abs=1e-6)


def test_ctc_of_two_frames_by_hand() -> None:
    # Frames give blank 0.6 / "a" 0.4, then 0.3 / 0.7: "a" is heard as a_, _a or aa.
    shares = torch.tensor([[[0.6, 0.3], [0.4, 0.7]]])
    found = losses.connectionist(shares.log(), torch.tensor([2]), torch.tensor([[1]]), torch.tensor([1]))
    assert float(found) == pytest.approx(-math.log(0.4 * 0.3 + 0.6 * 0.7 + 0.4 * 0.7), abs=1e-6)


def test_prosody_is_of_the_lowest_bins_and_of_valid_frames() -> None:
    mel = torch.arange(12.0).reshape(1, 4, 3)
    made = mel[:, :2] + torch.tensor([[[1.0, 2.0, 50.0], [3.0, 2.0, 50.0]]])
    assert float(losses.prosody_l1(made, mel, torch.tensor([[[1.0, 1.0, 0.0]]]))) == 2.0


def test_mels_of_all_scales_weigh_alike() -> None:
    made, true = [torch.ones(1, 2, 8), torch.ones(1, 4, 2) * 5], [torch.zeros(1, 2, 8), torch.zeros(1, 4, 2)]
    assert float(losses.multi_scale_l1(made, true)) == 3.0


def test_adversarial_losses_by_hand() -> None:
    real, made = (
        [torch.tensor([[1.0, 0.5]]), torch.tensor([[0.0]])],
        [torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0]])],
    )
    assert float(losses.least_squares_discriminator(real, made)) == pytest.approx(0.125 + 0.5 + 1 + 4)
    assert float(losses.least_squares_generator(made)) == pytest.approx(0.5 + 1)
    assert float(losses.least_squares_discriminator([torch.ones(1, 3)], [torch.zeros(1, 3)])) == 0.0
    assert float(losses.feature_matching([real], [made])) == pytest.approx(2 * (0.75 + 2))


def test_feature_matching_teaches_only_the_generator() -> None:
    real, made = torch.ones(1, 2, requires_grad=True), torch.zeros(1, 2, requires_grad=True)
    losses.feature_matching([[real]], [[made]]).backward()
    assert real.grad is None
    assert torch.equal(made.grad, torch.full((1, 2), -1.0))
