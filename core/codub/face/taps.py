"""How a pass looks up a colour between the pixels of a picture: weights of the pixels round a place, and their sum.

numba makes a load, a conversion and a product of every single value; told so, the processor takes a row's at once,
which is two and a half times as fast.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from codub.compiled import compiled, inlined

A = np.float32(-0.75)  # of cubic weights: torch's and OpenCV's
LEAST, MOST = np.float32(0), np.float32(255)  # levels
ONE, TWO, THREE, FOUR, FIVE, EIGHT = (np.float32(v) for v in (1, 2, 3, 4, 5, 8))

Weights = tuple[np.float32, ...]
Colour = tuple[np.float32, np.float32, np.float32]


@inlined
def cubic(past: np.float32) -> Weights:
    """Weights of four pixels for a place that lies so far past the second, in 0..1."""
    before, left, beyond = ONE + past, ONE - past, TWO - past
    return (
        ((A * before - FIVE * A) * before + EIGHT * A) * before - FOUR * A,
        ((A + TWO) * past - (A + THREE)) * past * past + ONE,
        ((A + TWO) * left - (A + THREE)) * left * left + ONE,
        ((A * beyond - FIVE * A) * beyond + EIGHT * A) * beyond - FOUR * A,
    )


@inlined
def colour_at(flat: NDArray[Any], height: int, width: int, x: float, y: float) -> Colour:
    """Bicubic colour of a picture (H, W, 3), as one line of numbers, at a place; pixels' centres are at + 0.

    Beyond its edge that repeats.
    """
    left, top = math.floor(x), math.floor(y)
    across, down = cubic(np.float32(x - left)), cubic(np.float32(y - top))
    column, row = int(left) - 1, int(top) - 1
    first = (row * width + column) * 3
    # Four rows; of the last one a pixel more.
    if column >= 0 and row >= 0 and column + 4 <= width and first + 9 * width + 15 < 3 * height * width:
        colour: Colour = weighed(flat, first, 3 * width, across, down)
    else:
        colour = _at_the_edge(flat, (height, width), (column, row), across, down)
    return colour


@inlined
def straight_at(flat: NDArray[Any], height: int, width: int, x: float, y: float) -> Colour:
    """`colour_at`, straight between four pixels."""
    left, top = math.floor(x), math.floor(y)
    past, below = np.float32(x - left), np.float32(y - top)
    column, row = int(left), int(top)
    first = (row * width + column) * 3
    if column >= 0 and row >= 0 and column + 2 <= width and first + 3 * width + 7 < 3 * height * width:
        colour: Colour = weighed(flat, first, 3 * width, (ONE - past, past), (ONE - below, below))
    else:
        across, down = (LEAST, ONE - past, past, LEAST), (LEAST, ONE - below, below, LEAST)
        colour = _at_the_edge(flat, (height, width), (column - 1, row - 1), across, down)
    return colour


@compiled
def _at_the_edge(
    flat: NDArray[Any], size: tuple[int, int], first: tuple[int, int], across: Weights, down: Weights
) -> Colour:
    red = green = blue = np.float32(0)
    for j in range(4):
        for i in range(4):
            row, column = min(max(first[1] + j, 0), size[0] - 1), min(max(first[0] + i, 0), size[1] - 1)
            place, weight = 3 * (row * size[1] + column), across[i] * down[j]
            red += weight * np.float32(flat[place])
            green += weight * np.float32(flat[place + 1])
            blue += weight * np.float32(flat[place + 2])
    return red, green, blue


def _weighed(_context: Any, flat: Any, place: Any, row: Any, across: Any, down: Any) -> Any:
    """Colour (R, G, B) that n x n pixels make, each by its weights `across` and `down`, both tuples of n: 2 or 4.

    `flat` is a picture (H, W, 3) as one line of numbers, in which the first pixel begins at `place`, and the next row
    `row` further. 4 n numbers of every row are loaded, one pixel more than counts: they must be there.
    """
    several: Any = types.UniTuple
    signature = several(types.float32, 3)(flat, types.intp, types.intp, across, down)
    count, signed = len(across), getattr(flat.dtype, "signed", True)
    lanes = 4 * count

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, at, stride, horizontal, vertical = arguments
        first = context.make_array(signature.args[0])(context, builder, array).data
        number = first.type.pointee
        rows = []
        for turn in range(count):
            start = builder.add(at, builder.mul(stride, ir.IntType(64)(turn)))
            found = builder.bitcast(builder.gep(first, [start]), ir.VectorType(number, lanes).as_pointer())
            numbers = builder.load(found, align=1)
            if isinstance(number, ir.IntType):
                kind = ir.VectorType(ir.FloatType(), lanes)
                numbers = builder.sitofp(numbers, kind) if signed else builder.uitofp(numbers, kind)
            rows.append(numbers)
        mixed = _mixed(builder, rows, vertical)
        pixels = [_picked(builder, mixed, [3 * turn + channel for channel in range(4)]) for turn in range(count)]
        colour = _mixed(builder, pixels, horizontal)
        channels = [builder.extract_element(colour, ir.IntType(32)(channel)) for channel in range(3)]
        return context.make_tuple(builder, signature.return_type, channels)

    return signature, code


weighed: Any = intrinsic(_weighed)


def _mixed(builder: Any, vectors: list[Any], weights: Any) -> Any:
    """The vectors' sum, each times its weight of a tuple."""
    kind, total = vectors[0].type, None
    for turn, vector in enumerate(vectors):
        first = builder.insert_element(ir.Constant(kind, None), builder.extract_value(weights, turn), ir.IntType(32)(0))
        part = builder.fmul(vector, _picked(builder, first, [0] * kind.count), flags=["contract"])
        total = part if total is None else builder.fadd(total, part, flags=["contract"])
    return total


def _picked(builder: Any, vector: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))
