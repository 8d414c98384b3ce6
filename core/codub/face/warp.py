"""A mouth motion applied to pictures of any resolution: flow, blend and mask are smooth, so HD stays HD."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter
from torch import Tensor
from torch.nn import functional

from codub.face.model import FloatArray, MouthMotion, Pictures

LEAST_SHARE = 1 / 512  # a reference with no larger share anywhere is left out: half a level
STRIP = 10_000  # places worked out together: what they need stays in the processor's cache
# Sampling between two pixels blurs; between coefficients that lie so far aside it does not, at the same cost (Blu,
# Thevenaz and Unser 2004): 56 to 58 dB to bicubic sampling, which looks at 16 pixels, and a little sharper.
ASIDE = 0.21  # of a pixel


def warp(references: Tensor, flow: Tensor, *, bicubic: bool = False) -> Tensor:
    """References `(B, K, 3, H, W)` moved by flow `(B, K, 2, h, w)`; the flow is enlarged to the pictures' size.

    Flow is in units of the picture's side; beyond the edge the edge's colour repeats.
    """
    batch, count, _, height, width = references.shape
    flat = flow.reshape(batch * count, 2, *flow.shape[-2:])
    offset = enlarge(flat, height, width).permute(0, 2, 3, 1)
    # grid_sample counts -1..1 over the whole picture, so one side is 2 of its units.
    grid = _places(height, width, references) + 2 * offset
    moved = _sampled(references.reshape(batch * count, 3, height, width), grid, bicubic=bicubic)
    return moved.reshape(batch, count, 3, height, width)


def compose(references: Tensor, flow: Tensor, blend: Tensor, colour: Tensor, *, bicubic: bool = False) -> Tensor:
    """The generated crop `(B, 3, H, W)`: moved references and colour, mixed by `blend` `(B, K + 1, h, w)`."""
    height, width = references.shape[-2:]
    moved = warp(references, flow, bicubic=bicubic)
    shares = enlarge(blend, height, width).unsqueeze(2)
    return (moved * shares[:, :-1]).sum(1) + enlarge(colour, height, width, bicubic=bicubic) * shares[:, -1]


def enlarge(values: Tensor, height: int, width: int, *, bicubic: bool = False) -> Tensor:
    """Smooth maps `(B, C, h, w)` at another resolution, bilinearly; painted colours are pictures: bicubically."""
    if values.shape[-2:] == (height, width):
        return values
    return functional.interpolate(
        values, size=(height, width), mode="bicubic" if bicubic else "bilinear", align_corners=False
    )


def enlarge_mask(mask: FloatArray, size: int) -> FloatArray:
    """A motion's mask `(h, w)` for crops of `size` pixels."""
    return np.asarray(enlarge(torch.from_numpy(mask)[None, None], size, size)[0, 0].numpy(), np.float32)


class MovedReferences:
    """One person's references `(K, S, S, 3)` RGB uint8 made ready once, to be moved frame by frame.

    What `compose` gives, worked out where the mask shows it only.
    """

    def __init__(self, references: Pictures) -> None:
        self._size = references.shape[1]
        self._pictures = torch.from_numpy(_coefficients(references)).permute(0, 3, 1, 2).contiguous()
        self._mask: FloatArray | None = None
        self._strips: list[_Strip] = []

    def laid(self, motion: MouthMotion, target: Pictures, *, whole: bool = False) -> Pictures:
        """One generated crop `(S, S, 3)` RGB uint8: `target` outside the mask, the moving mouth inside.

        `motion` holds one frame; `target` is a crop of the references' size. Where the mask is 0 the target's values
        come back unchanged; `whole`: everywhere else it does not show through at all.
        """
        with torch.inference_mode():
            self._take_mask(motion.mask)
            flow, blend, colour = (torch.from_numpy(v[0]) for v in (motion.flow, motion.blend, motion.colour))
            # Rows first: a strip's are products with a matrix.
            maps = torch.cat([2 * flow.flatten(0, 1), blend]).transpose(0, 1).flatten(1)
            painted = (255 * colour).transpose(0, 1).flatten(1)
            counted = (blend[:-1].amax((1, 2)) >= LEAST_SHARE).nonzero()[:, 0].tolist()
            result = torch.from_numpy(np.array(target))
            for strip in self._strips:
                made = self._made(strip, maps, painted, counted)
                before = result[strip.part]
                if not whole:
                    made = before + strip.shares * (made - before)
                made = made.round_().clamp_(0, 255).to(torch.uint8)
                result[strip.part] = torch.where(strip.shares > 0, made, before)
            return np.asarray(result.numpy())

    def _made(self, strip: "_Strip", maps: Tensor, painted: Tensor, counted: Sequence[int]) -> Tensor:
        """Colours `(h, w, 3)` of a strip's places: what is painted, and the references that count."""
        count, columns = len(self._pictures), strip.part[1]
        narrow = (strip.linear @ maps).view(len(strip.linear), 3 * count + 1, -1)
        large = functional.interpolate(narrow, size=self._size, mode="linear", align_corners=False)[..., columns]
        own = (strip.cubic @ painted).view(len(strip.cubic), 3, -1) @ strip.cubic_columns
        made: Tensor = (own * large[:, -1:]).transpose(0, 1)
        for number in counted:
            grid = (strip.places + large[:, 2 * number : 2 * number + 2]).transpose(1, 2)
            moved = _sampled(self._pictures[number, None], grid[None], bicubic=False)[0]
            made.addcmul_(moved, large[:, 2 * count + number])
        return made.permute(1, 2, 0)

    def _take_mask(self, mask: FloatArray) -> None:
        if self._mask is None or not np.array_equal(self._mask, mask):
            self._mask, self._strips = mask, _strips(mask, self._size)


