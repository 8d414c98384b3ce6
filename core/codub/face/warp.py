"""A mouth motion applied to pictures of any resolution: flow, blend and mask are smooth, so HD stays HD."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from codub.face.model import FloatArray, MouthMotion, Pictures

# A reference with a smaller share than this of a place is left out there, the others filling its place: of five, 2.7
# are left, and no sample changes by a level.
LEAST_SHARE = 1 / 512


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

    What `compose` gives, worked out where the mask shows it only, and without the references that hardly have a share.
    """

    def __init__(self, references: Pictures) -> None:
        self._size = references.shape[1]
        self._pictures = torch.from_numpy(references).permute(0, 3, 1, 2).float().contiguous()
        self._mask: FloatArray | None = None
        self._shown = self._shares = self._places = torch.empty(0)

    def laid(self, motion: MouthMotion, target: Pictures, *, whole: bool = False) -> Pictures:
        """One generated crop `(S, S, 3)` RGB uint8: `target` outside the mask, the moving mouth inside.

        `motion` holds one frame; `target` is a crop of the references' size. Where the mask is 0 the target's values
        come back unchanged; `whole`: everywhere else it does not show through at all.
        """
        with torch.inference_mode():
            self._take_mask(motion.mask)
            plate = torch.from_numpy(np.array(target)).view(-1, 3)
            made = self._made(motion).T
            if not whole:
                before = plate.index_select(0, self._shown).float()
                made = before + self._shares[:, None] * (made - before)
            plate.index_copy_(0, self._shown, made.round().clamp_(0, 255).to(torch.uint8))
            return np.asarray(plate.view(self._size, self._size, 3).numpy())

    def _made(self, motion: MouthMotion) -> Tensor:
        """Colours `(3, N)` of the places that are shown."""
        count = len(self._pictures)
        flow, blend, colour = (torch.from_numpy(v) for v in (motion.flow, motion.blend, motion.colour))
        maps = self._at_places(torch.cat([flow.flatten(1, 2), blend], 1))
        shares = maps[2 * count :]
        shares *= shares >= LEAST_SHARE
        shares /= shares.sum(0)
        grid = torch.add(self._places, maps[: 2 * count].view(count, 2, -1), alpha=2)
        made = torch.zeros(3, len(self._shown))
        _add(made, shares[count], colour * 255, self._places)
        for picture, share, places in zip(self._pictures, shares, grid, strict=False):
            _add(made, share, picture[None], places)
        return made

    def _at_places(self, maps: Tensor) -> Tensor:
        """Enlarged maps `(1, C, h, w)` at the places that are shown: `(C, N)`."""
        large = enlarge(maps.contiguous(memory_format=torch.channels_last), self._size, self._size)
        return large.permute(0, 2, 3, 1).reshape(-1, maps.shape[1]).index_select(0, self._shown).T.contiguous()

    def _take_mask(self, mask: FloatArray) -> None:
        if self._mask is None or not np.array_equal(self._mask, mask):
            shares = torch.from_numpy(enlarge_mask(mask, self._size)).reshape(-1)
            self._mask, self._shown = mask, shares.nonzero()[:, 0]
            self._shares = shares[self._shown]
            self._places = _places(self._size, self._size, shares).reshape(-1, 2)[self._shown].T.contiguous()


def _add(made: Tensor, share: Tensor, picture: Tensor, places: Tensor) -> None:
    """Add a picture `(1, 3, h, w)`, seen at places `(2, N)`, to the colours `(3, N)` where it has a share `(N,)`."""
    seen = share.nonzero()[:, 0]
    if len(seen):
        grid = places.index_select(1, seen).T[None, None]
        made.index_add_(1, seen, _sampled(picture, grid, bicubic=True)[0, :, 0] * share.index_select(0, seen))


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
