"""One stage of face training as a task for the loop: generator, discriminator, losses, and what is measured."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from codub.errors import UsageError
from codub.face.generator import Generator, Motion
from codub.training import losses, vgg19
from codub.training.discriminator import PatchDiscriminator, discrimination
from codub.training.face_data import Batch, FaceSampler
from codub.training.face_samples import mouth_of, psnr, sample_row, write_picture
from codub.training.face_stage import Check, FaceStage, arithmetic, one_cycle
from codub.training.perceptual import ExpertFeatures, FeatureNetwork, perceptual
from codub.training.processes import ALONE, Processes, on_device
from codub.training.speech_stack.order import seed_of
from codub.training.sync import SyncExpert, sync_loss
from codub.training.sync_figures import FRAMES, mouths_of


class FaceTask:
    """Trains a generator against a discriminator; the averaged weights are what is measured and shipped."""

    def __init__(
        self,
        stage: FaceStage,
        generator: Generator,
        sampler: FaceSampler,
        checks: Sequence[Check] = (),
        expert: SyncExpert | None = None,
        silent: Generator | None = None,
        processes: Processes = ALONE,
    ) -> None:
        if stage.losses.sync and (expert is None or stage.sampling.frames != FRAMES):
            raise UsageError(
                f"The sync loss of stage '{stage.name}' needs a sync expert and groups of {FRAMES} frames."
            )
        if stage.silent_references and silent is None:
            raise UsageError(f"Stage '{stage.name}' wants the silent face's references, and there is no silent face.")
        self._stage, self._checks = stage, checks
        self._apart, self._in_a_row = sampler, sampler.with_config(replace(stage.sampling, consecutive=True))
        self._processes = processes
        device = processes.device if stage.device == "auto" else torch.device(stage.device)
        self._arithmetic = arithmetic(stage.precision, device)
        self.generator = _on(device, generator).train()
        self.averaged = _on(device, Generator(stage.generator)).eval().requires_grad_(False)
        self.averaged.load_state_dict(generator.state_dict())
        config = stage.generator
        self.discriminator = PatchDiscriminator(stage.sampling.frames, config.channels, config.window).to(device)
        self._step_generator = torch.optim.AdamW(
            self.generator.parameters(), lr=stage.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self._step_discriminator = torch.optim.AdamW(
            self.discriminator.parameters(), lr=stage.discriminator_rate, betas=(0.5, 0.98)
        )
        self._weight = losses.mouth_weight(config.size, stage.losses.mouth).to(device)
        self._device = device
        # In evaluation mode and frozen: an expert that follows the generator teaches nothing.
        self._expert = expert.to(device).eval().requires_grad_(False) if expert is not None else None
        self.features = self._features_of(self._expert)
        self._silent = silent.to(device).eval().requires_grad_(False) if silent is not None else None
        # Only float16 runs out of exponents; a step whose gradient overflows is left out and the scale is halved.
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._arithmetic is torch.float16)

    def step(self, number: int) -> dict[str, float]:
        """One step of the generator and, once the adversarial part has begun, one of the discriminator."""
        rank = self._processes.rank
        torch.manual_seed(seed_of(self._stage.seed, number, rank))  # of dropout
        share = self._adversarial_share(number)
        batch = self._to_device((self._in_a_row if share else self._apart).batch(number, rank))
        batch = self.with_silent(batch, number)
        for group in self._step_generator.param_groups:
            group["lr"] = one_cycle(number, self._stage)
        made, motion = self._make(batch)
        loss, noted = self._reconstruction(made, batch)
        noted["flow"] = float(motion.flow.detach().abs().mean())
        mixing = losses.mixing(motion.blend, self.generator.mask)
        loss = loss + self._stage.losses.decided * mixing
        noted["mixing"] = float(mixing.detach())
        if self.features is not None:
            felt = perceptual(made, batch.target.flatten(0, 1), self.features)
            loss = loss + self._stage.losses.perceptual * felt
            noted["perceptual"] = float(felt.detach())
        if share:
            noted["discriminator"] = self._train_discriminator(made.detach(), batch)
            scores = self.discriminator(self._mouths(made, batch), self._speech(batch))
            adversarial = losses.hinge_generator(scores)
            loss = loss + share * self._stage.losses.adversarial * adversarial
            noted["adversarial"] = float(adversarial.detach())
            if self._stage.losses.sync:
                sync = self._sync(made, batch)
                loss = loss + share * self._stage.losses.sync * sync
                noted["sync"] = float(sync.detach())
        self._descend(self._step_generator, self.generator, loss, clip=1.0)
        if self._scaler.is_enabled():
            self._scaler.update()
        self._average(number)
        return {"loss": float(loss.detach()), **noted}

    def loss_on(self, batch: Batch) -> float:
        """The reconstruction loss of the current weights, without training on it."""
        self.generator.eval()
        with torch.no_grad():
            made, _ = self._make(self._to_device(batch))
            loss, _ = self._reconstruction(made, self._to_device(batch))
        self.generator.train()
        return float(loss)

    def state(self) -> dict[str, Any]:
        """Weights and optimizers."""
        return {name: part.state_dict() for name, part in self._parts().items()} | {"scaler": self._scaler.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        if state.get("scaler"):
            self._scaler.load_state_dict(state["scaler"])

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """PSNR of the mouth window and the crop on the checks, and a picture of them, `sample-<step>.png`."""
        if not self._checks:
            return {}
        rows, mouth, crop = [], [], []
        for check in self._checks:
            batch = self._to_device(check.batch)
            with torch.no_grad():
                motion = self.averaged(batch.windows, batch.target, self.averaged.identify(batch.references))
                made = self.averaged.picture(motion, batch.target, batch.references)
            true = batch.target.flatten(0, 1)
            mouth.append(psnr(mouth_of(made), mouth_of(true)))
            crop.append(psnr(made, true))
            rows.append(sample_row(made, true, batch))
        write_picture(folder / f"sample-{number:06d}.png", np.concatenate(rows))
        return {"mouth_psnr": float(np.mean(mouth)), "crop_psnr": float(np.mean(crop))}

    def keep(self, first: Generator, share: float) -> None:
        """Draw the weights that ship towards those of another network of the same sizes, by a share of the way."""
        with torch.no_grad():
            for mean, other in zip(self.averaged.parameters(), first.to(self._device).parameters(), strict=True):
                mean.lerp_(other, share)

    def teachers(self) -> dict[str, str]:
        """Who taught, for the weights' header: the sync expert with its figures, and whose eyes the loss has."""
        said = {}
        if self._expert is not None and self._stage.losses.sync:
            said["sync_expert"] = json.dumps({"hears": self._expert.hears, **self._expert.figures})
        if self.features is not None:
            said["perceptual"] = self.features.title
        return said

    def _features_of(self, expert: SyncExpert | None) -> FeatureNetwork | None:
        if not self._stage.losses.perceptual:
            return None
        if vgg19.is_here():
            return vgg19.load_vgg19().to(self._device)
        if expert is None:
            raise UsageError(f"The perceptual loss of stage '{self._stage.name}' needs a sync expert, or VGG-19.")
        return ExpertFeatures(expert)

    def _make(self, batch: Batch) -> tuple[Tensor, Motion]:
        half = self._arithmetic is not torch.float32
        with torch.autocast(self._device.type, self._arithmetic if half else None, enabled=half):
            identity = self.generator.identify(batch.references)
            motion = self.generator(batch.windows, batch.target, identity)
        made = self.generator.picture(motion, batch.target, batch.references)
        return made, motion

    def _reconstruction(self, made: Tensor, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        true = batch.target.flatten(0, 1)
        settings = self._stage.losses
        count = 1 + settings.opening * batch.opening.flatten() / 0.2 + settings.closing * batch.shutting.flatten()
        weight = self._weight * count[:, None, None, None]
        pixels = losses.weighted_l1(made, true, weight)
        edges = losses.gradient_l1(made, true, weight)
        return pixels + settings.gradient * edges, {"l1": float(pixels.detach())}

    def _train_discriminator(self, made: Tensor, batch: Batch) -> float:
        """True frames against made ones, and against true ones that say something else."""
        real, fake = self._mouths(batch.target.flatten(0, 1), batch), self._mouths(made, batch)
        loss = discrimination(
            self.discriminator, real, fake, self._speech(batch), mismatch=self._stage.sampling.silent_share < 1
        )
        self._descend(self._step_discriminator, self.discriminator, loss)
        return float(loss.detach())

    def _descend(self, optimizer: torch.optim.Optimizer, network: nn.Module, loss: Tensor, clip: float = 0.0) -> None:
        """One step down the mean loss of all processes."""
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self._scaler.scale(loss))
        self._processes.average_gradients(network.parameters())
        self._scaler.unscale_(optimizer)
        if clip:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        self._scaler.step(optimizer)

    def _sync(self, made: Tensor, batch: Batch) -> Tensor:
        assert self._expert is not None
        return sync_loss(self._expert, self._mouths(made, batch), batch, self._stage.losses.sync_kind)

    def _mouths(self, pictures: Tensor, batch: Batch) -> Tensor:
        chosen = mouths_of(pictures)
        return chosen.reshape(*batch.windows.shape[:2], *chosen.shape[1:])

    def _speech(self, batch: Batch) -> Tensor:
        middle = batch.windows[:, batch.windows.shape[1] // 2]
        return torch.as_tensor((middle - self.generator.mean[:, None]) / self.generator.deviation[:, None])

    def _adversarial_share(self, number: int) -> float:
        settings, steps = self._stage.losses, self._stage.loop.steps
        start = settings.adversarial_from * steps
        if settings.adversarial == 0 or number < start:
            return 0.0
        return min(1.0, (number + 1 - start) / (0.1 * steps))

    def _average(self, number: int) -> None:
        keep = min(self._stage.average, (number + 1) / (number + 10))
        with torch.no_grad():
            for mean, now in zip(self.averaged.parameters(), self.generator.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)

    def with_silent(self, batch: Batch, number: int) -> Batch:
        """Some groups with a shut mouth that the silent face made of the half open one, as shots without a shut mouth
        have it."""
        if self._silent is None or not self._stage.silent_references:
            return batch
        groups, rank = len(batch.references), self._processes.rank
        every = np.random.default_rng([self._stage.seed, number, 1]).random(groups * self._processes.count)
        chance = every[rank * groups : (rank + 1) * groups]
        chosen = torch.from_numpy(chance < self._stage.silent_references).to(self._device)
        if not chosen.any():
            return batch
        shut = self._silent.shut(batch.references[:, min(2, batch.references.shape[1] - 1)])
        references = batch.references.clone()
        references[chosen, 0] = shut[chosen]
        return replace(batch, references=references)

    def _to_device(self, batch: Batch) -> Batch:
        return on_device(batch, self._device)

    def _parts(self) -> dict[str, Any]:
        return {
            "generator": self.generator,
            "averaged": self.averaged,
            "discriminator": self.discriminator,
            "step_generator": self._step_generator,
            "step_discriminator": self._step_discriminator,
        }


def _on(device: torch.device, generator: Generator) -> Generator:
    """The generator there, with channels last: a step is a fifth faster on a CPU."""
    generator.to(device)
    for parameter in generator.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return generator
