"""Distillation of the light speech encoder on made lessons."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from codub.speech.adapter import SpeechAdapter
from codub.speech.encoder_file import LIGHT_FILE, load_light
from codub.speech.hearing import HEARD_CHANNELS
from codub.speech.inventory import INVENTORY
from codub.training.light_encoder import LightEncoderTraining, LightTask, draw, lesson
from codub.training.loop import LoopConfig
from codub.training.speech_encoder import SpeechEncoderRound
from codub.training.speech_examples import Example

VECTORS = 60


def example(seed: int) -> Example:
    """Noise, with the states and targets of noise."""
    random = np.random.default_rng(seed)
    return Example(
        heard=random.standard_normal((VECTORS * 5 // 4, HEARD_CHANNELS)).astype(np.float16),
        mel=random.standard_normal((VECTORS * 5 // 2, 80)).astype(np.float16),
        features=random.standard_normal((VECTORS, 512)).astype(np.float16),
        labels=np.zeros(VECTORS, dtype=np.uint8),
        prosody=np.ones((2 * VECTORS, 3), dtype=np.float16),
        has_prosody=True,
        sound=random.integers(-9000, 9000, 400 * VECTORS).astype(np.int16),
    )


def task(examples: list[Example]) -> LightTask:
    torch.manual_seed(0)
    teacher = SpeechAdapter(phonemes=len(INVENTORY), width=16).eval()
    loop = LoopConfig(steps=6, checkpoint_every=2)
    distill = SpeechEncoderRound(loop=loop, batch=2, vectors=16, warmup=1, learning_rate=3e-3)
    config = LightEncoderTraining(width=32, layers=1, adapter_width=16, distill=distill)
    return LightTask(config, teacher, [lesson(each, teacher) for each in examples], examples[:1])


def test_a_few_steps_bring_it_nearer_to_its_teacher(tmp_path: Path) -> None:
    made = task([example(i) for i in range(3)])
    fixed = draw(made._lessons, np.random.default_rng(9), 4, 16)
    before = sum(loss.item() for loss in made.losses(*fixed).values())
    for number in range(6):
        made.step(number)
    assert sum(loss.item() for loss in made.losses(*fixed).values()) < before
    scores = made.report(6, tmp_path)
    assert set(scores) == {"phonemes", "cosine", "f0_error", "voicing"}
    ear, adapter = load_light(tmp_path / LIGHT_FILE)
    assert adapter.enter.weight.shape[1] == ear.shape["width"] == 32


def test_it_goes_on_where_it_was_stopped() -> None:
    examples = [example(i) for i in range(3)]
    whole, first, second = task(examples), task(examples), task(examples)
    for number in range(4):
        whole.step(number)
    for number in range(2):
        first.step(number)
    second.load_state(first.state())
    for number in range(2, 4):
        second.step(number)
    for a, b in zip(whole.ear.parameters(), second.ear.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_a_piece_is_cut_at_one_time_from_everything() -> None:
    teacher = SpeechAdapter(phonemes=len(INVENTORY), width=16).eval()
    one = lesson(example(0), teacher)
    time = np.arange(VECTORS, dtype=np.float16)
    told = replace(
        one,
        sound=np.repeat(np.arange(VECTORS), 400).astype(np.int16),
        states=np.repeat(np.arange(VECTORS * 5 // 4)[:, None] * 0.8, 512, axis=1).astype(np.float16),
        features=np.repeat(time[:, None], 512, axis=1),
        prosody=np.repeat(np.arange(2 * VECTORS)[:, None] / 2, 3, axis=1).astype(np.float16),
    )
    sound, states, mel, features, phonemes, prosody = draw([told], np.random.default_rng(1), 3, 16)
    assert [part.shape[0] for part in (sound, states, mel, features, phonemes, prosody)] == [3] * 6
    start = features[:, 0, 0]
    torch.testing.assert_close(sound[:, 0] * 32767, start)
    torch.testing.assert_close(states[:, 0, 0], start, atol=0.05, rtol=0)
    torch.testing.assert_close(prosody[:, 0, 0], start)
