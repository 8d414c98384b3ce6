"""How long each symbol lasts: a flow over log-durations given the text (VITS, Kim, Kong, Son 2021, section 2.2.2)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.norm import ChannelNorm
from codub.speech.hierspeechpp.spline import PARAMETERS, spline

FLOWS = 4
SHORTEST = 1e-5  # the least part of a frame whose logarithm is taken


class DurationPredictor(nn.Module):
    """Draws durations for a text, and tells how likely given ones are; the text and the style get no gradient."""

    def __init__(self, channels: int, style: int = 256, kernel: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.flows = _flows(channels, kernel)
        self.post_pre = nn.Conv1d(1, channels, 1)
        self.post_proj = nn.Conv1d(channels, channels, 1)
        self.post_convs = SeparableConvs(channels, kernel, dropout)
        self.post_flows = _flows(channels, kernel)
        self.pre = nn.Conv1d(channels, channels, 1)
        self.proj = nn.Conv1d(channels, channels, 1)
        self.convs = SeparableConvs(channels, kernel, dropout)
        self.cond = nn.Conv1d(style, channels, 1)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor, noise: Tensor) -> Tensor:
        """Log-durations `(B, 1, L)` in frames.

        `x` `(B, C, L)`, `mask` `(B, 1, L)`, style `g` `(B, style, 1)`; `noise` `(B, 2, L)`, standard normal times
        the scale wanted (zero: the middle of the distribution). As published, the first coupling is left out.
        """
        condition = self._condition(x, mask, g)
        value = noise
        for step in (*reversed(self.flows[2:]), self.flows[0]):
            value, _ = step(value, mask, condition, inverse=True)
        return value[:, :1]

    def nll(self, x: Tensor, mask: Tensor, durations: Tensor, g: Tensor, noise: Tensor) -> Tensor:
        """Bound on the negative log-likelihood `(B,)` in nats of whole `durations` `(B, 1, L)`, summed over symbols.

        `noise` `(B, 2, L)`, standard normal, spreads each whole number over the frame it stands for.
        """
        condition = self._condition(x, mask, g)
        given = self.post_proj(self.post_convs(self.post_pre(durations), mask)) * mask
        noise = noise * mask
        value, log_q = noise, -_log_normal(noise, mask)
        for step in self.post_flows:
            value, change = step(value, mask, condition + given)
            log_q = log_q - change
        spread, free = value.chunk(2, dim=1)
        log_q = log_q - ((functional.logsigmoid(spread) + functional.logsigmoid(-spread)) * mask).sum(dim=(1, 2))
        rest = (durations - spread.sigmoid() * mask) * mask
        logged = rest.clamp_min(SHORTEST).log() * mask
        value, total = torch.cat((logged, free), dim=1), -logged.sum(dim=(1, 2))
        for step in self.flows:
            value, change = step(value, mask, condition)
            total = total + change
        return _log_normal(value, mask) - total + log_q

    def _condition(self, x: Tensor, mask: Tensor, g: Tensor) -> Tensor:
        text = self.pre(x.detach()) + self.cond(g.detach())
        condition: Tensor = self.proj(self.convs(text, mask)) * mask
        return condition


class SeparableConvs(nn.Module):
    """Three residual layers, each a dilated convolution of every channel by itself and a pointwise one."""

    def __init__(self, channels: int, kernel: int, dropout: float = 0.0, layers: int = 3) -> None:
        super().__init__()
        reach = [kernel**i for i in range(layers)]
        self.convs_sep = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel, groups=channels, dilation=d, padding=d * (kernel - 1) // 2)
            for d in reach
        )
        self.convs_1x1 = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in reach)
        self.norms_1 = nn.ModuleList(ChannelNorm(channels) for _ in reach)
        self.norms_2 = nn.ModuleList(ChannelNorm(channels) for _ in reach)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`(B, C, L)` to the same shape."""
        layers = zip(self.convs_sep, self.norms_1, self.convs_1x1, self.norms_2, strict=True)
        for separate, norm1, mix, norm2 in layers:
            inner = functional.gelu(norm1(separate(x * mask)))
            x = x + self.drop(functional.gelu(norm2(mix(inner))))
        return x * mask


class Affine(nn.Module):
    """Each channel scaled and shifted."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.m = nn.Parameter(torch.zeros(channels, 1))
        self.logs = nn.Parameter(torch.zeros(channels, 1))

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor, *, inverse: bool = False) -> tuple[Tensor, Tensor]:
        """The values and the log-determinant `(B,)`; `inverse` undoes the other direction."""
        change = (self.logs * mask).sum(dim=(1, 2))
        if inverse:
            return (x - self.m) * (-self.logs).exp() * mask, -change
        return (self.m + self.logs.exp() * x) * mask, change


class Swap(nn.Module):
    """The two channels in opposite order."""

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor, *, inverse: bool = False) -> tuple[Tensor, Tensor]:
        """The values and a log-determinant of zero; its own inverse."""
        return x.flip(1), x.new_zeros(len(x))


class SplineCoupling(nn.Module):
    """The second of two channels bent by a spline that the first one and the condition give."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.pre = nn.Conv1d(1, channels, 1)
        self.convs = SeparableConvs(channels, kernel)
        self.proj = nn.Conv1d(channels, PARAMETERS, 1)
        for values in self.proj.parameters():
            nn.init.zeros_(values)

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor, *, inverse: bool = False) -> tuple[Tensor, Tensor]:
        """The values and the log-determinant `(B,)`; `inverse` undoes the other direction."""
        kept, moved = x.chunk(2, dim=1)
        inner = self.convs(self.pre(kept) + condition, mask)
        parameters = (self.proj(inner) * mask).transpose(1, 2)[:, None]
        # As published, the logits of widths and heights are divided by the root of the width of this network.
        moved, log_slope = spline(moved, parameters, 1 / math.sqrt(inner.shape[1]), inverse=inverse)
        return torch.cat((kept, moved), dim=1) * mask, (log_slope * mask).sum(dim=(1, 2))


def _flows(channels: int, kernel: int) -> nn.ModuleList:
    steps: list[nn.Module] = [Affine(2)]
    for _ in range(FLOWS):
        steps += [SplineCoupling(channels, kernel), Swap()]
    return nn.ModuleList(steps)


def _log_normal(x: Tensor, mask: Tensor) -> Tensor:
    """Negative log-density `(B,)` of standard normal values, over the places that count."""
    return (0.5 * (math.log(2 * math.pi) + x.square()) * mask).sum(dim=(1, 2))
