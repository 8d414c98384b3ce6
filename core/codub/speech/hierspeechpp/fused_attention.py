"""Self-attention as one unpadded line needs it: one product for queries, keys and values, no masks."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.attention import SelfAttention
from codub.speech.hierspeechpp.toom_cook import PointwiseConv1d


class FusedSelfAttention(nn.Module):
    """The values of `plain`, whose convolutions may have been replaced; a padded batch is left to `plain` itself."""

    def __init__(self, plain: SelfAttention) -> None:
        super().__init__()
        self.plain = plain
        weights, biases = zip(*(_pointwise(conv) for conv in (plain.conv_q, plain.conv_k, plain.conv_v)), strict=True)
        width = len(weights[0]) // plain.heads
        scale = width**-0.5  # of the logits, put into the queries
        self.weight = nn.Parameter(torch.cat((weights[0] * scale, *weights[1:])), requires_grad=False)
        self.bias = nn.Parameter(torch.cat((biases[0] * scale, *biases[1:])), requires_grad=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """As `SelfAttention.forward`."""
        if len(x) > 1 or not bool(mask.all()):
            padded: Tensor = self.plain(x, mask)
            return padded
        length, window = x.shape[2], self.plain.window or 0
        asked = functional.linear(x[0].T, self.weight, self.bias).reshape(length, 3, self.plain.heads, -1)
        query, key, value = asked.permute(1, 2, 0, 3).contiguous()
        # With silent keys beyond both ends the logits of a window lie in a band that never leaves its row.
        logits = query @ functional.pad(key, (0, 0, window, window)).transpose(1, 2)
        if window:
            _band(logits, window).add_(query @ self.plain.emb_rel_k.transpose(1, 2))
        shares = functional.softmax(logits[:, :, window : window + length], dim=-1)
        mixed = shares @ value
        if window:
            band = _band(functional.pad(shares, (window, window)), window)
            mixed = mixed + band @ self.plain.emb_rel_v
        weight, bias = _pointwise(self.plain.conv_o)
        return functional.linear(mixed.transpose(0, 1).flatten(1), weight, bias).T[None]


def _band(square: Tensor, window: int) -> Tensor:
    """View `(heads, T, 2 window + 1)` of `(heads, T, T + 2 window)`: each row from its own place on."""
    heads, length, span = square.shape
    return square.as_strided((heads, length, 2 * window + 1), (length * span, span + 1, 1))


def _pointwise(conv: nn.Conv1d | PointwiseConv1d) -> tuple[Tensor, Tensor]:
    """Weight `(out, in)` and bias of a convolution of one tap."""
    assert conv.bias is not None
    return conv.weight.detach().reshape(conv.weight.shape[:2]), conv.bias
