"""Batches of face training: windows of latent, hidden-mouth targets and references of the same person."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch import Tensor

from codub.errors import CodubError
from codub.latent import LatentSpace, SpeechLatent
from codub.timing import frame_times
from codub.training.face_clips import WIDE, FaceClip
from codub.training.grid import PICTURE_RATE

FloatArray = NDArray[np.float32]

_RATE = Fraction(PICTURE_RATE)


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
    shift: float = 0.02  # of the crop's side, standard deviation
    turn: float = 2.0  # degrees, standard deviation
    scale: float = 0.03  # standard deviation
    colour: float = 0.1  # standard deviation of gain and gamma, in ln
    blur: float = 0.2  # share of groups that are blurred
    latent_noise: float = 0.05  # of each channel's standard deviation
    latent_jitter: float = 0.006  # seconds, standard deviation


@dataclass(frozen=True)
class Batch:
    """Tensors of G groups of T frames: pictures RGB 0..1.

    windows `(G, T, C, window)`, target `(G, T, 3, S, S)`, references `(G, K, 3, S, S)`, opening `(G, T)` of the true
    mouths, over the distance of the eyes.
    """

    windows: Tensor
    target: Tensor
    references: Tensor
    opening: Tensor


class FaceSampler:
    """Draws batches; batch number i is the same whenever it is drawn, so that a resumed run goes on unchanged."""

    def __init__(
        self,
        clips: Sequence[FaceClip],
        latents: Mapping[str, Mapping[str, FloatArray]],
        space: LatentSpace,
        *,
        size: int,
        window: int,
        config: SamplingConfig,
        seed: int,
        silence: FloatArray | None = None,
    ) -> None:
        """`latents` holds features by kind ("sound", "text") and film name; a film needs one kind at least.

        `silence` `(C,)` is what the TTV gives where nothing is said: people part their lips before they speak, but
        the mouth that stands between two lines shall be shut.
        """
        self._silence = silence
        self._real = _by_person([clip for clip in clips if clip.name == clip.source])
        self._made_up = [clip for clip in clips if clip.name != clip.source]
        self._latents = {
            kind: {name: as_latent(space, features) for name, features in held.items()}
            for kind, held in latents.items()
        }
        self._size, self._window, self._config, self._seed = size, window, config, seed
        if not self._real:
            raise CodubError("There are no clips of real people to train on.")
        # Tempered: a person with many clips is drawn more often, but far less than in proportion.
        weights = np.array([len(own) ** 0.35 for own in self._real.values()])
        self._people = list(self._real)
        self._weights = weights / weights.sum()
        self._noise = {kind: _deviation(held) for kind, held in self._latents.items()}

    def with_config(self, config: SamplingConfig) -> "FaceSampler":
        """The same data drawn in another way."""
        other = copy.copy(self)
        other._config = config
        return other

    def batch(self, number: int) -> Batch:
        """Batch `number` of this seed."""
        rng = np.random.default_rng([self._seed, number])
        groups = [self._group(rng) for _ in range(self._config.groups)]
        windows, target, references, opening = (np.stack(parts) for parts in zip(*groups, strict=True))
        return Batch(
            torch.from_numpy(windows),
            torch.from_numpy(target).permute(0, 1, 4, 2, 3).contiguous(),
            torch.from_numpy(references).permute(0, 1, 4, 2, 3).contiguous(),
            torch.from_numpy(opening),
        )

    def _group(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        config = self._config
        clip = self._draw_clip(rng)
        silent = self._silence is not None and rng.random() < config.silent_share
        frames = self._draw_shut(clip, rng) if silent else self._draw_frames(clip, rng)
        chosen = draw_references(clip.opening, frames, rng)
        windows = self._silent_windows(rng) if silent else self._draw_windows(clip, frames, rng)
        flip = bool(rng.random() < 0.5)
        common = _draw_placement(config, rng, self._size, flip)
        tone = _Tone.draw(config, rng)
        target = [tone.of(_place(clip.crops[i], common, self._size)) for i in frames]
        # References lie a little differently: the mesh trembles, heads turn.
        own = [_nudge(common, config, rng) for _ in chosen]
        references = [tone.of(_place(clip.crops[i], p, self._size)) for i, p in zip(chosen, own, strict=True)]
        return windows, np.stack(target), np.stack(references), clip.opening[frames].astype(np.float32)

    def _draw_clip(self, rng: np.random.Generator) -> FaceClip:
        if self._made_up and rng.random() < self._config.made_up_share:
            return self._made_up[int(rng.integers(len(self._made_up)))]
        own = self._real[self._people[int(rng.choice(len(self._people), p=self._weights))]]
        return own[int(rng.integers(len(own)))]

    def _draw_frames(self, clip: FaceClip, rng: np.random.Generator) -> NDArray[np.int64]:
        count = min(self._config.frames, len(clip))
        if self._config.consecutive:
            return int(rng.integers(len(clip) - count + 1)) + np.arange(count)
        weights = np.ones(len(clip))
        weights[clip.opening > np.median(clip.opening)] *= 1 + 2 * self._config.open_share
        return np.asarray(rng.choice(len(clip), count, replace=False, p=weights / weights.sum()), np.int64)

    def _draw_shut(self, clip: FaceClip, rng: np.random.Generator) -> NDArray[np.int64]:
        count = min(self._config.frames, len(clip))
        order = np.argsort(clip.opening, kind="stable")[: max(count, len(clip) // 6)]
        return np.sort(rng.choice(order, count, replace=False))

    def _silent_windows(self, rng: np.random.Generator) -> FloatArray:
        assert self._silence is not None
        windows = np.broadcast_to(self._silence[:, None], (self._config.frames, len(self._silence), self._window))
        noise = rng.standard_normal(windows.shape, np.float32) * self._config.latent_noise
        return np.asarray(windows + noise * next(iter(self._noise.values()))[:, None], np.float32)

    def _draw_windows(self, clip: FaceClip, frames: NDArray[np.int64], rng: np.random.Generator) -> FloatArray:
        kind = "text" if rng.random() < self._config.text_share else "sound"
        held = self._latents.get(kind, {})
        if clip.source not in held:
            kind = "sound" if kind == "text" else "text"
            held = self._latents.get(kind, {})
        if clip.source not in held:
            raise CodubError(f"There is no latent of the film '{clip.source}'.", fix="Prepare the cache again.")
        times = np.array(frame_times(clip.first, len(clip), _RATE))[frames]
        times = times + rng.normal(0, self._config.latent_jitter)
        windows = held[clip.source].windows(times, self._window)
        noise = rng.standard_normal(windows.shape, np.float32) * self._config.latent_noise
        return np.asarray(windows + noise * self._noise[kind][:, None], np.float32)


def as_latent(space: LatentSpace, features: FloatArray) -> SpeechLatent:
    """Features with empty prosody: the face reads the features only."""
    prosody = np.zeros(int(features.shape[1] * space.f0_rate / space.rate), np.float32)
    return SpeechLatent(space, features, prosody, prosody, ())


def draw_references(opening: FloatArray, targets: NDArray[np.int64], rng: np.random.Generator) -> tuple[int, int, int]:
    """A closed, a wide open and an in-between frame, none of them a target, with some chance in the choice."""
    order = [int(i) for i in np.argsort(opening, kind="stable") if i not in set(targets.tolist())]
    if len(order) < 3:
        order = [int(i) for i in np.argsort(opening, kind="stable")]
    tenth = max(1, len(order) // 8)
    middle = len(order) // 2
    closed = order[int(rng.integers(tenth))]
    wide = order[len(order) - 1 - int(rng.integers(tenth))]
    between = order[int(np.clip(middle + rng.integers(-tenth, tenth + 1), 0, len(order) - 1))]
    return closed, wide, between


def pick_references(opening: FloatArray) -> tuple[int, int, int]:
    """The most closed, the widest open and the middle frame: what tests and inference take."""
    order = np.argsort(opening, kind="stable")
    return int(order[0]), int(order[-1]), int(order[len(order) // 2])


def statistics(latents: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation `(C,)` per channel over all vectors; the deviation is floored at a twentieth of the
    typical one, so that a channel that hardly moves is not blown up."""
    joined = np.concatenate(latents, 1)
    deviation = joined.std(1)
    floor = 0.05 * float(np.median(deviation)) + 1e-6
    return joined.mean(1).astype(np.float32), np.maximum(deviation, floor).astype(np.float32)


