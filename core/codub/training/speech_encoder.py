"""Training of the speech encoder's adapter: Whisper stays frozen, the adapter learns the joint space.

Round one hears the voice model's own clips, of which everything is known. Round two aligns real recordings with what
round one learned, and goes on with both.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.errors import UsageError
from codub.speech.adapter import Heard, SpeechAdapter
from codub.speech.encoder import EarSpeechEncoder
from codub.speech.encoder_file import ADAPTER_FILE, save_adapter
from codub.speech.hearing import LAYER_CHANNELS, load_ear
from codub.speech.inventory import INVENTORY
from codub.speech.kokoro.voice import load_voice
from codub.training.loop import LoopConfig, run
from codub.training.speech_examples import Batch, Example, batch, whole
from codub.training.speech_material import Material, spoken, synthesized

UNHEARD = 15  # positions of 20 ms: a syllable

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SpeechEncoderRound:
    """One run of the loop; `vectors` is the length of a piece in 25 ms vectors."""

    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=2500, checkpoint_every=250))
    batch: int = 16
    vectors: int = 80
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 0.01
    feature_weight: float = 4.0
    phoneme_weight: float = 0.3
    prosody_weight: float = 0.5
    unheard: float = (
        0.0  # share of pieces in which a stretch, and of those in which one of Whisper's layers, is silenced
    )
    bfloat16: bool = False  # twice as fast on processors that have it
    seed: int = 0


@dataclass(frozen=True)
class SpeechEncoderTraining:
    """The whole training."""

    material: Material = field(default_factory=Material)
    width: int = 384
    first: SpeechEncoderRound = field(default_factory=SpeechEncoderRound)
    second: SpeechEncoderRound = field(default_factory=lambda: SpeechEncoderRound(learning_rate=5e-4, seed=1))


def train_speech_encoder(
    config: SpeechEncoderTraining,
    corpora: Path,
    folder: Path,
    progress: Progress = lambda _fraction, _what: None,
) -> Path:
    """Path of the trained `speech-encoder.safetensors`; takes up again whatever `folder` holds of this training.

    Raises:
        UsageError: the corpora are not there.
        WeightsError: Whisper or the voice were not fetched.
    """
    ear, ttv = load_ear(), load_voice().ttv
    examples, measured = synthesized(config.material, corpora, folder, ear, ttv, progress)
    adapter = SpeechAdapter(phonemes=len(INVENTORY), width=config.width)
    set_statistics(adapter, examples)
    adapter.silence.copy_(torch.from_numpy(ttv.silence_vector()))
    first = SpeechEncoderTask(config.first, adapter, examples, measured)
    run(first, config.first.loop, folder / "first", progress)

    encoder = EarSpeechEncoder(ear, first.adapter.eval())
    real = spoken(config.material, corpora, folder, ear, ttv, encoder, progress)
    second = SpeechEncoderTask(config.second, first.adapter, [*_as_much(examples, real), *real], measured)
    run(second, config.second.loop, folder / "second", progress)
    save_adapter(second.adapter, folder / ADAPTER_FILE)
    return folder / ADAPTER_FILE


def _as_much(examples: Sequence[Example], like: Sequence[Example]) -> Sequence[Example]:
    """Every n-th of `examples`, so that they last about as long as `like`, all of them if they are shorter."""
    here, there = (sum(example.vectors for example in each) for each in (examples, like))
    return examples[:: max(1, round(here / there))]


class SpeechEncoderTask:
    """Trains an adapter on examples; a step's pieces are drawn from a generator seeded by the step's number."""

    def __init__(
        self,
        settings: SpeechEncoderRound,
        adapter: SpeechAdapter,
        examples: Sequence[Example],
        measured: Sequence[Example] = (),
    ) -> None:
        if not examples:
            raise UsageError("There is nothing to train the speech encoder on.", fix="Prepare its data first.")
        self.adapter = adapter
        self._settings = settings
        self._examples = examples
        self._measured = measured
        self._optimizer = torch.optim.AdamW(
            adapter.parameters(), settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
        )

    def step(self, number: int) -> dict[str, float]:
        """One step of AdamW."""
        settings = self._settings
        self.adapter.train()
        for group in self._optimizer.param_groups:
            group["lr"] = settings.learning_rate * schedule(number, settings)
        random = np.random.default_rng([settings.seed, number])
        pieces = batch(self._examples, random, settings.batch, settings.vectors)
        pieces = replace(pieces, heard=partly_unheard(pieces.heard, random, settings.unheard))
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            loss = loss_of(self.adapter, pieces, settings)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.adapter.parameters(), 1.0)
        self._optimizer.step()
        return {"loss": float(loss.detach())}

    def state(self) -> dict[str, Any]:
        """Adapter and optimizer."""
        return {"adapter": self.adapter.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self.adapter.load_state_dict(state["adapter"])
        self._optimizer.load_state_dict(state["optimizer"])

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Scores on the held-out clips; the weights so far are left in the folder, ready to use."""
        save_adapter(self.adapter, folder / ADAPTER_FILE)
        return asdict(measure(self.adapter, self._measured)) if self._measured else {}


