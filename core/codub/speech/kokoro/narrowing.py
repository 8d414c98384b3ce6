"""Snake blocks with fewer channels inside: those that hardly change what comes out stand still at their mean."""

import torch
from torch import Tensor, nn

from codub.speech.kokoro.blocks import AdaptiveNorm, SnakeBlock, snake

MOMENTS = 64  # at which a channel is looked at


@torch.no_grad()
def narrowed(plain: nn.Module, styles: Tensor, kept: int) -> SnakeBlock:
    """A `SnakeBlock` with `kept` inner channels in each of its pairs; `styles` `(N, 128)` are usual ones.

    No sound is needed to choose them: behind its norm each channel has the mean and the deviation that the style
    gives it, and about the normal distribution.
    """
    assert isinstance(plain, SnakeBlock)
    made = SnakeBlock(1, 1)
    made.adain1, made.alpha1 = plain.adain1, plain.alpha1
    pairs = zip(plain.convs1, plain.adain2, plain.alpha2, plain.convs2, strict=True)
    firsts, norms, alphas, seconds = zip(*(_narrowed_pair(*pair, styles, kept) for pair in pairs), strict=True)
    made.convs1, made.adain2, made.convs2 = nn.ModuleList(firsts), nn.ModuleList(norms), nn.ModuleList(seconds)
    made.alpha2 = nn.ParameterList(alphas)
    return made


def _narrowed_pair(
    first: nn.Module, norm: nn.Module, alpha: Tensor, second: nn.Module, styles: Tensor, kept: int
) -> tuple[nn.Conv1d, AdaptiveNorm, nn.Parameter, nn.Conv1d]:
    assert isinstance(first, nn.Conv1d)
    assert isinstance(norm, AdaptiveNorm)
    assert isinstance(second, nn.Conv1d)
    assert first.bias is not None
    assert second.bias is not None
    mean, variance = _moved(norm, alpha, styles)
    heard = variance * second.weight.square().sum(dim=(0, 2))
    chosen = heard.topk(kept).indices.sort().values
    still = torch.ones(len(heard), dtype=torch.bool).index_fill_(0, chosen, False)
    rest = second.weight[:, still].sum(dim=2) @ mean[still]
    return (
        _conv(first, first.weight[chosen], first.bias[chosen]),
        _norm(norm, chosen),
        _fixed(alpha[:, chosen]),
        _conv(second, second.weight[:, chosen], second.bias + rest),
    )


def _moved(norm: AdaptiveNorm, alpha: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel `(C,)` behind the activation, over all styles."""
    gamma, beta = norm.fc(styles).chunk(2, dim=1)
    places = torch.special.ndtri((torch.arange(MOMENTS) + 0.5) / MOMENTS)
    values = snake(beta[:, :, None] + (1 + gamma)[:, :, None] * places, alpha)
    return values.mean(dim=(0, 2)), values.var(dim=2).mean(dim=0)


def _conv(like: nn.Conv1d, weight: Tensor, bias: Tensor) -> nn.Conv1d:
    outputs, inputs, kernel = weight.shape
    made = nn.Conv1d(inputs, outputs, kernel, dilation=like.dilation[0], padding=int(like.padding[0]))
    made.weight, made.bias = _fixed(weight), _fixed(bias)
    return made


def _norm(like: AdaptiveNorm, chosen: Tensor) -> AdaptiveNorm:
    rows = torch.cat((chosen, chosen + like.fc.out_features // 2))
    made = AdaptiveNorm(len(chosen))
    made.fc.weight, made.fc.bias = _fixed(like.fc.weight[rows]), _fixed(like.fc.bias[rows])
    return made


def _fixed(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)
