"""Training of the speech encoder's adapter: Whisper stays frozen, the adapter learns the joint space."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.errors import UsageError, WeightsError
from codub.files import replacing
from codub.speech.adapter import Heard, SpeechAdapter
from codub.speech.encoder import save_adapter
from codub.speech.inventory import INVENTORY
from codub.training.speech_data import Batch, Example, batch, whole

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SpeechEncoderTraining:
    """How the adapter is trained; `vectors` is the length of a piece in 25 ms vectors."""

    steps: int = 2500
    batch: int = 16
    vectors: int = 80
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 0.01
    feature_weight: float = 4.0
    phoneme_weight: float = 0.3
    prosody_weight: float = 0.5
    width: int = 384
    copies: int = 3  # of every clip: one as it is, the others through worse microphones
    seed: int = 0
    checkpoint_every: int = 200


@dataclass(frozen=True)
class HeldOutScores:
    """On clips never trained on: phonemes of 25 ms vectors right, mean cosine of features, mean F0 error in Hz."""

    phonemes: float
    cosine: float
    f0_error: float
    voicing: float


def train_speech_encoder(
    config: SpeechEncoderTraining,
    examples: Sequence[Example],
    folder: Path,
    *,
    held_out: Sequence[Example] = (),
    start: SpeechAdapter | None = None,
    progress: Progress = lambda _fraction, _what: None,
) -> SpeechAdapter:
    """The trained adapter, also written to `folder/speech-encoder.safetensors`; continues what `folder` holds.

    Every step draws its pieces from a generator seeded by the step, so a run that was killed ends as if it was not.

    Raises:
        WeightsError: the checkpoint in `folder` is broken or of another configuration.
        UsageError: there is nothing to train on.
    """
    if not examples:
        raise UsageError("There is nothing to train the speech encoder on.", fix="Prepare its data first.")
    torch.manual_seed(config.seed)
    adapter = start or SpeechAdapter(phonemes=len(INVENTORY), width=config.width)
    if start is None:
        set_statistics(adapter, examples)
    optimizer = torch.optim.AdamW(
        adapter.parameters(), config.learning_rate, betas=(0.9, 0.98), weight_decay=config.weight_decay
    )
    checkpoint = folder / "checkpoint.pt"
    first = _resume(checkpoint, adapter, optimizer)
    began = time.monotonic()
    running = None
    for step in range(first, config.steps):
        loss = train_step(adapter, optimizer, config, examples, step)
        running = loss if running is None else 0.98 * running + 0.02 * loss
        done = step + 1
        if done % 10 == 0 or done == config.steps:
            left = (time.monotonic() - began) / (done - first) * (config.steps - done)
            progress(done / config.steps, f"step {done}, loss {running:.3f}, {left / 60:.1f} min left")
        if done % config.checkpoint_every == 0 or done == config.steps:
            _keep(checkpoint, adapter, optimizer, done)
            save_adapter(adapter, folder / "speech-encoder.safetensors")
            if held_out:
                progress(done / config.steps, f"held out: {measure(adapter, held_out)}")
    return adapter.eval()


def train_step(
    adapter: SpeechAdapter,
    optimizer: torch.optim.Optimizer,
    config: SpeechEncoderTraining,
    examples: Sequence[Example],
    step: int,
) -> float:
    """One step of AdamW; the loss before it."""
    adapter.train()
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * schedule(step, config)
    pieces = batch(examples, np.random.default_rng([config.seed, step]), config.batch, config.vectors)
    loss = loss_of(adapter, pieces, config)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(adapter.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def schedule(step: int, config: SpeechEncoderTraining) -> float:
    """Share of the learning rate: a linear warm-up, then half a cosine down to 2 %."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    done = (step - config.warmup) / max(config.steps - config.warmup, 1)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def loss_of(adapter: SpeechAdapter, pieces: Batch, config: SpeechEncoderTraining) -> Tensor:
    """Smooth L1 of normalised features, cross-entropy of phonemes, and F0, energy and voicing, weighted."""
    heard: Heard = adapter(pieces.heard, pieces.mel, pieces.labels.shape[1])
    scale = adapter.feature_scale[:, None]
    features = functional.smooth_l1_loss(heard.features / scale, pieces.features / scale)
    phonemes = functional.cross_entropy(heard.phonemes, pieces.labels, label_smoothing=0.05)
    return (
        config.feature_weight * features
        + config.phoneme_weight * phonemes
        + config.prosody_weight * _prosody_loss(adapter, heard, pieces)
    )


def _prosody_loss(adapter: SpeechAdapter, heard: Heard, pieces: Batch) -> Tensor:
    voiced, log_f0, energy = pieces.prosody.unbind(1)
    known = pieces.has_prosody[:, None]
    everywhere = known.expand_as(voiced)
    scale = adapter.prosody_scale
    return (
        _mean(functional.binary_cross_entropy_with_logits(heard.voicing, voiced, reduction="none"), everywhere)
        + _mean(functional.smooth_l1_loss(heard.log_f0 / scale[0], log_f0 / scale[0], reduction="none"), known * voiced)
        + _mean(functional.smooth_l1_loss(heard.energy / scale[1], energy / scale[1], reduction="none"), everywhere)
    )


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


@torch.inference_mode()
def measure(adapter: SpeechAdapter, examples: Sequence[Example]) -> HeldOutScores:
    """How well the adapter hears `examples`, over all their vectors."""
    adapter.eval()
    right, cosines, f0_errors, voicing = [], [], [], []
    for example in examples:
        piece = whole(example)
        heard = adapter(piece.heard, piece.mel, piece.labels.shape[1])
        right.append((heard.phonemes.argmax(1) == piece.labels).flatten())
        cosines.append(functional.cosine_similarity(heard.features, piece.features, dim=1).flatten())
        if example.has_prosody:
            voiced = piece.prosody[:, 0] > 0
            f0_errors.append((heard.log_f0.exp() - piece.prosody[:, 1].exp()).abs()[voiced])
            voicing.append(((heard.voicing > 0) == voiced).flatten())
    return HeldOutScores(
        phonemes=_average(right), cosine=_average(cosines), f0_error=_average(f0_errors), voicing=_average(voicing)
    )


def _average(parts: list[Tensor]) -> float:
    return float(torch.cat(parts).float().mean()) if parts else float("nan")


def _keep(path: Path, adapter: SpeechAdapter, optimizer: torch.optim.Optimizer, step: int) -> None:
    with replacing(path) as temporary:
        state = {"adapter": adapter.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
        torch.save({**state, "random": torch.get_rng_state()}, temporary)


def _resume(path: Path, adapter: SpeechAdapter, optimizer: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    try:
        state = torch.load(path, weights_only=True)
        adapter.load_state_dict(state["adapter"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        return int(state["step"])
    except (RuntimeError, KeyError, ValueError, EOFError) as error:
        raise WeightsError(
            f"The checkpoint '{path}' cannot be continued.",
            cause=str(error).splitlines()[0],
            fix="Start in an empty folder, or with the settings it was begun with.",
        ) from error
