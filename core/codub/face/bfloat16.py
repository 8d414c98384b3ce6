"""Numbers in bfloat16 and powers of two inside compiled passes, by their bits."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from codub.compiled import inlined

Brains = NDArray[np.uint16]
"""bfloat16: the upper half of a float32."""

HALF = np.float32(0.5)
FURTHEST = np.float32(60)  # of powers of two: further out a sigmoid is 0 or 1
# 2 ** f is near this polynomial for f from -0.5 to 0.5, to 3e-6 of it.
POWERS = tuple(np.float32(np.log(2) ** n / np.prod(np.arange(1.0, n + 1))) for n in range(6))


@inlined
def power_of_two(power: np.float32) -> np.float32:
    """`2 ** power`, of powers between -60 and 60; those beyond count as these."""
    kept = min(max(power, -FURTHEST), FURTHEST)
    whole = np.floor(kept + HALF)
    f = kept - whole
    fraction = POWERS[0] + f * (POWERS[1] + f * (POWERS[2] + f * (POWERS[3] + f * (POWERS[4] + f * POWERS[5]))))
    result: np.float32 = fraction * _two_to(whole)
    return result


def _widened(_context: Any, value: Any) -> Any:
    """A bfloat16's float32."""

    def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = builder.shl(builder.zext(arguments[0], ir.IntType(32)), ir.IntType(32)(16))
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(types.uint16), code


def _narrowed(_context: Any, value: Any) -> Any:
    """The bfloat16 that is nearest to a float32, the even one of two; of no infinity."""

    def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        whole = ir.IntType(32)
        bits = builder.bitcast(arguments[0], whole)
        even = builder.and_(builder.lshr(bits, whole(16)), whole(1))
        rounded = builder.add(bits, builder.add(even, whole(0x7FFF)))
        return builder.trunc(builder.lshr(rounded, whole(16)), ir.IntType(16))

    return types.uint16(types.float32), code


def _two_to_whole(_context: Any, whole: Any) -> Any:
    """Two to a whole power, given as a float32."""

    def code(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        exponent = builder.add(builder.fptosi(arguments[0], ir.IntType(32)), ir.IntType(32)(127))
        return builder.bitcast(builder.shl(exponent, ir.IntType(32)(23)), ir.FloatType())

    return types.float32(types.float32), code


widened: Any = intrinsic(_widened)
narrowed: Any = intrinsic(_narrowed)
_two_to: Any = intrinsic(_two_to_whole)
