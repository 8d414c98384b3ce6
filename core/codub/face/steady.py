"""Where the eyes are, without the jitter of single frames and without lag.

A whole track is at hand, so every filter looks as far ahead as back. Each frame's head is placed by all its stable
points together, then the four numbers of that placement are smoothed: strongly where the head rests, hardly where
it moves, because a crop that trails the head shows at once.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from codub.face.spool import parts

Array = NDArray[np.float64]

REST_WINDOW, REST_ORDER = 15, 1  # frames and polynomial order of the filter of a resting head
MOVE_WINDOW, MOVE_ORDER = 7, 2
# A filter's result is left for a lighter one where the two differ by more than this many times the noise.
TRUST_FROM, TRUST_UNTIL = 0.8, 1.6
AT_ONCE = 5_000  # points of outlines smoothed together: a long track's temporaries stay small
OUTLINE_NOISE = 0.002  # of the crop's side; what the mesh cannot tell anyway
FORESHORTENED_FROM = 10.0  # degrees of yaw; the eyes' distance shrinks as if the head had only turned what is beyond


def steady_eyes(
    stable: NDArray[np.floating], eyes: Array, found: NDArray[np.bool_], yaws: NDArray[np.float32]
) -> Array:
    """Eye centres (N, 2, 2) of a track.

    stable (N, Q, 2) and eyes (N, 2, 2) in plate pixels; where `found` (N,) is false they are not looked at and the
    frames between are filled in. The distance of the eyes is that of the frontal head, as far as `yaws` tell.
    """
    shape = _shape(stable[found], eyes[found])
    turn, place = _fit(shape, stable)
    times = np.arange(len(stable), dtype=float)
    known = times[found]
    yaw = smooth(np.interp(times, known, yaws[found].astype(np.float64)), least_noise=1.0)
    beyond = np.radians(np.clip(np.abs(yaw) - FORESHORTENED_FROM, 0, 45))
    size = np.log(np.abs(turn[found])) - np.log(np.cos(beyond[found]))
    angle = np.unwrap(np.angle(turn[found]))
    scale = float(np.exp(np.median(size)))  # plate pixels between the eyes: the unit of errors that can be seen
    size, angle, x, y = (
        smooth(np.interp(times, known, values), least_noise=noise)
        for values, noise in (
            (size, 0.02 / scale),
            (angle, 0.02 / scale),
            (place.real[found], 0.02),
            (place.imag[found], 0.02),
        )
    )
    half = 0.5 * np.exp(size + 1j * angle)
    middle = x + 1j * y
    both = np.stack([middle - half, middle + half], axis=1)
    return np.stack([both.real, both.imag], axis=2)


def steady_outlines(outlines: NDArray[np.floating], transforms: Array) -> NDArray[np.float32]:
    """Outlines (N, R, 2) in plate pixels without the jitter of single frames: smoothed as they lie in the steady crop
    of each frame (`transforms` (N, 2, 3)), where only the jaw moves."""
    linear, offset = transforms[:, :, :2], transforms[:, None, :, 2]
    back = np.linalg.inv(linear)
    steady = np.empty(outlines.shape, np.float32)
    together = max(1, AT_ONCE // len(outlines))
    for first in range(0, outlines.shape[1], together):
        some = slice(first, first + together)
        local = np.einsum("nij,nrj->nri", linear, outlines[:, some].astype(np.float64)) + offset
        calm = smooth(local.reshape(len(local), -1), least_noise=OUTLINE_NOISE).reshape(local.shape)
        steady[:, some] = np.einsum("nij,nrj->nri", back, calm - offset)
    return steady


def smooth(values: Array, *, least_noise: float) -> Array:
    """`values` (N, ...), one of N frames each, without noise: zero phase, a straight line stays one, fast moves stay
    as they are.

    The noise of each column is measured by third differences, which see little of a head's motion; `least_noise` is
    its floor.
    """
    count = len(values)
    if count < 4:
        return np.where(np.ptp(values, axis=0) <= least_noise, values.mean(axis=0), values)
    third = np.diff(values, 3, axis=0)
    noise = np.maximum(least_noise, 1.4826 * np.median(np.abs(third), axis=0) / np.sqrt(20))
    moving = _filter(values, MOVE_WINDOW, MOVE_ORDER)
    resting = _filter(values, REST_WINDOW, REST_ORDER)
    # Residues of the light filter are as large as the noise itself; those between the filters about half of it.
    gentle = _mix(values, moving, noise * 2.5)
    return _mix(gentle, resting, noise * 0.8)


def _mix(light: Array, strong: Array, unit: Array) -> Array:
    """`strong` where it agrees with `light` within the noise, `light` where it does not."""
    difference = _filter(np.abs(light - strong), 5, 0) / unit
    doubt = np.clip((difference - TRUST_FROM) / (TRUST_UNTIL - TRUST_FROM), 0, 1)
    return np.asarray(strong + doubt * (light - strong))


def _filter(values: Array, window: int, order: int) -> Array:
    window = min(window, len(values) - 1 + len(values) % 2)
    if window <= order:
        return values
    result: Array = savgol_filter(values, window, order, axis=0, mode="interp")
    return result


def _shape(stable: NDArray[np.floating], eyes: Array) -> NDArray[np.complex128]:
    """The median head (Q,) in its own coordinates: the eyes at -0.5 and 0.5."""
    first, second = _complex(eyes[:, 0]), _complex(eyes[:, 1])
    middle, across = (first + second) / 2, second - first
    local = ((_complex(stable[:, point]) - middle) / across for point in range(stable.shape[1]))
    return np.array([np.median(point.real) + 1j * np.median(point.imag) for point in local])


def _fit(
    shape: NDArray[np.complex128], stable: NDArray[np.floating]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Least-squares similarity per frame, shape to plate: factor (N,) and offset (N,)."""
    centre = shape.mean()
    spread = shape - centre
    turn, mean = np.empty((2, len(stable)), np.complex128)
    for part in parts(len(stable)):
        points = _complex(stable[part])
        mean[part] = points.mean(1)
        turn[part] = ((points - mean[part, None]) * spread.conj()).sum(1) / (np.abs(spread) ** 2).sum()
    return turn, mean - turn * centre


def _complex(points: NDArray[np.floating]) -> NDArray[np.complex128]:
    return np.asarray(points[..., 0] + 1j * points[..., 1].astype(np.float64))