@dataclass(frozen=True)
class _Strip:
    """Some rows of the mask's box in crops of S pixels: what takes maps of s pixels there.

    part           rows and columns of the crop, h and w of them
    shares         `(h, w, 1)`: the mask
    places         `(h, 2, w)`: where references are looked at, as `grid_sample` counts
    linear, cubic  `(h, s)`: rows of enlarged maps, and of enlarged pictures
    cubic_columns  `(s, w)`
    """

    part: tuple[slice, slice]
    shares: Tensor
    places: Tensor
    linear: Tensor
    cubic: Tensor
    cubic_columns: Tensor


def _strips(mask: FloatArray, size: int) -> list[_Strip]:
    shares = torch.from_numpy(enlarge_mask(mask, size))
    places = (_places(size, size, shares)[0] - 2 * ASIDE / size).transpose(1, 2)
    unit = torch.eye(len(mask))[None, None]
    linear, cubic = (enlarge(unit, size, len(mask), bicubic=bicubic)[0, 0] for bicubic in (False, True))
    rows, columns = (_span((shares > 0).any(axis)) for axis in (1, 0))
    height = max(1, STRIP // max(1, columns.stop - columns.start))
    strips = []
    for first in range(rows.start, rows.stop, height):
        down = slice(first, min(first + height, rows.stop))
        across = _span((shares[down] > 0).any(0))
        if across.stop:
            seen, placed = shares[down, across, None], places[down, :, across].contiguous()
            strips.append(_Strip((down, across), seen, placed, linear[down], cubic[down], cubic[across].T.contiguous()))
    return strips


def _span(shown: Tensor) -> slice:
    """From the first place to the last that is shown."""
    places = shown.nonzero()[:, 0].tolist()
    return slice(places[0], places[-1] + 1) if places else slice(0, 0)


def _coefficients(references: Pictures) -> FloatArray:
    """References `(K, S, S, 3)` such that a bilinear look, `ASIDE` pixels back, finds their own values at pixels."""
    values: NDArray[np.floating] = references.astype(np.float64)
    back = ASIDE / (1 - ASIDE)
    for axis in (1, 2):
        first = -back * np.take(values, [0], axis)  # before the picture its edge repeats
        values, _ = lfilter([1 + back], [1, back], values, axis, first)
    return values.astype(np.float32)


def apply(motion: MouthMotion, references: Pictures, target: Pictures) -> Pictures:
    """`MovedReferences.laid` of references `(K, S, S, 3)` that serve for one frame only."""
    return MovedReferences(references).laid(motion, target)


def _sampled(pictures: Tensor, grid: Tensor, *, bicubic: bool) -> Tensor:
    mode = "bicubic" if bicubic else "bilinear"
    return functional.grid_sample(pictures, grid, mode=mode, padding_mode="border", align_corners=False)


def _places(height: int, width: int, like: Tensor) -> Tensor:
    """Centres of the pixels, `(1, H, W, 2)` as (x, y) in -1..1."""
    y = (torch.arange(height, device=like.device, dtype=like.dtype) + 0.5) * (2 / height) - 1
    x = (torch.arange(width, device=like.device, dtype=like.dtype) + 0.5) * (2 / width) - 1
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1).unsqueeze(0)
