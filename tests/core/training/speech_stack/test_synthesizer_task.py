"""The synthesizer and its discriminators train: falling losses, samples, the same weights when taken up again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from made_speech import CHANNELS, made_front_end, write_corpus
from PIL import Image
from safetensors import safe_open

from codub.errors import UsageError
from codub.speech.hierspeechpp.gaussian import Gaussian
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.reconstruction import Reconstruction
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize
from codub.training.descent import DescentConfig
from codub.training.loop import LoopConfig, read_metrics
from codub.training.speech_stack.discriminators import DiscriminatorConfig
from codub.training.speech_stack.features import DataConfig, prepare
from codub.training.speech_stack.order import Order
from codub.training.speech_stack.runs import train_synthesizer
from codub.training.speech_stack.synthesizer_batches import PieceConfig, SynthesizerBatches
from codub.training.speech_stack.synthesizer_task import Made, SynthesizerTask, SynthesizerTraining, synthesizer_losses
from codub.training.speech_stack.utterances import read_utterances

SIZE = SynthesizerSize(
    features=CHANNELS, latent=8, style=8, width=32, narrow=2, prior_layers=1, posterior_layers=1, bands=4
)
DISCRIMINATORS = DiscriminatorConfig(periods=(2, 3), period_channels=(2, 4, 4), n_ffts=(512, 128), spectrum_channels=2)
PIECES = PieceConfig(frames=20, decoded=8)


def settings(steps: int = 2) -> SynthesizerTraining:
    return SynthesizerTraining(
        loop=LoopConfig(steps=steps, checkpoint_every=2, note_every=1),
        network=SIZE,
        discriminators=DISCRIMINATORS,
        data=DataConfig(perturbed=1, held_out=0.2),
        pieces=PIECES,
        descent=DescentConfig(learning_rate=2e-3),
        batch=2,
        ahead=0,
        checked=1,
        device="cpu",
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"), speakers=2, lines=2)


@pytest.fixture(scope="module")
def batches(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> SynthesizerBatches:
    cache = tmp_path_factory.mktemp("cache")
    lines = prepare(read_utterances(corpus), made_front_end(), DataConfig(perturbed=1), cache)
    return SynthesizerBatches(lines, Order(len(lines), 2, seed=0), SIZE.latent, PIECES, seed=0, copies=1)


def test_the_losses_of_a_fixed_batch_fall(batches: SynthesizerBatches) -> None:
    fixed = batches(0)
    task = SynthesizerTask(settings(), lambda step: fixed, Order(4, 2, 0))
    noted = [task.step(number) for number in range(8)]
    assert noted[-1]["loss"] < 0.9 * noted[0]["loss"]
    for name in ("mel", "pitch", "prosody", "discriminator"):
        assert noted[-1][name] < noted[0][name], name
    assert all(values["gradient"] > 0 and values["discriminator_gradient"] > 0 for values in noted)


def test_both_sides_learn_and_neither_moves_the_other(batches: SynthesizerBatches) -> None:
    task = SynthesizerTask(settings(), batches, Order(4, 2, 0))
    task.step(0)
    found = task.losses_of(replace(batches(1), draws=replace(batches(1).draws, nobody=torch.tensor([True, False]))))
    task.discriminators.requires_grad_(False).zero_grad()
    found["loss"].backward()
    missing = {name for name, weight in task.network.named_parameters() if weight.grad is None}
    assert not missing
    assert all(weight.grad is None for weight in task.discriminators.parameters())


def test_each_divergence_compares_its_own_pair() -> None:
    # Unit normals whose means differ; at a sample that lies on the other's mean a divergence is -1/2 a channel.
    mask = torch.ones(1, 1, 4)
    sound, features, language = (
        Gaussian(torch.full((1, 3, 4), mean), torch.zeros(1, 3, 4), mask) for mean in (1.0, 2.0, 5.0)
    )
    waves = torch.zeros(1, 1, 4 * 640)
    pitch = torch.zeros(1, 1, 16)
    passed = Reconstruction(
        sound,
        features,
        language,
        toward_prior=features.mean,
        toward_language=language.mean + 1,
        from_prior=sound.mean + 2,
        from_language=features.mean,
        bands=torch.ones(1, 2, 4),
        sound=waves,
        log_f0=pitch + 0.5,
    )
    found = synthesizer_losses(passed, Made(passed, waves, pitch, torch.zeros(1, 80, 4)))
    assert float(found["kl"]) == pytest.approx(3 * -0.5 + 3 * (-0.5 + 0.5))
    assert float(found["kl_back"]) == pytest.approx(3 * (-0.5 + 2.0) + 3 * -0.5)
    assert (float(found["mel"]), float(found["pitch"]), float(found["prosody"])) == (0.0, 0.5, 1.0)


def test_slices_that_cannot_be_judged_are_refused(batches: SynthesizerBatches) -> None:
    short = replace(settings(), pieces=PieceConfig(frames=20, decoded=1))
    with pytest.raises(UsageError, match="Slices of 1 frames"):
        SynthesizerTask(short, batches, Order(4, 2, 0))


def test_a_piece_lies_inside_its_line_and_its_slice_inside_the_piece(batches: SynthesizerBatches) -> None:
    for step in range(6):
        batch = batches(step)
        assert batch.sound.shape == (2, 1, 20 * 320)
        assert bool((batch.draws.starts + PIECES.decoded <= batch.mask.sum(dim=(1, 2))).all())
        assert not torch.equal(batch.features, batch.perturbed)
    assert torch.equal(batches(2).sound, batches(2).sound)
    assert torch.equal(batches(2).draws.prior, batches(2).draws.prior)


def test_lines_shorter_than_a_piece_are_masked(corpus: Path, tmp_path: Path) -> None:
    lines = prepare(read_utterances(corpus), made_front_end(), DataConfig(), tmp_path)
    long = PieceConfig(frames=60, decoded=60)
    batch = SynthesizerBatches(lines, Order(4, 4, seed=0), SIZE.latent, long, seed=0)(0)
    counts = batch.mask.sum(dim=(1, 2))
    assert len(set(counts.tolist())) > 1
    for row, count in enumerate(counts.int().tolist()):
        assert not batch.features[row, :, count:].any()
        assert not batch.sound[row, :, 320 * count :].any()
    task = SynthesizerTask(replace(settings(), pieces=long), lambda step: batch, Order(4, 4, 0))
    assert np.isfinite(task.step(0)["loss"])


def test_run_leaves_weights_samples_and_figures(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    untranscribed = replace(settings(), data=DataConfig(transcribed=False, perturbed=1, held_out=0.2))
    made = train_synthesizer(untranscribed, corpus, tmp_path / "cache", out, made_front_end())
    with safe_open(made, "pt") as file:
        network = HierarchicalSynthesizer(SIZE)
        network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    for kind in ("mel.png", "f0.png"):
        with Image.open(out / f"sample-000002-{kind}") as picture:
            assert np.ptp(np.asarray(picture)) > 100
    sounds = {kind: soundfile.read(out / f"sample-000002-{kind}.wav")[0] for kind in ("recorded", "spoken", "copied")}
    assert {len(sound) for sound in sounds.values()} == {20 * 320}
    assert {"loss", "kl_back", "matching", "discriminator_gradient"} < set(read_metrics(out)[0])
    assert "held_out_mel" in read_metrics(out)[-1]


def test_lower_precision_trains_too(batches: SynthesizerBatches) -> None:
    exact = SynthesizerTask(settings(), batches, Order(4, 2, 0)).step(0)
    noted = SynthesizerTask(replace(settings(), precision="bfloat16"), batches, Order(4, 2, 0)).step(0)
    assert noted["loss"] == pytest.approx(exact["loss"], rel=0.1)
