"""Training of the light speech encoder: it learns to hear what the large one hears, of any sound, with no text.

Its ear is shown Whisper's last states on the way, the adapter behind it learns the large adapter's features, phonemes,
F0, energy and voicing. The clips are those of the large one's training, prepared alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from codub import weights
from codub.speech.adapter import Heard, SpeechAdapter
from codub.speech.encoder import EarSpeechEncoder
from codub.speech.encoder_file import ADAPTER_FILE, LIGHT_FILE, load_adapter, save_light
from codub.speech.hearing import LAYER_CHANNELS, load_ear
from codub.speech.inventory import INVENTORY
from codub.speech.kokoro.voice import load_voice
from codub.speech.light_ear import LightEar
from codub.training.loop import LoopConfig, run
from codub.training.speech_encoder import SpeechEncoderRound, measure, schedule
from codub.training.speech_examples import Example, rows, whole
from codub.training.speech_material import Material, spoken, synthesized

Progress = Callable[[float, str], None]

SAMPLES = 400  # of one vector


@dataclass(frozen=True)
class LightEncoderTraining:
    """The whole training; `hint_weight` is that of Whisper's states."""

    material: Material = field(default_factory=Material)
    width: int = 256
    layers: int = 6
    adapter_width: int = 192
    hint_weight: float = 1.0
    distill: SpeechEncoderRound = field(
        default_factory=lambda: SpeechEncoderRound(loop=LoopConfig(steps=4000, checkpoint_every=200))
    )


@dataclass(frozen=True)
class Lesson:
    """A clip as the large encoder hears it: sound (16-bit), Whisper's last states (N, 512), features (T, 512),
    log-probabilities of phonemes (T, P), and voicing (probability), ln-F0, energy (2T, 3); half precision.
    """

    sound: NDArray[np.int16]
    states: NDArray[np.float16]
    mel: NDArray[np.float16]
    features: NDArray[np.float16]
    phonemes: NDArray[np.float16]
    prosody: NDArray[np.float16]


def train_light_encoder(
    config: LightEncoderTraining,
    corpora: Path,
    folder: Path,
    progress: Progress = lambda _fraction, _what: None,
) -> Path:
    """Path of the trained `light-speech-encoder.safetensors`; takes up again whatever `folder` holds of this training.

    Clips that the large one's training prepared in the same folder are not heard again.

    Raises:
        UsageError: the corpora are not there.
        WeightsError: Whisper, the voice or the large encoder is missing.
    """
    ear, ttv, teacher = load_ear(), load_voice().ttv, load_adapter(weights.shipped(ADAPTER_FILE))
    examples, measured = synthesized(config.material, corpora, folder, ear, ttv, progress)
    encoder = EarSpeechEncoder(ear, teacher)
    examples += spoken(config.material, corpora, folder, ear, ttv, encoder, progress)
    progress(0.0, "asking the large encoder")
    task = LightTask(config, teacher, [lesson(example, teacher) for example in examples], measured)
    run(task, config.distill.loop, folder / "light", progress)
    save_light(task.ear, task.adapter, folder / LIGHT_FILE)
    return folder / LIGHT_FILE


@torch.inference_mode()
def lesson(example: Example, teacher: SpeechAdapter) -> Lesson:
    """What the large encoder hears of an example, cut to a multiple of 4 vectors."""
    piece = whole(example)
    heard = teacher(piece.heard, piece.mel, piece.labels.shape[1])
    prosody = torch.stack([heard.voicing.sigmoid(), heard.log_f0, heard.energy], dim=2)
    return Lesson(
        example.sound,
        example.heard[:, -LAYER_CHANNELS:],  # of Whisper's last layer
        example.mel,
        *(_half(part[0]) for part in (heard.features.mT, heard.phonemes.log_softmax(1).mT, prosody)),
    )


