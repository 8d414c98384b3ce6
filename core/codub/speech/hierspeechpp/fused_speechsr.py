"""SpeechSR for inference, tile after tile: memory does not grow with the line, but for its samples."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.fused_amp import FusedConv, FusedTrio
from codub.speech.hierspeechpp.fused_snake import FusedSnake
from codub.speech.hierspeechpp.speechsr import CHANNELS, SOURCE_RATE, SpeechSR
from codub.speech.hierspeechpp.tiles import Chain, around, at_once, keep_freed_memory, tile_places


class FusedSpeechSR(nn.Module):
    """A `SpeechSR`: the same argument, the same values."""

    def __init__(self, plain: SpeechSR) -> None:
        super().__init__()
        self.rate = plain.rate
        self.conv_pre = FusedConv(plain.dec.conv_pre)
        self.chain = Chain(
            [
                FusedTrio(list(plain.dec.resblocks)),
                FusedSnake(plain.dec.activation_post, 1 / 3),
                FusedConv(plain.dec.conv_post),
            ]
        )
        keep_freed_memory()
        self.eval().requires_grad_(False)

    def forward(self, sound: Tensor) -> Tensor:
        """`(B, 1, n)` at 16 kHz to `(B, 1, n rate / 16000)`."""
        samples = sound.shape[2] * self.rate // SOURCE_RATE
        lower, share = neighbours(sound.shape[2], samples, sound)
        made = sound.new_empty(len(sound), 1, samples)

        def fill(place: slice) -> None:
            read, edges, keep = around(place, samples, self.chain.reach)
            x = self._raised(sound, lower[read], share[read])
            made[:, :, place] = self.chain(x, edges)[:, :, 0, keep]

        at_once(fill, tile_places(samples, CHANNELS, sound.device))
        return made.tanh_()

    def _raised(self, sound: Tensor, lower: Tensor, share: Tensor) -> Tensor:
        """The first convolution's values at the places of a tile, `(B, 32, 1, W)`."""
        last = sound.shape[2] - 1
        first, stop = int(lower[0]), min(int(lower[-1]) + 1, last) + 1
        read, edges, keep = around(slice(first, stop), last + 1, self.conv_pre.reach)
        values = self.conv_pre(sound[:, :, None, read], edges)[..., keep]
        moments = values.permute(0, 2, 3, 1).contiguous()
        below = moments.index_select(2, lower - first)
        above = moments.index_select(2, (lower + 1).clamp(max=last) - first)
        return torch.lerp(below, above, share[:, None]).permute(0, 3, 1, 2)


def neighbours(length: int, samples: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """For each new sample the old one below it and the share of the next, `(samples,)` each.

    torch works out these places in float32: after 8 s they are 0.008 of a sample off, and tiles with places of their
    own would differ from the whole by that. So they are read off the whole's interpolation of three marks: which of
    every three samples has what part in a value.
    """
    marks = functional.one_hot(torch.arange(length, device=like.device) % 3, 3).to(like.dtype)
    parts = functional.interpolate(marks.T[None], samples, mode="linear", align_corners=False)[0]
    nearest = (2 * torch.arange(samples, device=like.device) + 1) * length // (2 * samples)
    before = parts.gather(0, ((nearest - 1) % 3)[None])[0]
    after = parts.gather(0, ((nearest + 1) % 3)[None])[0]
    below = before > 0
    return nearest - below.long(), torch.where(below, 1 - before, after)
