"""Training of the hierarchical synthesizer against its discriminators, as a task for the loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from codub.errors import UsageError
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.reconstruction import HeardLines, Reconstruction, reconstruct, targets
from codub.speech.hierspeechpp.synthesizer_size import SAMPLES_PER_FRAME, SynthesizerSize
from codub.training.descent import Descent, DescentConfig, mixed
from codub.training.loop import LoopConfig
from codub.training.processes import ALONE, Processes, on_device
from codub.training.speech_stack import losses
from codub.training.speech_stack.checkpoint import save_network
from codub.training.speech_stack.discriminators import DiscriminatorConfig, Discriminators, Verdict
from codub.training.speech_stack.features import DataConfig
from codub.training.speech_stack.order import Ahead, Order, seed_of
from codub.training.speech_stack.spectra import SCALES, linear_magnitudes, log_mels
from codub.training.speech_stack.synthesizer_batches import PieceConfig, SynthesizerBatch
from codub.training.speech_stack.synthesizer_samples import show_piece

WEIGHTS = "synthesizer.safetensors"


@dataclass(frozen=True)
class SynthesizerLossWeights:
    """The published configuration's weights: c_mel, c_f0, c_kl, c_bi_kl, and c_mel again for the prosody.

    The adversarial loss and feature matching have weight 1 as in VITS. What `c_mixup` (1) and `c_pho` (45) weigh is
    said nowhere in public, and no network of the checkpoint serves them alone: they are left out.
    """

    mel: float = 45.0
    pitch: float = 45.0
    prosody: float = 45.0
    kl: float = 1.0  # of sound toward features, and of features toward perturbed features, along the flows
    kl_back: float = 0.5  # of the same pairs, against the flows: what speaking does
    adversarial: float = 1.0
    matching: float = 1.0


@dataclass(frozen=True)
class SynthesizerTraining:
    """Settings of the whole training; YAML files state differences from these. `batch` is that of one process."""

    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=1_000_000, checkpoint_every=5000, note_every=50))
    network: SynthesizerSize = field(default_factory=SynthesizerSize)
    discriminators: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    data: DataConfig = field(default_factory=lambda: DataConfig(transcribed=False, perturbed=1))
    pieces: PieceConfig = field(default_factory=PieceConfig)
    losses: SynthesizerLossWeights = field(default_factory=SynthesizerLossWeights)
    descent: DescentConfig = field(default_factory=lambda: DescentConfig(learning_rate=1e-4))
    batch: int = 20
    ahead: int = 2  # batches made while one trains
    checked: int = 8  # held-out lines that a report measures
    precision: str = "float32"  # "bfloat16", "float16"; losses stay in float32
    device: str = "auto"
    seed: int = 1234


@dataclass(frozen=True)
class Made:
    """A training pass beside the truth: sounds `(B, 1, n)` and ln-F0 of the decoded slices, mel of the pieces."""

    passed: Reconstruction
    sound: Tensor
    log_f0: Tensor
    mel: Tensor


class SynthesizerTask:
    """Trains a synthesizer on pieces; a step depends on its number, the state and the seed."""

    def __init__(
        self,
        settings: SynthesizerTraining,
        batches: Callable[[int], SynthesizerBatch],
        order: Order,
        held_out: Sequence[SynthesizerBatch] = (),
        processes: Processes = ALONE,
    ) -> None:
        _require_length(settings)
        torch.manual_seed(settings.seed)
        self.network = HierarchicalSynthesizer(settings.network).to(processes.device).train()
        self.discriminators = Discriminators(settings.discriminators).to(processes.device)
        self._settings, self._processes, self._order = settings, processes, order
        self._batches, self._held_out = Ahead(batches, settings.ahead), held_out
        self._descent, self._ascent = (
            Descent(list(part.parameters()), settings.descent, settings.precision, processes)
            for part in (self.network, self.discriminators)
        )

    def step(self, number: int) -> dict[str, float]:
        """One step of the discriminators, then one of the synthesizer."""
        torch.manual_seed(seed_of(self._settings.seed, number, self._processes.rank))  # of dropout
        epoch = self._order.epoch(number)
        made = self._forward(self._batches(number))
        judged = self._judge(made.passed.sound.detach()), self._judge(made.sound)
        against = losses.least_squares_discriminator(judged[1].scores, judged[0].scores)
        hard = self._ascent.step(against, epoch)
        self.discriminators.requires_grad_(False)
        found = self._losses(made)
        noted = self._descent.step(found["loss"], epoch)
        self.discriminators.requires_grad_(True)
        values = {name: float(value.detach()) for name, value in found.items()}
        return {**values, "discriminator": float(against.detach()), **noted, **_of_discriminators(hard)}

    def losses_of(self, batch: SynthesizerBatch) -> dict[str, Tensor]:
        """Every loss of a batch, and as `loss` their weighted sum."""
        return self._losses(self._forward(batch))

    def state(self) -> dict[str, Any]:
        """Weights and optimizers of both sides."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    @torch.no_grad()
    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Losses of the held-out pieces, pictures and sound of the first one; the weights so far, ready to import."""
        save_network(folder / WEIGHTS, self.network, self._settings, number)
        if not self._held_out:
            return {}
        self.network.eval()
        found = [self.losses_of(batch) for batch in self._held_out]
        show_piece(self.network, self._heard(self._held_out[0]), number, folder)
        self.network.train()
        return {f"held_out_{name}": float(torch.stack([each[name] for each in found]).mean()) for name in found[0]}

    def _forward(self, batch: SynthesizerBatch) -> Made:
        heard, draws = self._heard(batch), on_device(batch.draws, self._processes.device)
        frames = self._settings.pieces.decoded
        with mixed(self._processes.device, self._settings.precision):
            passed = reconstruct(self.network, heard, draws, frames)
        return Made(passed, *targets(heard, draws, frames), heard.mel)

    def _heard(self, batch: SynthesizerBatch) -> HeardLines:
        batch = on_device(batch, self._processes.device)
        sound = batch.sound[:, 0]
        return HeardLines(
            spectrogram=linear_magnitudes(sound),
            sound=batch.sound,
            mel=log_mel(sound),
            features=batch.features,
            log_f0=batch.log_f0,
            mask=batch.mask,
            plain_features=batch.perturbed,
        )

    def _judge(self, sound: Tensor) -> Verdict:
        with mixed(self._processes.device, self._settings.precision):
            said: Verdict = self.discriminators(sound)
        return said

    def _losses(self, made: Made) -> dict[str, Tensor]:
        with torch.no_grad():
            real = self._judge(made.sound)
        parts = {**synthesizer_losses(made.passed, made), **adversarial_losses(real, self._judge(made.passed.sound))}
        weights = self._settings.losses
        total = torch.stack([getattr(weights, kind.name) * parts[kind.name] for kind in fields(weights)]).sum()
        return {"loss": total, **parts}

    def _parts(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "discriminators": self.discriminators,
            "descent": self._descent,
            "ascent": self._ascent,
        }


def _require_length(settings: SynthesizerTraining) -> None:
    there, wanted = SAMPLES_PER_FRAME * settings.pieces.decoded, max(settings.discriminators.n_ffts)
    if there < wanted or settings.pieces.decoded > settings.pieces.frames:
        raise UsageError(
            f"Slices of {settings.pieces.decoded} frames cannot be decoded and judged.",
            cause=f"They last {there} samples; a discriminator looks at {wanted}, a piece has "
            f"{settings.pieces.frames} frames.",
            fix="Change 'pieces: decoded' or 'discriminators: n_ffts'.",
        )


def synthesizer_losses(passed: Reconstruction, truth: Made) -> dict[str, Tensor]:
    """The losses that need no discriminator, by the names of their weights.

    Which of the four divergences has which weight is not public: along the flows `kl`, against them `kl_back`.
    """
    sound, features, language = passed.posterior, passed.prior, passed.language
    mask = features.mask
    along = losses.flow_kl(passed.toward_prior, sound.log_scale, features.mean, features.log_scale, mask)
    further = losses.flow_kl(passed.toward_language, features.log_scale, language.mean, language.log_scale, mask)
    back = losses.flow_kl(passed.from_prior, features.log_scale, sound.mean, sound.log_scale, mask)
    further_back = losses.flow_kl(passed.from_language, language.log_scale, features.mean, features.log_scale, mask)
    scales = [log_mels(each[:, 0], SCALES) for each in (passed.sound, truth.sound)]
    return {
        "mel": losses.multi_scale_l1(*scales),
        "pitch": losses.pitch_l1(passed.log_f0, truth.log_f0),
        "prosody": losses.prosody_l1(passed.bands, truth.mel, mask),
        "kl": along + further,
        "kl_back": back + further_back,
    }


def adversarial_losses(real: Verdict, made: Verdict) -> dict[str, Tensor]:
    """What the discriminators' verdicts cost the synthesizer."""
    return {
        "adversarial": losses.least_squares_generator(made.scores),
        "matching": losses.feature_matching(real.features, made.features),
    }


def _of_discriminators(noted: dict[str, float]) -> dict[str, float]:
    return {f"discriminator_{name}": value for name, value in noted.items()}
