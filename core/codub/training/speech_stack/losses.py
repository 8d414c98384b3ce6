"""Losses of HierSpeech++'s two networks, each a function of tensors in float32.

Public are the TTV's training script (github.com/sh-lee-prml/HierSpeechpp, `train_ttv_v1.py`) and, for the synthesizer,
its paper (Lee et al. 2023, 3.2), its discriminators, the weights in its configuration and the authors' answers there
(issue 35: prosody distillation is the masked L1 of 20 mel bins with the mel's weight). Where neither speaks, the
docstring says what was decided here.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

BLANK = 0  # of the CTC


def w2v_l1(made: Tensor, true: Tensor) -> Tensor:
    """Mean absolute difference of features `(B, C, T)`, padded frames (0 in both) included as the script has it."""
    return functional.l1_loss(made.float(), true.float())


def flow_kl(z: Tensor, logs_q: Tensor, m_p: Tensor, logs_p: Tensor, mask: Tensor) -> Tensor:
    """KL divergence in nats a valid frame, summed over channels, estimated at the sample `z` `(B, C, T)`.

    `z` was drawn from a posterior of log-deviation `logs_q` and brought by a volume-preserving flow to the prior's
    side, where `m_p` and `logs_p` describe it (VITS, equation 4); mask `(B, 1, T)`.
    """
    z, logs_q, m_p, logs_p, mask = (part.float() for part in (z, logs_q, m_p, logs_p, mask))
    cost = logs_p - logs_q - 0.5 + 0.5 * (z - m_p) ** 2 * torch.exp(-2 * logs_p)
    return (cost * mask).sum() / mask.sum()


def connectionist(logits: Tensor, lengths: Tensor, phonemes: Tensor, phoneme_lengths: Tensor) -> Tensor:
    """CTC loss of phonemes without blanks `(B, N)` against logits `(B, 178, T)`, a mean by phoneme, then by line."""
    log_shares = logits.float().permute(2, 0, 1).log_softmax(2)
    return functional.ctc_loss(log_shares, phonemes, lengths, phoneme_lengths, blank=BLANK)


def duration_nll(each: Tensor) -> Tensor:
    """Sum over the batch of the durations' negative log-likelihood `(B,)`, in nats a token of the whole batch."""
    return each.float().sum()


def pitch_l1(made: Tensor, true: Tensor) -> Tensor:
    """Mean absolute difference of ln(F0 + 1), `(B, 1, F)`; unvoiced values are 0 and count."""
    return functional.l1_loss(made.float(), true.float())


def prosody_l1(made: Tensor, mel: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute difference of `made` `(B, P, T)` to the mel's lowest P bins where the mask `(B, 1, T)` is 1."""
    difference = (made.float() - mel[:, : made.shape[1]].float()).abs() * mask
    return difference.sum() / (mask.sum() * made.shape[1])


def multi_scale_l1(made: Sequence[Tensor], true: Sequence[Tensor]) -> Tensor:
    """Mean over scales of the mean absolute difference of log-mels `(B, bins, frames)`.

    The weight 45 in the configuration is that of one mel; a mean over scales leaves it its meaning.
    """
    each = [functional.l1_loss(a.float(), b.float()) for a, b in zip(made, true, strict=True)]
    return torch.stack(each).mean()


def least_squares_discriminator(real: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
    """Sum over discriminators of `mean((1 - D(real))^2) + mean(D(made)^2)` (LSGAN, as HiFi-GAN equation 1)."""
    costs = [((1 - a.float()) ** 2).mean() + (b.float() ** 2).mean() for a, b in zip(real, made, strict=True)]
    return torch.stack(costs).sum()


def least_squares_generator(made: Sequence[Tensor]) -> Tensor:
    """Sum over discriminators of `mean((1 - D(made))^2)`."""
    return torch.stack([((1 - scores.float()) ** 2).mean() for scores in made]).sum()


def feature_matching(real: Sequence[Sequence[Tensor]], made: Sequence[Sequence[Tensor]]) -> Tensor:
    """Twice the sum, over discriminators and layers, of the mean absolute difference (HiFi-GAN, equation 4)."""
    pairs = [(a, b) for one, other in zip(real, made, strict=True) for a, b in zip(one, other, strict=True)]
    return 2 * torch.stack([(a.detach().float() - b.float()).abs().mean() for a, b in pairs]).sum()
