"""Monotone rational-quadratic splines with linear tails (Durkan, Bekasov, Murray, Papamakarios 2019)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

BINS = 10
PARAMETERS = 3 * BINS - 1  # of one value: widths, heights, derivatives at the inner knots
BOUND = 5.0  # outside [-5, 5] the spline is the identity
LEAST = 1e-3  # width, height and derivative
EDGE = math.log(math.expm1(1 - LEAST))  # softplus(EDGE) + LEAST = 1: the slope of the tails


@dataclass(frozen=True)
class _Piece:
    """The bin of each value: where it begins and ends in x and y, and the slopes there."""

    x: Tensor
    width: Tensor
    y: Tensor
    height: Tensor
    slope: Tensor
    slope_after: Tensor


def spline(values: Tensor, parameters: Tensor, temper: float = 1.0, *, inverse: bool = False) -> tuple[Tensor, Tensor]:
    """The transformed values and the logarithm of the slope there, both of the shape of `values`.

    `parameters` has one more dimension of 29: logits of ten widths and ten heights, which `temper` multiplies, and
    nine unnormalised derivatives. `inverse` undoes the other direction; its log-slope is that of the inverse.
    """
    inside = (values >= -BOUND) & (values <= BOUND)
    bounded = values.clamp(-BOUND, BOUND)
    widths, heights = parameters[..., :BINS] * temper, parameters[..., BINS : 2 * BINS] * temper
    slopes = LEAST + functional.softplus(functional.pad(parameters[..., 2 * BINS :], (1, 1), value=EDGE))
    piece = _piece(bounded, _knots(widths), _knots(heights), slopes, inverse)
    moved, log_slope = _backward(bounded, piece) if inverse else _forward(bounded, piece)
    return torch.where(inside, moved, values), torch.where(inside, log_slope, torch.zeros_like(log_slope))


def _knots(unnormalised: Tensor) -> Tensor:
    """Eleven increasing places from -5 to 5."""
    shares = LEAST + (1 - LEAST * BINS) * functional.softmax(unnormalised, dim=-1)
    inner = 2 * BOUND * shares.cumsum(dim=-1)[..., :-1] - BOUND
    return functional.pad(functional.pad(inner, (1, 0), value=-BOUND), (0, 1), value=BOUND)


def _piece(values: Tensor, x: Tensor, y: Tensor, slopes: Tensor, inverse: bool) -> _Piece:
    knots = (y if inverse else x)[..., 1:-1].contiguous()
    index = torch.searchsorted(knots, values[..., None].contiguous(), right=True)

    def at(places: Tensor, offset: int = 0) -> Tensor:
        return places.gather(-1, index + offset)[..., 0]

    left, bottom = at(x), at(y)
    return _Piece(left, at(x, 1) - left, bottom, at(y, 1) - bottom, at(slopes), at(slopes, 1))


def _forward(values: Tensor, piece: _Piece) -> tuple[Tensor, Tensor]:
    # Equations 4 and 5.
    part = (values - piece.x) / piece.width
    steep = piece.height / piece.width
    mixed = part * (1 - part)
    bend = piece.slope + piece.slope_after - 2 * steep
    below = steep + bend * mixed
    moved = piece.y + piece.height * (steep * part.square() + piece.slope * mixed) / below
    return moved, _log_slope(piece, part, steep, mixed, below)


def _backward(values: Tensor, piece: _Piece) -> tuple[Tensor, Tensor]:
    # Equations 6 to 8: the root of a quadratic, in the form that does not cancel.
    above = values - piece.y
    steep = piece.height / piece.width
    bend = piece.slope + piece.slope_after - 2 * steep
    a = piece.height * (steep - piece.slope) + above * bend
    b = piece.height * piece.slope - above * bend
    c = -steep * above
    part = 2 * c / (-b - (b.square() - 4 * a * c).clamp_min(0).sqrt())
    mixed = part * (1 - part)
    return piece.x + part * piece.width, -_log_slope(piece, part, steep, mixed, steep + bend * mixed)


def _log_slope(piece: _Piece, part: Tensor, steep: Tensor, mixed: Tensor, below: Tensor) -> Tensor:
    ends = piece.slope_after * part.square() + 2 * steep * mixed + piece.slope * (1 - part).square()
    return (steep.square() * ends).log() - 2 * below.log()
