"""How batches are drawn, and how a crop is disturbed: where its window lies on the kept crop, and in what light."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from codub.training.face_clips import WIDE

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class SamplingConfig:
    """How batches are drawn. A group is `frames` frames of one clip with the same references."""

    groups: int = 4
    frames: int = 5
    consecutive: bool = False  # frames in a row, 1/25 s apart, as the discriminator and the sync expert want them
    made_up_share: float = 0.5  # of the groups
    text_share: float = 0.0  # of the groups that are driven by the text's latent, not by the sound's
    silent_share: float = 0.1  # of the groups: nothing but the TTV's silence, and the film's most closed frames
    open_share: float = 0.3  # of the single frames drawn among the wider open half
    open_references: bool = False  # references are any frames but the shut ones, not one of each kind of mouth
    few_references: float = 0.0  # share of the groups in which some kinds of mouth are missing; others serve for them
    shift: float = 0.02  # of the crop's side, standard deviation
    turn: float = 2.0  # degrees, standard deviation
    scale: float = 0.03  # standard deviation
    aspect: float = 0.03  # standard deviation of width over height, in ln: faces are longer and broader
    colour: float = 0.1  # standard deviation of gain and gamma, in ln
    blur: float = 0.2  # share of groups that are blurred
    latent_noise: float = 0.05  # of each channel's standard deviation
    latent_jitter: float = 0.006  # seconds, standard deviation


class Tone:
    """One lighting for a whole group: gain per colour, gamma, and blur."""

    def __init__(self, gain: FloatArray, gamma: float, blur: float) -> None:
        self._gain, self._gamma, self._blur = gain, gamma, blur

    @staticmethod
    def draw(config: SamplingConfig, rng: np.random.Generator) -> "Tone":
        """A lighting by chance."""
        gain = np.exp(rng.normal(0, config.colour, 3) + rng.normal(0, config.colour)).astype(np.float32)
        blur = float(rng.uniform(0.4, 1.0)) if rng.random() < config.blur else 0.0
        return Tone(gain, float(np.exp(rng.normal(0, config.colour))), blur)

    def of(self, crop: NDArray[np.uint8]) -> FloatArray:
        """The crop in this light, 0..1."""
        picture = crop.astype(np.float32) / 255
        if self._blur:
            picture = gaussian_filter(picture, (self._blur, self._blur, 0))
        return np.clip(np.clip(picture * self._gain, 0, 1) ** self._gamma, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class Placement:
    """Where the window lies on the kept crop: shift in crop sides, angle in degrees, scale, mirrored or not.

    `aspect` stretches the face's width over its height.
    """

    x: float
    y: float
    angle: float
    scale: float
    flip: bool
    aspect: float = 1.0


def draw_placement(config: SamplingConfig, rng: np.random.Generator, flip: bool) -> Placement:
    """A place by chance."""
    shift = np.clip(rng.normal(0, config.shift, 2), -0.05, 0.05)
    angle = float(np.clip(rng.normal(0, config.turn), -5, 5))
    scale = float(np.clip(1 + rng.normal(0, config.scale), 0.92, 1.08))
    aspect = float(np.exp(np.clip(rng.normal(0, config.aspect), -0.08, 0.08)))
    return Placement(float(shift[0]), float(shift[1]), angle, scale, flip, aspect)


def nudge(placement: Placement, config: SamplingConfig, rng: np.random.Generator) -> Placement:
    """A place near another, as the mesh of another frame would have it: the nose's base wanders 0.14 pixels of 80."""
    shift = rng.normal(0, config.shift / 10, 2)
    angle = placement.angle + float(rng.normal(0, config.turn / 6))
    scale = placement.scale * (1 + float(rng.normal(0, config.scale / 8)))
    x, y = placement.x + float(shift[0]), placement.y + float(shift[1])
    return replace(placement, x=x, y=y, angle=angle, scale=scale)


def place(crop: NDArray[np.uint8], placement: Placement, size: int) -> NDArray[np.uint8]:
    """The window of `size` pixels at that place of the kept crop."""
    wide = crop.shape[0]
    step = wide / WIDE / size * placement.scale  # kept pixels per window pixel
    turn = np.deg2rad(placement.angle)
    linear = step * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = linear @ np.diag([placement.aspect**-0.5, placement.aspect**0.5])
    if placement.flip:
        linear[:, 0] *= -1
    middle = wide / 2 - 0.5 + np.array([placement.x, placement.y]) * wide / WIDE
    offset = middle - linear @ np.full(2, size / 2 - 0.5)
    matrix = np.concatenate([linear, offset[:, None]], 1)
    # Pillow counts from pixel edges, the matrix from pixel centres.
    matrix[:, 2] += 0.5 - linear @ np.full(2, 0.5)
    data = tuple(float(v) for v in matrix.ravel())
    image = Image.fromarray(crop)
    placed = image.transform((size, size), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
    return np.asarray(placed, np.uint8)


def window_of(crop: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The lower-face window itself, cut out of a kept crop."""
    return place(crop, Placement(0, 0, 0, 1, False), size)
