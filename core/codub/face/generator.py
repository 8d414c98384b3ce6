"""The talking-face generator: identity and pose image encoders, the latent at the bottleneck, a decoder with skips.

After Yaman, Akti, Eyiokur and Waibel (shared latent representation): there is no audio encoder, the latent's vectors
are joined to the visual embeddings directly. Ours: the latent also scales the decoder's features (FiLM). Two heads:
`warp` moves the references' own pixels (flow, blend, and colour for what none of them shows), at the plate's own
resolution; `rgb`, the paper's, paints the picture at the network's resolution, which is enlarged to the plate's
bicubically and gets no sharper than that.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from codub.errors import UsageError
from codub.face.warp import compose

HEADS = ("warp", "rgb")


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of the network. `channels` and `window` belong to the latent space; `reach` is the largest flow."""

    space: str = "embedded"
    channels: int = 512
    window: int = 11
    size: int = 80  # pixels; a multiple of 2 ** (len(widths) - 1)
    references: int = 3
    widths: tuple[int, ...] = (32, 64, 96, 128, 160)
    code: int = 256
    head: str = "warp"  # or "rgb"; weights of before say "flow" for it
    reach: float = 0.3  # of the crop's side
    dropout: float = 0.1  # on the latent's code, in training only

    def __post_init__(self) -> None:
        if self.head == "flow":
            object.__setattr__(self, "head", "warp")
        if self.head not in HEADS:
            raise UsageError(f"A face has no head '{self.head}'.", fix=f"There are: {', '.join(HEADS)}.")
        halved = 2 ** (len(self.widths) - 1)
        if self.size % halved:
            raise UsageError(
                f"A face of {self.size} pixels cannot be halved {len(self.widths) - 1} times.",
                fix=f"Take a multiple of {halved}, or other widths.",
            )


class Motion(NamedTuple):
    """Tensors of `MouthMotion` for B frames, without the mask, which is the network's own."""

    flow: Tensor
    blend: Tensor
    colour: Tensor


class Generator(nn.Module):
    """Motion of lower faces from latent windows. Pictures are RGB in 0..1, the frames of one group share references."""

    mean: Tensor
    deviation: Tensor
    mask: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.register_buffer("mean", torch.zeros(config.channels))
        self.register_buffer("deviation", torch.ones(config.channels))
        self.register_buffer("mask", mouth_mask(config.size), persistent=False)
        self.identity = ImageEncoder(3 * config.references, widths)
        self.pose = ImageEncoder(4, widths)
        self.latent = LatentEncoder(config)
        self.join = nn.Sequential(nn.Conv2d(2 * widths[-1] + config.code, widths[-1], 1), _norm(widths[-1]), nn.SiLU())
        self.bottom = Residual(widths[-1], config.code)
        self.steps = nn.ModuleList(
            UpStep(wide, narrow, config.code) for wide, narrow in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        outputs = 3 * config.references + 4 if config.head == "warp" else 3
        self.head = nn.Conv2d(widths[0], outputs, 3, padding=1)
        self._start_with_first_reference()

    def identify(self, references: Tensor) -> list[Tensor]:
        """What the references `(G, K, 3, S, S)` show, at every scale: once for all frames of a group."""
        return list(self.identity(references.flatten(1, 2) - 0.5))

    def forward(self, windows: Tensor, pose: Tensor, identity: list[Tensor]) -> Motion:
        """Motion of G x T frames.

        windows `(G, T, C, window)`, pose `(G, T, 3, S, S)`, identity from `identify`; each map of the result has
        G x T as its first axis.
        """
        groups, frames = windows.shape[:2]
        known = [_repeat(maps, frames) for maps in identity]
        hidden = (self.mask > 0).to(pose.dtype)
        seen = (pose.flatten(0, 1) - 0.5) * (1 - hidden)
        around = self.pose(torch.cat([seen, hidden.expand(len(seen), 1, -1, -1)], 1))
        code = self.latent((windows.flatten(0, 1) - self.mean[:, None]) / self.deviation[:, None])
        spread = code[:, :, None, None].expand(-1, -1, *around[-1].shape[-2:])
        x = self.bottom(self.join(torch.cat([around[-1], known[-1], spread], 1)), code)
        for step, skip, own in zip(self.steps, around[-2::-1], known[-2::-1], strict=True):
            x = step(x, skip + own, code)
        assert len(x) == groups * frames
        return self.motion(self.head(x).float())

    def picture(self, motion: Motion, pose: Tensor, references: Tensor) -> Tensor:
        """Generated crops `(G * T, 3, S, S)`: the frame itself outside the mask."""
        frames = pose.shape[1]
        made = compose(_repeat(references, frames), *motion)
        plate = pose.flatten(0, 1)
        return plate + self.mask * (made - plate)

    def shut(self, pictures: Tensor) -> Tensor:
        """Pictures `(B, 3, S, S)` with their mouths shut, by a silent face: one reference, the picture itself, and
        latent windows of nothing but silence, which such a network takes as its mean."""
        with torch.no_grad():
            windows = self.mean[None, None, :, None].expand(len(pictures), 1, -1, self.config.window)
            each = pictures[:, None]
            return self.picture(self(windows, each, self.identify(each)), each, each)

    def motion(self, out: Tensor) -> Motion:
        """The head's maps `(B, outputs, S, S)` as a motion."""
        count, (height, width) = self.config.references, out.shape[-2:]
        if self.config.head == "rgb":
            flow = out.new_zeros(len(out), count, 2, height, width)
            blend = torch.cat([out.new_zeros(len(out), count, height, width), torch.ones_like(out[:, :1])], 1)
            return Motion(flow, blend, torch.sigmoid(out))
        flow = self.config.reach * torch.tanh(out[:, : 2 * count]).reshape(len(out), count, 2, height, width)
        blend = torch.softmax(out[:, 2 * count : 3 * count + 1], 1)
        return Motion(flow, blend, torch.sigmoid(out[:, 3 * count + 1 :]))

    def _start_with_first_reference(self) -> None:
        assert self.head.bias is not None
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)
        if self.config.head == "warp":
            first = 2 * self.config.references
            with torch.no_grad():
                self.head.bias[first] = 2.0
                self.head.bias[first + self.config.references] = -1.0