class LightTask:
    """Trains ear and adapter together; a step's pieces are drawn from a generator seeded by the step's number."""

    def __init__(
        self,
        config: LightEncoderTraining,
        teacher: SpeechAdapter,
        lessons: Sequence[Lesson],
        measured: Sequence[Example] = (),
    ) -> None:
        self._config, self._lessons, self._measured = config, lessons, measured
        self.ear = LightEar(width=config.width, layers=config.layers)
        self.adapter = SpeechAdapter(phonemes=len(INVENTORY), heard=config.width, width=config.adapter_width)
        for (_, own), (_, theirs) in zip(self.adapter.named_buffers(), teacher.named_buffers(), strict=True):
            own.copy_(theirs)
        self.hint = nn.Linear(config.width, LAYER_CHANNELS)
        states = np.concatenate([each.states[::7] for each in lessons[:: max(1, len(lessons) // 300)]])
        self._state_mean = torch.from_numpy(states.astype(np.float32).mean(axis=0))
        self._state_scale = torch.from_numpy(states.astype(np.float32).std(axis=0) + 1e-3)
        self._learned = nn.ModuleList([self.ear, self.adapter, self.hint])
        self._optimizer = torch.optim.AdamW(
            self._learned.parameters(),
            config.distill.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=config.distill.weight_decay,
        )

    def step(self, number: int) -> dict[str, float]:
        """One step of AdamW."""
        settings = self._config.distill
        self._learned.train()
        for group in self._optimizer.param_groups:
            group["lr"] = settings.learning_rate * schedule(number, settings)
        random = np.random.default_rng([settings.seed, number])
        pieces = draw(self._lessons, random, settings.batch, settings.vectors)
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            losses = self.losses(*pieces)
        loss = sum(losses.values(), start=torch.zeros(()))
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._learned.parameters(), 1.0)
        self._optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def losses(
        self, sound: Tensor, states: Tensor, mel: Tensor, features: Tensor, phonemes: Tensor, prosody: Tensor
    ) -> dict[str, Tensor]:
        """Weighted distances to the teacher's hidden states, features, phonemes and prosody."""
        settings, adapter = self._config.distill, self.adapter
        own = self.ear.states(sound)
        heard: Heard = adapter(own, mel, features.shape[2])
        wanted = (states - self._state_mean) / self._state_scale
        scale = adapter.feature_scale[:, None]
        voiced, log_f0, energy = prosody.unbind(1)
        pitch = functional.smooth_l1_loss(heard.log_f0 / adapter.prosody_scale[0], log_f0 / adapter.prosody_scale[0])
        level = functional.smooth_l1_loss(heard.energy / adapter.prosody_scale[1], energy / adapter.prosody_scale[1])
        voicing = functional.binary_cross_entropy_with_logits(heard.voicing.float(), voiced)
        guesses = [
            functional.kl_div(guess.float().log_softmax(1), phonemes, log_target=True, reduction="none").sum(1).mean()
            for guess in (heard.phonemes, heard.halfway)
        ]
        return {
            "hint": self._config.hint_weight * functional.smooth_l1_loss(self.hint(own).float(), wanted),
            "features": settings.feature_weight * functional.smooth_l1_loss(heard.features / scale, features / scale),
            "phonemes": settings.phoneme_weight * (guesses[0] + guesses[1]),
            "prosody": settings.prosody_weight * (pitch + level + voicing),
        }

    def state(self) -> dict[str, Any]:
        """Everything that learns, and the optimizer."""
        return {"learned": self._learned.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self._learned.load_state_dict(state["learned"])
        self._optimizer.load_state_dict(state["optimizer"])

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Scores on the held-out clips; the weights so far are left in the folder, ready to use."""
        save_light(self.ear, self.adapter, folder / LIGHT_FILE)
        if not self._measured:
            return {}
        return asdict(measure(self.adapter, [heard_lightly(example, self.ear) for example in self._measured]))


@torch.inference_mode()
def heard_lightly(example: Example, ear: LightEar) -> Example:
    """The example with the light ear's states in the place of Whisper's."""
    ear.train(False)
    samples = torch.from_numpy(example.sound.astype(np.float32) / 32767)
    return replace(example, heard=_half(ear.states(samples[None])[0]))


def draw(lessons: Sequence[Lesson], random: np.random.Generator, size: int, vectors: int) -> tuple[Tensor, ...]:
    """Random pieces: sound `(B, 400 T)`, states `(B, N, 512)`; mel, features, phonemes, prosody `(B, C, .)`."""
    fitting = [each for each in lessons if len(each.features) >= vectors]
    lengths = np.array([len(each.features) for each in fitting], dtype=np.float64)
    picked = random.choice(len(fitting), size, p=lengths / lengths.sum())
    pieces = []
    for each in (fitting[i] for i in picked):
        start = int(random.integers(0, (len(each.features) - vectors) // 4 + 1)) * 4
        sound = rows(each.sound, start * SAMPLES, vectors * SAMPLES)
        parts = [
            rows(each.mel, start * 5 // 2, vectors * 5 // 2 + 1),
            rows(each.features, start, vectors),
            rows(each.phonemes, start, vectors),
            rows(each.prosody, 2 * start, 2 * vectors),
        ]
        states = rows(each.states, start * 5 // 4, vectors * 5 // 4 + 1)
        pieces.append((sound.astype(np.float32) / 32767, states, *(part.T for part in parts)))
    return tuple(torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*pieces, strict=True))


def _half(values: Tensor) -> NDArray[np.float16]:
    return np.ascontiguousarray(values.numpy().astype(np.float16))
