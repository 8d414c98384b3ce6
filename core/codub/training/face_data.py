"""Batches of face training: windows of latent, hidden-mouth targets and references of the same person."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.errors import CodubError
from codub.face.generator import GeneratorConfig
from codub.face.mouth_kinds import mouth_costs, pick_mouths
from codub.latent import LatentSpace, SpeechLatent
from codub.training.face_clips import FaceClip
from codub.training.face_mels import MEL, MEL_WINDOW
from codub.training.face_placing import SamplingConfig, Tone, draw_placement, nudge, place, window_of

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Tensors of G groups of T frames: pictures RGB 0..1.

    windows `(G, T, C, window)`, target `(G, T, 3, S, S)`, references `(G, K, 3, S, S)`, opening `(G, T)` of the true
    mouths, over the distance of the eyes, shutting `(G, T)` 1 where lips shut between two open mouths; mels
    `(G, T, 80, 20)` of the sound round each frame, or nothing.
    """

    windows: Tensor
    target: Tensor
    references: Tensor
    opening: Tensor
    shutting: Tensor
    mels: Tensor = field(default_factory=lambda: torch.empty(0))


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
        references: int = 3,
        config: SamplingConfig,
        seed: int,
        silence: FloatArray | None = None,
        mels: Mapping[str, FloatArray] | None = None,
    ) -> None:
        """`latents` holds features by kind ("sound", "text") and film name; a film needs one kind at least.

        `silence` `(C,)` is what the TTV gives where nothing is said: people part their lips before they speak, but
        the mouth that stands between two lines shall be shut. With `mels` by film name, batches have them.
        """
        self._silence = silence
        self._mels = {name: as_latent(MEL, mel) for name, mel in (mels or {}).items()}
        self._real = _by_person([clip for clip in clips if clip.name == clip.source])
        self._made_up = [clip for clip in clips if clip.name != clip.source]
        self._latents, self._space = latents, space
        self._size, self._window, self._references = size, window, references
        self._config, self._seed = config, seed
        if not self._real:
            raise CodubError("There are no clips of real people to train on.")
        # Tempered: a person with many clips is drawn more often, but far less than in proportion.
        weights = np.array([len(own) ** 0.35 for own in self._real.values()])
        self._people = list(self._real)
        self._weights = weights / weights.sum()
        self._noise = {kind: _deviation(held) for kind, held in latents.items()}

    def with_config(self, config: SamplingConfig) -> "FaceSampler":
        """The same data drawn in another way."""
        other = copy.copy(self)
        other._config = config
        return other

    def batch(self, number: int, part: int = 0) -> Batch:
        """Batch `number` of this seed. Parts 0, 1 and so on, of several processes, together are one larger batch."""
        first = part * self._config.groups
        groups = [
            self._group(np.random.default_rng([self._seed, number, first + place]))
            for place in range(self._config.groups)
        ]
        windows, target, references, opening, shutting, mels = (np.stack(parts) for parts in zip(*groups, strict=True))
        return Batch(
            torch.from_numpy(windows),
            torch.from_numpy(target).permute(0, 1, 4, 2, 3).contiguous(),
            torch.from_numpy(references).permute(0, 1, 4, 2, 3).contiguous(),
            torch.from_numpy(opening),
            torch.from_numpy(shutting),
            torch.from_numpy(mels),
        )

    def _group(self, rng: np.random.Generator) -> tuple[FloatArray, ...]:
        config = self._config
        clip = self._draw_clip(rng)
        silent = self._silence is not None and rng.random() < config.silent_share
        frames = self._draw_shut(clip, rng) if silent else self._draw_frames(clip, rng)
        chosen = self._draw_references(clip, frames, rng)
        windows = self._silent_windows(rng) if silent else self._draw_windows(clip, frames, rng)
        flip = bool(rng.random() < 0.5)
        common = draw_placement(config, rng, flip)
        tone = Tone.draw(config, rng)
        target = [tone.of(place(clip.crops[i], common, self._size)) for i in frames]
        # References lie a little differently: the mesh trembles, heads turn.
        own = [nudge(common, config, rng) for _ in chosen]
        references = [tone.of(place(clip.crops[i], p, self._size)) for i, p in zip(chosen, own, strict=True)]
        states = clip.opening[frames].astype(np.float32), clip.shutting()[frames].astype(np.float32)
        return windows, np.stack(target), np.stack(references), *states, self._draw_mels(clip, frames, silent)

    def _draw_mels(self, clip: FaceClip, frames: NDArray[np.int64], silent: bool) -> FloatArray:
        if not self._mels:
            return np.empty(0, np.float32)
        mel = self._mels[clip.source]
        windows = mel.windows(clip.times()[frames], MEL_WINDOW)
        return np.full_like(windows, mel.features.min()) if silent else windows

    def _draw_references(self, clip: FaceClip, targets: NDArray[np.int64], rng: np.random.Generator) -> tuple[int, ...]:
        if self._config.open_references:
            wider = np.argsort(clip.opening, kind="stable")[len(clip) // 3 :]
            return tuple(int(i) for i in rng.choice(wider, self._references))
        chosen = draw_references(clip, targets, self._references, rng)
        if self._references == 1 or rng.random() >= self._config.few_references:
            return chosen
        # One still, or a shot that does not show every kind of mouth: those that there are serve for all.
        there = rng.choice(chosen, int(rng.integers(1, self._references)), replace=False)
        nearest = np.abs(clip.opening[list(chosen)][:, None] - clip.opening[there]).argmin(1)
        return tuple(int(there[i]) for i in nearest)

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
        weights[clip.shutting()] *= 1 + 2 * self._config.open_share
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
        drawn = [name for name in self._latents if name.startswith(f"{kind}-") and clip.source in self._latents[name]]
        if drawn:  # the TTV drew the film's features several times: one of them
            pick = int(rng.integers(len(drawn) + 1))
            kind = [kind, *drawn][pick]
            held = self._latents[kind]
        if clip.source not in held:
            raise CodubError(f"There is no latent of the film '{clip.source}'.", fix="Prepare the cache again.")
        times = clip.times()[frames] + rng.normal(0, self._config.latent_jitter)
        windows = as_latent(self._space, held[clip.source]).windows(times, self._window)
        noise = rng.standard_normal(windows.shape, np.float32) * self._config.latent_noise
        return np.asarray(windows + noise * self._noise[kind][:, None], np.float32)


def as_latent(space: LatentSpace, features: FloatArray) -> SpeechLatent:
    """Features with empty prosody: the face reads the features only."""
    prosody = np.zeros(int(features.shape[1] * space.f0_rate / space.rate), np.float32)
    return SpeechLatent(space, features, prosody, prosody, ())


def draw_references(
    clip: FaceClip, targets: NDArray[np.int64], count: int, rng: np.random.Generator
) -> tuple[int, ...]:
    """A frame of each kind of mouth, none of them a target, with some chance in the choice."""
    others = np.array([i for i in range(len(clip)) if i not in set(targets.tolist())])
    if len(others) < count:
        others = np.arange(len(clip))
    costs = mouth_costs(clip.opening[others], clip.widths()[others], count)
    near = max(1, len(others) // 8)
    return tuple(int(others[np.argsort(own, kind="stable")[int(rng.integers(near))]]) for own in costs)


def some_of(held: Mapping[str, FloatArray], count: int = 1000) -> list[FloatArray]:
    """At most `count` of the latents, evenly spread: enough for `statistics` of any corpus."""
    names = list(held)
    return [held[name] for name in names[:: max(1, -(-len(names) // count))]]


def statistics(latents: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation `(C,)` per channel over all vectors; the deviation is floored at a twentieth of the
    typical one, so that a channel that hardly moves is not blown up."""
    joined = np.concatenate(latents, 1)
    deviation = joined.std(1)
    floor = 0.05 * float(np.median(deviation)) + 1e-6
    return joined.mean(1).astype(np.float32), np.maximum(deviation, floor).astype(np.float32)


def whole_clip(
    clip: FaceClip, features: FloatArray, space: LatentSpace, config: GeneratorConfig, *, every: int = 1
) -> Batch:
    """One group: every `every`th frame that is no reference, undisturbed, with the references of inference."""
    size, window = config.size, config.window
    chosen = pick_mouths(clip.opening, clip.widths(), config.references)
    frames = [i for i in range(0, len(clip), every) if i not in chosen]
    windows = as_latent(space, features).windows(clip.times()[frames], window)
    target, references = (
        torch.from_numpy(np.stack([window_of(clip.crops[i], size) for i in those])).permute(0, 3, 1, 2).float() / 255
        for those in (frames, chosen)
    )
    states = (torch.from_numpy(v[frames].astype(np.float32)) for v in (clip.opening, clip.shutting()))
    return Batch(torch.from_numpy(windows)[None], target[None], references[None], *(state[None] for state in states))


def to_be_shut(clip: FaceClip, silence: FloatArray | None, config: GeneratorConfig, count: int = 5) -> Batch:
    """One group: the clip's most closed frames, to be made of its widest open one."""
    assert silence is not None
    assert config.references == 1
    order = np.argsort(clip.opening, kind="stable")
    frames, chosen = np.sort(order[:count]), order[-1:]
    target, references = (
        torch.from_numpy(np.stack([window_of(clip.crops[i], config.size) for i in those])).permute(0, 3, 1, 2).float()
        / 255
        for those in (frames, chosen)
    )
    windows = torch.from_numpy(silence)[None, None, :, None].expand(1, count, -1, config.window)
    opening = torch.from_numpy(clip.opening[frames].astype(np.float32))[None]
    return Batch(windows, target[None], references[None], opening, torch.zeros_like(opening))


def _by_person(clips: Sequence[FaceClip]) -> dict[str, list[FaceClip]]:
    people: dict[str, list[FaceClip]] = defaultdict(list)
    for clip in clips:
        people[clip.person].append(clip)
    return dict(people)


def _deviation(held: Mapping[str, FloatArray]) -> FloatArray:
    return statistics(some_of(held))[1] if held else np.zeros(1, np.float32)
