"""The prosody side for inference, on a processor that multiplies bytes: nearly the same values, in half the time."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.kokoro.byte_conv import half
from codub.speech.kokoro.fused_blocks import FusedResidualBlock
from codub.speech.kokoro.prosody import Prosody

HEADS = 12
TOP = 254.0  # the highest level that is used, so that rounding never leaves the byte


class ByteLinear(nn.Module):
    """A linear layer, or several of the same input side by side.

    Each output has a scale of its own, and so has each row of the input. `spread` is the usual range of each input
    channel `(in,)`: channels are levelled by it, which the weights make good.
    """

    def __init__(self, *plain: nn.Module, spread: Tensor | None = None) -> None:
        super().__init__()
        weight = torch.cat([layer.weight for layer in plain if isinstance(layer, nn.Linear)]).detach()
        self.bias = torch.cat([layer.bias for layer in plain if isinstance(layer, nn.Linear)]).detach()
        self.level: Tensor | None = None
        if spread is not None:
            share = (spread / weight.abs().amax(dim=0).clamp(min=1e-6)).sqrt()
            self.level, weight = 1 / share, weight * share
        self.scale = weight.abs().amax(dim=1).clamp(min=1e-12) / 127
        levels = torch.round(weight / self.scale[:, None])
        self.sums = levels.sum(dim=1) * self.scale
        self.no_offsets = torch.zeros(len(weight), dtype=torch.int64)
        self.packed = torch.ops.onednn.qlinear_prepack(levels.to(torch.int8), None)

    def forward(self, x: Tensor) -> Tensor:
        """`(L, in)` to `(L, out)`."""
        if self.level is not None:
            x = x * self.level
        low, high = x.amin(dim=1, keepdim=True).clamp_(max=0.0), x.amax(dim=1, keepdim=True).clamp_(min=0.0)
        steps = (high - low).clamp_(min=1e-6) / TOP
        zeros = torch.round(-low / steps)
        rows = torch.addcmul(zeros + 0.5, x, 1 / steps).to(torch.int32).to(torch.uint8)
        made: Tensor = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, 0, self.packed, self.scale, self.no_offsets, None,
            1.0, 0, torch.float32, "none", [], "",  # the answer as it is
        )  # fmt: skip
        return torch.addcmul(self.bias, made.addcmul_(zeros, self.sums, value=-1), steps)


class FusedProsody(nn.Module):
    """A `Prosody` for one line at a time: the same arguments, nearly the same values.

    It takes over a plain one, which is of no use afterwards, and can neither learn nor be saved. `styles` `(N, 128)`
    are usual prosody styles. The published graph reads in bytes too.
    """

    def __init__(self, plain: Prosody, styles: Tensor) -> None:
        super().__init__()
        self.reading, self.bert_encoder, self.predictor = FusedAlbert(plain.bert), plain.bert_encoder, plain.predictor
        predictor = self.predictor
        for curve in (predictor.F0, predictor.N):
            for i, block in enumerate(curve):
                curve[i] = _OfChannels(FusedResidualBlock(block, styles))
        lstms = predictor.text_encoder.lstms
        for i in range(0, len(lstms), 2):
            lstms[i] = HalfLSTM(lstms[i])
        predictor.lstm, predictor.shared = HalfLSTM(predictor.lstm), HalfLSTM(predictor.shared)

    def forward(self, ids: Tensor, style: Tensor) -> Tensor:
        """Encoded line `(1, L, 640)` of symbol numbers `(1, L)` in the prosody style `(1, 128)`."""
        encoded: Tensor = self.predictor.text_encoder(self.bert_encoder(self.reading(ids)), style)
        return encoded


class HalfLSTM(nn.Module):
    """An LSTM in bfloat16 where the processor multiplies that faster: 0.3 % off, half the time. It takes the plain."""

    def __init__(self, plain: nn.Module) -> None:
        super().__init__()
        self.lstm = plain.to(half())

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """`(B, L, in)` to `(B, L, out)`, and no state."""
        made: Tensor = self.lstm(x.to(half()))[0]
        return made.to(x.dtype), None


class _OfChannels(nn.Module):
    """A block on rows behind the arguments of a plain one: `(1, in, T)` to `(1, out, T)` or `(1, out, 2 T)`."""

    def __init__(self, block: FusedResidualBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        made: Tensor = self.block(x[0].T.contiguous(), style)
        return made.T[None]


class FusedAlbert(nn.Module):
    """An `AlbertModel` whose layers are all the same one, for one line at a time."""

    def __init__(self, plain: Any) -> None:
        super().__init__()
        layer = plain.encoder.albert_layer_groups[0].albert_layers[0]
        self.depth = plain.config.num_hidden_layers
        self.embeddings, self.widen = plain.embeddings, plain.encoder.embedding_hidden_mapping_in
        attention = layer.attention
        self.attended, self.last = attention.LayerNorm, layer.full_layer_layer_norm
        self.ask = ByteLinear(attention.query, attention.key, attention.value)
        self.answer = ByteLinear(attention.dense)
        self.up, self.down = ByteLinear(layer.ffn, spread=_spread(self.attended)), ByteLinear(layer.ffn_output)

    def forward(self, ids: Tensor) -> Tensor:
        """Hidden values `(1, L, 768)` of symbol numbers `(1, L)`."""
        x: Tensor = self.widen(self.embeddings(ids))[0]
        for _ in range(self.depth):
            query, key, value = self.ask(x).unflatten(1, (3, HEADS, -1)).permute(1, 2, 0, 3)[:, None]
            seen = functional.scaled_dot_product_attention(query, key, value)[0].transpose(0, 1).flatten(1)
            x = self.attended(self.answer(seen).add_(x))
            inner = functional.gelu(self.up(x), approximate="tanh")
            x = self.last(self.down(inner).add_(x))
        return x[None]


def _spread(norm: nn.LayerNorm) -> Tensor:
    """How far each channel goes after a norm, usually."""
    return (4 * norm.weight.abs() + norm.bias.abs()).detach()
