"""Losses of the talking face, each over batches of pictures RGB 0..1."""

import torch
from torch import Tensor
from torch.nn import functional


def weighted_l1(made: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference `(B, 3, S, S)`, each place counted `weight` `(B or 1, 1, S, S)` times."""
    shares = weight.expand(len(made), 1, *made.shape[-2:])
    return ((made - true).abs().mean(1, keepdim=True) * shares).sum() / shares.sum()


def gradient_l1(made: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """The same of the pictures' horizontal and vertical steps: keeps edges of lips and teeth sharp."""
    across = weighted_l1(made.diff(dim=-1), true.diff(dim=-1), weight[..., 1:])
    down = weighted_l1(made.diff(dim=-2), true.diff(dim=-2), weight[..., 1:, :])
    return across + down


def mixing(blend: Tensor, mask: Tensor) -> Tensor:
    """Mean entropy in nats of the shares `(B, K + 1, h, w)` under the mask `(1, 1, h, w)`; 0 if nothing is mixed."""
    entropy = -(blend * torch.log(blend.clamp(min=1e-6))).sum(1, keepdim=True)
    return (entropy * mask).sum() / (mask.sum() * len(blend))


def hinge_discriminator(real: Tensor, made: Tensor) -> Tensor:
    """Hinge loss of a discriminator's scores: real ones above 1, made ones below -1."""
    return functional.relu(1 - real).mean() + functional.relu(1 + made).mean()


def hinge_mismatch(real: Tensor) -> Tensor:
    """What a discriminator pays for scores of real pictures beside speech that is not theirs: they belong below -1."""
    return functional.relu(1 + real).mean()


def hinge_generator(made: Tensor) -> Tensor:
    """What the generator pays for scores of its pictures."""
    return -made.mean()


def stabilized_sync(made: Tensor, true: Tensor, reference: Tensor, *, floor: float = 0.05) -> Tensor:
    """Stabilized synchronization loss of similarities `(B,)` to the speech: of made, true and reference pictures.

    `-log(1 - (a + e) / (a + b + e))` with a = |made - true| and b = |true - reference| (Yaman, Eyiokur, Baermann,
    Ekenel, Waibel 2023) is `log((a + b + e) / b)`, unbounded where the reference fits the speech as well as the truth:
    here b is at least `floor`, and e is left out, so that made = true costs nothing. Only `made` carries a gradient.
    """
    distance = (made - true.detach()).abs()
    room = (true.detach() - reference.detach()).abs().clamp(min=floor)
    return torch.log1p(distance / room).mean()


def vanilla_sync(made: Tensor) -> Tensor:
    """Plain synchronization loss `-log(similarity)` of similarities in 0..1, as the paper's second stage has it."""
    return -torch.log(made.clamp(min=1e-4)).mean()


def mouth_weight(size: int, weight: float) -> Tensor:
    """`(1, 1, size, size)`: 1 everywhere, up to `weight` over the mouth window of the agreed lower-face crop."""
    place = (torch.arange(size) + 0.5) / size
    x = ((place - 0.5) / 0.32)[None, :]
    y = ((place - 0.43) / 0.27)[:, None]
    bump = torch.exp(-((x**2 + y**2) ** 2))
    return (1 + (weight - 1) * bump)[None, None]