class ImageEncoder(nn.Module):
    """Feature maps of a picture at every scale, finest first; each scale halves the one before."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        strides = [1] + [2] * (len(widths) - 1)
        sizes = zip((inputs, *widths), widths, strides, strict=False)
        self.scales = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride=stride, padding=1), _norm(b), nn.SiLU()) for a, b, stride in sizes
        )
        # The finest scales stay thin: they are most of the cost on a CPU.
        self.deep = nn.ModuleList(Residual(b) if b >= widths[2] else nn.Identity() for b in widths)

    def forward(self, x: Tensor) -> list[Tensor]:
        """`(B, inputs, S, S)` to one map per width."""
        maps = []
        for scale, deep in zip(self.scales, self.deep, strict=True):
            x = deep(scale(x))
            maps.append(x)
        return maps


class LatentEncoder(nn.Module):
    """One code `(B, code)` of a normalised latent window `(B, C, window)`."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(config.channels, 192, 1),
            nn.SiLU(),
            nn.Conv1d(192, 192, 3, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Dropout(config.dropout),
            nn.Linear(192 * config.window, config.code),
            nn.SiLU(),
            nn.Linear(config.code, config.code),
            nn.SiLU(),
        )

    def forward(self, window: Tensor) -> Tensor:
        """Code of each window."""
        return torch.as_tensor(self.layers(window))


class Residual(nn.Module):
    """Two convolutions around an identity; with `code` the latent scales and shifts between them (FiLM)."""

    def __init__(self, width: int, code: int | None = None) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.norms = nn.ModuleList([_norm(width), _norm(width)])
        self.film = nn.Linear(code, 2 * width) if code is not None else None
        self.activation = nn.SiLU()

    def forward(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        """A map of the same shape."""
        y = self.norms[0](self.first(x))
        if self.film is not None and code is not None:
            scale, shift = self.film(code)[:, :, None, None].chunk(2, 1)
            y = y * (1 + scale) + shift
        y = self.norms[1](self.second(self.activation(y)))
        return torch.as_tensor(self.activation(x + y))


class UpStep(nn.Module):
    """One scale up: enlarge, join the skip, let the latent modulate."""

    def __init__(self, wide: int, narrow: int, code: int) -> None:
        super().__init__()
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")
        self.reduce = nn.Conv2d(wide, narrow, 1)
        self.join = nn.Sequential(nn.Conv2d(2 * narrow, narrow, 3, padding=1), _norm(narrow))
        self.film = nn.Linear(code, 2 * narrow)
        self.activation = nn.SiLU()
        self.deep = Residual(narrow, code) if narrow >= 48 else None

    def forward(self, x: Tensor, skip: Tensor, code: Tensor) -> Tensor:
        """`(B, wide, S, S)` and the skip `(B, narrow, 2S, 2S)` to `(B, narrow, 2S, 2S)`."""
        y = self.join(torch.cat([self.enlarge(self.reduce(x)), skip], 1))
        scale, shift = self.film(code)[:, :, None, None].chunk(2, 1)
        y = self.activation(y * (1 + scale) + shift)
        return y if self.deep is None else torch.as_tensor(self.deep(y, code))


def mouth_mask(size: int) -> Tensor:
    """Soft mask `(1, 1, size, size)` over mouth and jaw: 1 inside, 0 from the rim outwards.

    Places are of the agreed lower-face window (2 eye distances wide, from 0.3 to 2.3 of them below the eyes): the
    mouth lies at 0.4 of its height, the chin at 0.75, an open jaw at 0.9; the nose's tip stays visible.
    """
    centre_x, centre_y, radius_x, radius_y, soft = 0.5, 0.57, 0.40, 0.39, 0.18
    place = (torch.arange(size) + 0.5) / size
    x = ((place - centre_x) / radius_x).abs()[None, :]
    y = ((place - centre_y) / radius_y).abs()[:, None]
    radius = (x**2.5 + y**2.5) ** (1 / 2.5)
    ramp = ((1 - radius) / soft).clamp(0, 1)
    return (ramp * ramp * (3 - 2 * ramp))[None, None]


def _norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(8, width)


def _repeat(values: Tensor, frames: int) -> Tensor:
    """Each group's values once for each of its frames: `(G, ...)` to `(G * T, ...)`."""
    return values if frames == 1 else values.repeat_interleave(frames, 0)