def schedule(step: int, settings: SpeechEncoderRound) -> float:
    """Share of the learning rate: a linear warm-up, then half a cosine down to 2 %."""
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(settings.loop.steps - settings.warmup, 1)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def partly_unheard(heard: Tensor, random: np.random.Generator, share: float) -> Tensor:
    """Hidden states `(B, N, H)`: in that share of pieces up to `UNHEARD` positions are silenced, and as often a layer.

    So that a doubtful sound is guessed from those round it (after SpecAugment, Park et al. 2019).
    """
    heard = heard.clone()
    pieces, length, _ = heard.shape
    for piece in range(pieces):
        if random.random() < share:
            count = int(random.integers(1, UNHEARD + 1))
            start = int(random.integers(0, max(length - count, 1)))
            heard[piece, start : start + count] = 0
        if random.random() < share:
            layer = int(random.integers(0, heard.shape[2] // LAYER_CHANNELS))
            heard[piece, :, layer * LAYER_CHANNELS : (layer + 1) * LAYER_CHANNELS] = 0
    return heard


def loss_of(adapter: SpeechAdapter, pieces: Batch, settings: SpeechEncoderRound) -> Tensor:
    """Smooth L1 of normalised features, cross-entropy of phonemes, and F0, energy and voicing, weighted."""
    heard: Heard = adapter(pieces.heard, pieces.mel, pieces.labels.shape[1])
    scale = adapter.feature_scale[:, None]
    features = functional.smooth_l1_loss(heard.features / scale, pieces.features / scale)
    phonemes = _phoneme_loss(heard.phonemes, pieces) + _phoneme_loss(heard.halfway, pieces)
    return (
        settings.feature_weight * features
        + settings.phoneme_weight * phonemes
        + settings.prosody_weight * _prosody_loss(adapter, heard, pieces)
    )


def _phoneme_loss(guess: Tensor, pieces: Batch) -> Tensor:
    return functional.cross_entropy(guess, pieces.labels, label_smoothing=0.05)


def _prosody_loss(adapter: SpeechAdapter, heard: Heard, pieces: Batch) -> Tensor:
    voiced, log_f0, energy = pieces.prosody.unbind(1)
    known = pieces.has_prosody[:, None].expand_as(voiced)
    scale = adapter.prosody_scale
    voicing = functional.binary_cross_entropy_with_logits(heard.voicing, voiced, reduction="none")
    pitch = functional.smooth_l1_loss(heard.log_f0 / scale[0], log_f0 / scale[0], reduction="none")
    level = functional.smooth_l1_loss(heard.energy / scale[1], energy / scale[1], reduction="none")
    return _mean(voicing, known) + _mean(pitch, known * voiced) + _mean(level, known)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1.0)


def set_statistics(adapter: SpeechAdapter, examples: Sequence[Example], limit: int = 400) -> None:
    """Means and scales of the targets, from at most `limit` examples spread over all."""
    some = examples[:: max(1, len(examples) // limit)]
    features = np.concatenate([example.features for example in some]).astype(np.float32)
    prosody = np.concatenate([example.prosody for example in some if example.has_prosody]).astype(np.float32)
    log_f0 = prosody[prosody[:, 0] > 0, 1]
    adapter.feature_mean.copy_(torch.from_numpy(features.mean(axis=0)))
    adapter.feature_scale.copy_(torch.from_numpy(features.std(axis=0) + 1e-4))
    adapter.prosody_mean.copy_(torch.tensor([log_f0.mean(), prosody[:, 2].mean()]))
    adapter.prosody_scale.copy_(torch.tensor([log_f0.std() + 1e-4, prosody[:, 2].std() + 1e-4]))


@dataclass(frozen=True)
class HeldOutScores:
    """On clips never trained on: phonemes of 25 ms vectors right, mean cosine of features, mean F0 error in Hz."""

    phonemes: float
    cosine: float
    f0_error: float
    voicing: float


@torch.inference_mode()
def measure(adapter: SpeechAdapter, examples: Sequence[Example]) -> HeldOutScores:
    """How well the adapter hears `examples`, over all their vectors; F0 and voicing count where they are known."""
    adapter.eval()
    right, cosines, f0_errors, voicing = [], [], [torch.zeros(0)], [torch.zeros(0)]
    for example in examples:
        piece = whole(example)
        heard = adapter(piece.heard, piece.mel, piece.labels.shape[1])
        right.append((heard.phonemes.argmax(1) == piece.labels).flatten())
        cosines.append(functional.cosine_similarity(heard.features, piece.features, dim=1).flatten())
        if example.has_prosody:
            voiced = piece.prosody[:, 0] > 0
            f0_errors.append((heard.log_f0.exp() - piece.prosody[:, 1].exp()).abs()[voiced])
            voicing.append(((heard.voicing > 0) == voiced).float().flatten())
    return HeldOutScores(*(_average(parts) for parts in (right, cosines, f0_errors, voicing)))


def _average(parts: Sequence[Tensor]) -> float:
    """0 where nothing was measured."""
    values = torch.cat(list(parts)).float()
    return float(values.mean()) if len(values) else 0.0
