"""Training of the adapter on made data: it learns, and a killed run ends like one that was not."""

from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import UsageError
from codub.speech.adapter import SpeechAdapter
from codub.speech.hearing import HEARD_CHANNELS
from codub.speech.inventory import INVENTORY
from codub.training.loop import LoopConfig, run
from codub.training.speech_encoder import (
    UNHEARD,
    SpeechEncoderRound,
    SpeechEncoderTask,
    SpeechEncoderTraining,
    loss_of,
    measure,
    partly_unheard,
    schedule,
    set_statistics,
    train_speech_encoder,
)
from codub.training.speech_examples import Example, Source, Target, batch, prepare, read_examples, whole


def example(seed: int, vectors: int = 60, *, has_prosody: bool = True) -> Example:
    """A clip whose states and features follow from its labels."""
    random = np.random.default_rng(seed)
    labels = np.repeat(random.integers(0, 6, vectors // 4 + 1), 4)[:vectors].astype(np.uint8)
    table = np.random.default_rng(0).standard_normal((8, HEARD_CHANNELS))
    times = np.arange(vectors * 5 // 4) / 50
    heard = table[labels[np.minimum((times * 40).astype(int), vectors - 1)]]
    voiced = np.repeat(labels > 2, 2).astype(np.float32)
    prosody = np.stack([voiced, voiced * (5 + 0.1 * random.standard_normal(2 * vectors)), voiced * 8], axis=1)
    return Example(
        heard=(heard + 0.1 * random.standard_normal(heard.shape)).astype(np.float16),
        mel=voiced[(np.arange(vectors * 5 // 2) * 0.8).astype(int), None].repeat(80, 1).astype(np.float16),
        features=(table[labels][:, 511::-1] * 0.5).astype(np.float16),
        labels=labels,
        prosody=prosody.astype(np.float16),
        has_prosody=has_prosody,
        sound=np.zeros(400 * vectors, dtype=np.int16),
    )


def settings(steps: int = 6) -> SpeechEncoderRound:
    loop = LoopConfig(steps=steps, checkpoint_every=2, note_every=1)
    return SpeechEncoderRound(loop=loop, batch=4, vectors=16, warmup=1, learning_rate=3e-3)


def task(examples: list[Example], config: SpeechEncoderRound) -> SpeechEncoderTask:
    torch.manual_seed(0)
    adapter = SpeechAdapter(phonemes=len(INVENTORY), width=24)
    set_statistics(adapter, examples)
    return SpeechEncoderTask(config, adapter, examples)


def test_two_steps_lower_the_loss_of_a_fixed_batch() -> None:
    examples, config = [example(i) for i in range(3)], settings()
    trained = task(examples, config)
    fixed = batch(examples, np.random.default_rng(9), 8, 16)
    before = float(loss_of(trained.adapter, fixed, config).detach())
    trained.step(0)
    trained.step(1)
    assert float(loss_of(trained.adapter, fixed, config).detach()) < before


def test_silenced_are_a_syllable_and_a_layer_of_whispers() -> None:
    heard = torch.ones(40, 100, HEARD_CHANNELS)
    silenced = partly_unheard(heard, np.random.default_rng(0), 1.0) == 0
    for piece in silenced:
        assert int(piece[:, ::512].all(dim=0).sum()) == 1  # one of three layers, from end to end
        assert 1 <= int(piece.all(dim=1).sum()) <= UNHEARD
    assert bool((heard == 1).all())
    assert torch.equal(partly_unheard(heard, np.random.default_rng(0), 0.0), heard)


def test_it_learns_what_there_is_to_learn() -> None:
    examples, config = [example(i) for i in range(4)], settings(60)
    trained = task(examples, config)
    for number in range(60):
        trained.step(number)
    scores = measure(trained.adapter, [example(99)])
    assert scores.phonemes > 0.8
    assert scores.cosine > 0.8
    assert scores.voicing > 0.9


def test_a_killed_run_ends_like_one_that_was_not(tmp_path: Path) -> None:
    examples, config = [example(i) for i in range(3)], settings(6)
    whole_run = task(examples, config)
    run(whole_run, config.loop, tmp_path / "a")
    killed = task(examples, config)

    class Killed(Exception):
        pass

    def kill(fraction: float, what: str) -> None:
        if fraction > 0.6:
            raise Killed

    with pytest.raises(Killed):
        run(killed, config.loop, tmp_path / "b", kill)
    again = task(examples, config)
    run(again, config.loop, tmp_path / "b")
    for name, value in whole_run.adapter.state_dict().items():
        torch.testing.assert_close(again.adapter.state_dict()[name], value, atol=1e-6, rtol=1e-5)


def test_unknown_prosody_teaches_nothing_about_prosody() -> None:
    examples, config = [example(1, has_prosody=False)], settings()
    adapter = SpeechAdapter(phonemes=len(INVENTORY), width=24)
    loss_of(adapter, batch(examples, np.random.default_rng(0), 2, 16), config).backward()
    head = adapter.prosody[-1].weight.grad
    assert head is None or not head.any()


def test_pieces_keep_sound_and_target_together() -> None:
    clip = example(5)
    pieces = batch([clip], np.random.default_rng(0), 6, 16)
    everything = whole(clip)
    for piece in range(6):
        starts = [
            s
            for s in range(0, clip.vectors - 15, 4)
            if torch.equal(pieces.features[piece], everything.features[0, :, s : s + 16])
        ]
        assert len(starts) == 1
        s = starts[0]
        assert torch.equal(pieces.labels[piece], everything.labels[0, s : s + 16])
        heard = torch.from_numpy(clip.heard[s * 5 // 4 : s * 5 // 4 + 20].astype(np.float32))
        assert torch.equal(pieces.heard[piece, :20], heard)
        assert torch.equal(pieces.prosody[piece], everything.prosody[0, :, 2 * s : 2 * s + 32])


def test_prepared_examples_are_read_back_and_not_made_twice(tmp_path: Path) -> None:
    asked = []

    def sound() -> np.ndarray:
        asked.append(1)
        return np.sin(np.arange(4000) / 10).astype(np.float32)

    def target() -> Target:
        f0 = np.array([0, 0, 120, 120] * 5, dtype=np.float32)
        return Target(np.ones((512, 10), np.float32), np.arange(10, dtype=np.uint8), f0, f0 / 10)

    def hear(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full((13, 512), samples.std(), np.float32), np.zeros((80, 25), np.float32)

    for _ in range(2):
        prepare([Source("x", sound, target)], tmp_path, hear, copies=2)
    assert len(asked) == 1
    clean, worse = read_examples(tmp_path, ["x"], 2)
    assert clean.vectors == 10
    assert float(clean.heard[0, 0]) != float(worse.heard[0, 0])
    np.testing.assert_array_equal(clean.prosody[:, 0], [0, 0, 1, 1] * 5)
    assert np.isclose(np.expm1(float(clean.prosody[2, 1])), 120, rtol=0.01)
    with pytest.raises(UsageError, match="missing"):
        read_examples(tmp_path, ["y"], 1)


def test_the_learning_rate_rises_then_falls() -> None:
    config = SpeechEncoderRound(loop=LoopConfig(steps=100), warmup=10)
    rates = [schedule(step, config) for step in range(100)]
    assert np.argmax(rates) in (9, 10)
    assert rates[-1] < 0.03


def small_corpora(corpora: Path, folder: Path) -> Path:
    """A few clips of each corpus under a folder of their own."""
    for name in ("teacher", "speech", "grid"):
        (folder / name).mkdir(parents=True)
    rows = (corpora / "teacher" / "clips.jsonl").read_text(encoding="utf-8").splitlines()
    heart = next(row for row in rows if '"af_heart"' in row)
    (folder / "teacher" / "clips.jsonl").write_text("\n".join([*rows[:2], heart]), encoding="utf-8")
    (folder / "teacher" / "audio").symlink_to(corpora / "teacher" / "audio")
    speech = (corpora / "speech" / "manifest.tsv").read_text(encoding="utf-8").splitlines()
    kathleen = next(row for row in speech if row.startswith("kathleen"))
    (folder / "speech" / "manifest.tsv").write_text("\n".join([speech[0], kathleen]) + "\n", encoding="utf-8")
    (folder / "speech" / "kathleen").symlink_to(corpora / "speech" / "kathleen")
    clips = (corpora / "grid" / "manifest.tsv").read_text(encoding="utf-8").splitlines()
    (folder / "grid" / "manifest.tsv").write_text("\n".join(clips[:2]) + "\n", encoding="utf-8")
    (folder / "grid" / "s1").symlink_to(corpora / "grid" / "s1")
    return folder


@pytest.mark.weights
@pytest.mark.usefixtures("weights_home")
def test_both_rounds_run_from_corpora_to_weights_that_load(corpora: Path, tmp_path: Path) -> None:
    from codub.config import load
    from codub.speech.encoder_file import load_adapter

    tiny = {"loop": {"steps": 2, "checkpoint_every": 1, "note_every": 1}, "batch": 2, "vectors": 40, "warmup": 1}
    config = load(
        SpeechEncoderTraining,
        "train-speech-encoder",
        material={"copies": 1, "measured": 1},
        width=16,
        first=tiny,
        second=tiny,
    )
    said: list[str] = []
    small = small_corpora(corpora, tmp_path / "corpora")
    made = train_speech_encoder(config, small, tmp_path / "run", lambda _fraction, what: said.append(what))
    assert load_adapter(made).silence.abs().sum() > 0
    assert any("min left" in what for what in said)