class _Tone:
    """One lighting for a whole group: gain per colour, gamma, and blur."""

    def __init__(self, gain: FloatArray, gamma: float, blur: float) -> None:
        self._gain, self._gamma, self._blur = gain, gamma, blur

    @staticmethod
    def draw(config: SamplingConfig, rng: np.random.Generator) -> "_Tone":
        gain = np.exp(rng.normal(0, config.colour, 3) + rng.normal(0, config.colour)).astype(np.float32)
        blur = float(rng.uniform(0.4, 1.0)) if rng.random() < config.blur else 0.0
        return _Tone(gain, float(np.exp(rng.normal(0, config.colour))), blur)

    def of(self, crop: NDArray[np.uint8]) -> FloatArray:
        picture = crop.astype(np.float32) / 255
        if self._blur:
            picture = gaussian_filter(picture, (self._blur, self._blur, 0))
        return np.clip(np.clip(picture * self._gain, 0, 1) ** self._gamma, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class _Placement:
    """Where the window lies on the kept crop: shift in crop sides, angle in degrees, scale, mirrored or not."""

    x: float
    y: float
    angle: float
    scale: float
    flip: bool


def _draw_placement(config: SamplingConfig, rng: np.random.Generator, size: int, flip: bool) -> _Placement:
    shift = np.clip(rng.normal(0, config.shift, 2), -0.05, 0.05)
    angle = float(np.clip(rng.normal(0, config.turn), -5, 5))
    scale = float(np.clip(1 + rng.normal(0, config.scale), 0.92, 1.08))
    return _Placement(float(shift[0]), float(shift[1]), angle, scale, flip)


def _nudge(placement: _Placement, config: SamplingConfig, rng: np.random.Generator) -> _Placement:
    shift = rng.normal(0, config.shift / 4, 2)
    angle = placement.angle + float(rng.normal(0, config.turn / 4))
    scale = placement.scale * (1 + float(rng.normal(0, config.scale / 6)))
    return _Placement(placement.x + float(shift[0]), placement.y + float(shift[1]), angle, scale, placement.flip)


def _place(crop: NDArray[np.uint8], placement: _Placement, size: int) -> NDArray[np.uint8]:
    """The window of `size` pixels at that place of the kept crop."""
    wide = crop.shape[0]
    step = wide / WIDE / size * placement.scale  # kept pixels per window pixel
    turn = np.deg2rad(placement.angle)
    linear = step * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
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


def whole_clip(
    clip: FaceClip, features: FloatArray, space: LatentSpace, *, size: int, window: int, every: int = 1
) -> Batch:
    """One group: every `every`th frame that is no reference, undisturbed, with the references of inference."""
    chosen = pick_references(clip.opening)
    frames = [i for i in range(0, len(clip), every) if i not in chosen]
    times = np.array(frame_times(clip.first, len(clip), _RATE))[frames]
    windows = as_latent(space, features).windows(times, window)
    target, references = (
        torch.from_numpy(np.stack([window_of(clip.crops[i], size) for i in those])).permute(0, 3, 1, 2).float() / 255
        for those in (frames, chosen)
    )
    opening = torch.from_numpy(clip.opening[frames].astype(np.float32))
    return Batch(torch.from_numpy(windows)[None], target[None], references[None], opening[None])


def window_of(crop: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The lower-face window itself, cut out of a kept crop."""
    return _place(crop, _Placement(0, 0, 0, 1, False), size)


def _by_person(clips: Sequence[FaceClip]) -> dict[str, list[FaceClip]]:
    people: dict[str, list[FaceClip]] = defaultdict(list)
    for clip in clips:
        people[clip.person].append(clip)
    return dict(people)


def _deviation(held: Mapping[str, SpeechLatent]) -> FloatArray:
    return statistics([latent.features for latent in held.values()])[1] if held else np.zeros(1, np.float32)
