"""AMP blocks for inference, worked off in tiles of time that stay in a core's cache."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.amp import AmpBlock
from codub.speech.hierspeechpp.convolution import NormedConv1d
from codub.speech.hierspeechpp.fused_snake import FusedSnake
from codub.speech.hierspeechpp.tiles import Edges, TileLayer, crop
from codub.speech.hierspeechpp.toom_cook import ToomCookConv1d

QUICK_CHANNELS, QUICK_TAPS = 128, 7  # from there on Toom and Cook's way takes 1.1 to 1.3 times less, on one CPU thread


class FusedConv(TileLayer):
    """A same-length convolution `(B, in, 1, W)` to `(B, out, 1, W)`, channels-last, its weight worked out."""

    def __init__(self, plain: nn.Module) -> None:
        super().__init__()
        assert isinstance(plain, NormedConv1d | nn.Conv1d)
        weight = plain.weight.detach()[:, :, None].contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = None if plain.bias is None else nn.Parameter(plain.bias.detach().clone(), requires_grad=False)
        self.dilation = plain.dilation if isinstance(plain.dilation, int) else plain.dilation[0]
        self.reach = self.dilation * (weight.shape[3] - 1) // 2
        large = min(weight.shape[:2]) >= QUICK_CHANNELS and weight.shape[3] >= QUICK_TAPS
        self.quick = ToomCookConv1d(_padded(plain)) if large else None

    def forward(self, x: Tensor, edges: Edges) -> Tensor:
        """Shorter by the reach on each side where the signal goes on."""
        if self.quick is not None and x.device.type == "cpu" and x.dtype == self.weight.dtype:
            moments = self.quick(x[:, :, 0]).transpose(1, 2)[:, None]
            return crop(moments.permute(0, 3, 1, 2), edges, self.reach)
        left, right = edges.outer(self.reach)
        if left != right:
            x, left = functional.pad(x, (left, right)), 0
        if x.dtype != self.weight.dtype:  # see `lower_precision`
            return self._convolve(x.to(self.weight.dtype), left).to(x.dtype)
        return self._convolve(x, left)

    def channels(self, given: int) -> int:
        """Its own number."""
        return self.weight.shape[0]

    def _convolve(self, x: Tensor, padding: int) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, padding=(0, padding), dilation=(1, self.dilation))


def _padded(plain: NormedConv1d | nn.Conv1d) -> nn.Conv1d:
    return plain.folded() if isinstance(plain, NormedConv1d) else plain


class FusedAmp(TileLayer):
    """An `AmpBlock` on tiles."""

    def __init__(self, plain: nn.Module) -> None:
        super().__init__()
        assert isinstance(plain, AmpBlock)
        convs = [FusedConv(conv) for pair in zip(plain.convs1, plain.convs2, strict=True) for conv in pair]
        snakes = [FusedSnake(snake) for snake in plain.activations]
        self.convs, self.snakes = nn.ModuleList(convs), nn.ModuleList(snakes)
        # The same once more, as plain as Python can walk through them: a tile is worked off in milliseconds.
        layers = list(zip(snakes, convs, strict=True))
        self._pairs = [(*layers[i], *layers[i + 1]) for i in (0, 2, 4)]
        self._reaches = [sum(layer.reach for layer in pair) for pair in self._pairs]
        self.reach = sum(self._reaches)

    def forward(self, x: Tensor, edges: Edges) -> Tensor:
        """`(B, C, 1, W)`, shorter by the reach on each side where the signal goes on."""
        for (snake1, conv1, snake2, conv2), reach in zip(self._pairs, self._reaches, strict=True):
            inner = conv1.forward(snake1.forward(x, edges), edges)
            inner = conv2.forward(snake2.forward(inner, edges), edges)
            x = inner.add_(crop(x, edges, reach))
        return x


class FusedTrio(TileLayer):
    """The **sum** of several AMP blocks; whoever takes it divides by their number, in a weight."""

    def __init__(self, blocks: Sequence[nn.Module]) -> None:
        super().__init__()
        fused = [FusedAmp(block) for block in blocks]
        self.blocks = nn.ModuleList(fused)
        self.reaches = [block.reach for block in fused]
        self.reach = max(self.reaches)

    def forward(self, x: Tensor, edges: Edges) -> Tensor:
        """`(B, C, 1, W)`, shorter by the reach on each side where the signal goes on."""
        total: Tensor | None = None
        for block, reach in zip(self.blocks, self.reaches, strict=True):
            part = block(crop(x, edges, self.reach - reach), edges)
            total = part if total is None else total.add_(part)
        assert total is not None
        return total
