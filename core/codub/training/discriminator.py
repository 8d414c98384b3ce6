"""Which mouth is filmed and which is made: a patch discriminator over T frames and the speech they belong to."""

import torch
from torch import Tensor, nn

from codub.training import losses


class PatchDiscriminator(nn.Module):
    """Scores `(B, 1, h, w)` of T stacked frames of the lower face.

    The speech's code is joined as a projection (Miyato and Koyama 2018): frames whose lips do not go with the speech
    look as wrong as made ones, which asks for sync and for mouths that open as wide as real ones.
    """

    def __init__(self, frames: int, channels: int, window: int, widths: tuple[int, ...] = (48, 96, 160)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b in zip((3 * frames, *widths), widths, strict=False):
            convolution = nn.Conv2d(a, b, 4, stride=2, padding=1)
            layers += [nn.utils.parametrizations.spectral_norm(convolution), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(*layers)
        self.score = nn.Conv2d(widths[-1], 1, 3, padding=1)
        self.speech = nn.Sequential(
            nn.Conv1d(channels, 96, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(96 * window, widths[-1]),
        )

    def forward(self, pictures: Tensor, windows: Tensor) -> Tensor:
        """Scores of pictures `(B, T, 3, H, W)` 0..1; windows `(B, C, W)` normalised, of the middle frame."""
        features = self.features(pictures.flatten(1, 2) * 2 - 1)
        code = self.speech(windows)[:, :, None, None] / features.shape[1] ** 0.5
        return torch.as_tensor(self.score(features) + (features * code).sum(1, keepdim=True))


def discrimination(
    discriminator: PatchDiscriminator, real: Tensor, made: Tensor, speech: Tensor, *, mismatch: bool = True
) -> Tensor:
    """The discriminator's loss: true mouths `(G, T, 3, h, w)` against made ones and, with `mismatch`, against true ones
    that say something else. `speech` `(G, C, W)` is what they say."""
    loss = losses.hinge_discriminator(discriminator(real, speech), discriminator(made, speech))
    if mismatch:
        loss = loss + 0.5 * losses.hinge_mismatch(discriminator(real, another(speech)))
    return loss


def another(speech: Tensor) -> Tensor:
    """What another group of the batch says, `(G, ...)`: neighbours change places, so that a batch may lie in parts."""
    if len(speech) % 2:
        return speech.roll(1, 0)
    return speech[torch.arange(len(speech), device=speech.device) ^ 1]
