"""Passes over numbers in machine code, compiled when first used."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from numba import njit

Pass = TypeVar("Pass", bound=Callable[..., Any])


def compiled(function: Pass) -> Pass:
    """The function in machine code, kept beside its source or in the user's cache if either can be written.

    It lets go of Python's lock. What is divided by 0 is infinite: a look for that keeps loops from being vectors.
    """
    jit: Any = partial(njit, nogil=True, error_model="numpy", fastmath={"contract", "nnan", "nsz"})
    try:
        made: Pass = jit(function, cache=True)
    except RuntimeError:  # numba: no place to keep it; it is compiled anew in each process, in a second
        made = jit(function)
    return made


def inlined(function: Pass) -> Pass:
    """A part of such passes, which is written into them where they call it."""
    jit: Any = njit(inline="always")
    made: Pass = jit(function)
    return made
