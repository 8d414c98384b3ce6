"""The network of CAM++ (Wang et al. 2023, "CAM++: a fast and efficient network for speaker verification using
context-aware masking"), of 192 numbers a voice: a small residual CNN over bands, then densely connected layers over
time, each masked by what is heard round it.
"""

import torch
from torch import Tensor, nn

BANDS = 80
EMBEDDING = 192
_GROWTH, _NARROW = 32, 128  # channels that a dense layer adds, and works in
_BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers and dilation of each
_CONTEXT = 100  # frames of 20 ms that a mask is told of beside the whole


class SecondEarNetwork(nn.Module):
    """Log-mel bands `(B, 80, T)`, 100 a second, without their means, to embeddings `(B, 192)`.

    The names of the parameters are the published checkpoint's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = _Head()
        layers = nn.ModuleDict({"tdnn": _entering(BANDS // 8 * 32, _NARROW)})
        channels = _NARROW
        for number, (count, dilation) in enumerate(_BLOCKS, 1):
            widths = [channels + i * _GROWTH for i in range(count)]
            layers[f"block{number}"] = _Dense({f"tdnnd{i}": _Masked(w, dilation) for i, w in enumerate(widths, 1)})
            channels += count * _GROWTH
            layers[f"transit{number}"] = _narrowing(channels)
            channels //= 2
        layers["out_nonlinear"] = _normed(channels)
        layers["dense"] = _Pooled(channels)
        self.xvector = layers

    def forward(self, bands: Tensor) -> Tensor:
        """Embeddings, not of unit length; two frames are the least."""
        x: Tensor = self.head(bands)
        for layer in self.xvector.values():
            x = layer(x)
        return x


class _Head(nn.Module):
    """Bands `(B, 80, T)` to `(B, 320, T)`: convolutions over bands and time that halve the bands three times."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
        self.layer1 = nn.Sequential(_Residual(2), _Residual(1))
        self.layer2 = nn.Sequential(_Residual(2), _Residual(1))
        self.conv2, self.bn2 = nn.Conv2d(32, 32, 3, stride=(2, 1), padding=1, bias=False), nn.BatchNorm2d(32)

    def forward(self, bands: Tensor) -> Tensor:
        x = torch.relu(self.bn1(self.conv1(bands[:, None])))
        x = self.layer2(self.layer1(x))
        return torch.relu(self.bn2(self.conv2(x))).flatten(1, 2)


class _Residual(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(32, 32, 3, (stride, 1), padding=1, bias=False), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.extend([nn.Conv2d(32, 32, 1, (stride, 1), bias=False), nn.BatchNorm2d(32)])

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.shortcut(x))


class _Dense(nn.ModuleDict):
    """Each layer hears all before it."""

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], dim=1)
        return x


class _Masked(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1, self.nonlinear2 = _normed(channels), _normed(_NARROW)
        self.linear1 = nn.Conv1d(channels, _NARROW, 1, bias=False)
        self.cam_layer = nn.ModuleDict(
            {
                "linear_local": nn.Conv1d(_NARROW, _GROWTH, 3, padding=dilation, dilation=dilation, bias=False),
                "linear1": nn.Conv1d(_NARROW, _NARROW // 2, 1),
                "linear2": nn.Conv1d(_NARROW // 2, _GROWTH, 1),
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.nonlinear2(self.linear1(self.nonlinear1(x)))
        near = nn.functional.avg_pool1d(x, _CONTEXT, _CONTEXT, ceil_mode=True)
        context = x.mean(dim=-1, keepdim=True) + near.repeat_interleave(_CONTEXT, dim=-1)[..., : x.shape[-1]]
        mask = torch.sigmoid(self.cam_layer["linear2"](torch.relu(self.cam_layer["linear1"](context))))
        masked: Tensor = self.cam_layer["linear_local"](x) * mask
        return masked


class _Pooled(nn.Module):
    """Means and spreads over time, `(B, C, T)`, to embeddings `(B, 192)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(2 * channels, EMBEDDING, 1, bias=False)
        self.nonlinear = _Named({"batchnorm": nn.BatchNorm1d(EMBEDDING, affine=False)})

    def forward(self, x: Tensor) -> Tensor:
        pooled = torch.cat([x.mean(dim=-1), x.std(dim=-1)], dim=-1)
        placed: Tensor = self.nonlinear(self.linear(pooled[..., None]))[..., 0]
        return placed


class _Named(nn.ModuleDict):
    """Layers one after the other, by name."""

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = layer(x)
        return x


def _normed(channels: int) -> _Named:
    return _Named({"batchnorm": nn.BatchNorm1d(channels), "relu": nn.ReLU()})


def _entering(before: int, after: int) -> _Named:
    return _Named({"linear": nn.Conv1d(before, after, 5, stride=2, padding=2, bias=False), "nonlinear": _normed(after)})


def _narrowing(channels: int) -> _Named:
    return _Named({"nonlinear": _normed(channels), "linear": nn.Conv1d(channels, channels // 2, 1, bias=False)})
