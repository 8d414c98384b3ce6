"""The Text-to-Vec trains: published losses, a falling loss, the same weights after a kill and on two processes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_fill import arrays, fill, needs_golden
from made_speech import CHANNELS, made_front_end, write_corpus
from PIL import Image
from safetensors import safe_open

from codub.speech.hierspeechpp.network import TextToVecNetwork, TrainingBatch, TrainingNoise, TtvSize
from codub.training.descent import DescentConfig
from codub.training.loop import LoopConfig, read_metrics
from codub.training.speech_stack.features import DataConfig, prepare, read_piece
from codub.training.speech_stack.order import Order
from codub.training.speech_stack.runs import train_ttv
from codub.training.speech_stack.ttv_batches import TtvBatch, TtvBatches, whole_lines
from codub.training.speech_stack.ttv_task import TtvLossWeights, TtvTask, TtvTraining, ttv_losses
from codub.training.speech_stack.utterances import read_utterances

SIZE = TtvSize(
    symbols=16,
    features=CHANNELS,
    channels=16,
    style=16,
    text_layers=1,
    posterior_layers=2,
    decoder_layers=2,
    pitch_channels=16,
)


def settings(steps: int = 3) -> TtvTraining:
    return TtvTraining(
        loop=LoopConfig(steps=steps, checkpoint_every=2, note_every=1),
        network=SIZE,
        data=DataConfig(held_out=0.2),
        descent=DescentConfig(learning_rate=2e-3),
        batch=2,
        ahead=0,
        checked=1,
        device="cpu",
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"), speakers=2, lines=3)


@pytest.fixture(scope="module")
def batches(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> TtvBatches:
    cache = tmp_path_factory.mktemp("cache")
    lines = prepare(read_utterances(corpus), made_front_end(), DataConfig(), cache)
    return TtvBatches(lines, Order(len(lines), 2, seed=0), SIZE.channels, seed=0)


@needs_golden
def test_losses_are_those_of_the_published_script() -> None:
    golden = arrays("ttv_train")
    network = fill(TextToVecNetwork())
    given = [golden[f"T_in_{name}"] for name in ("w2v", "lengths", "tokens", "token_lengths")]
    noise = TrainingNoise(*(golden[f"T_noise_{name}"] for name in ("0_posterior", "1_slice_uniform", "2_duration_eq")))
    with torch.no_grad():
        made = network(TrainingBatch(*given, golden["T_in_mel"]), noise)
        batch = TtvBatch(
            torch.zeros(0),
            *given[:2],
            torch.log(golden["T_in_f0_hz"] + 1)[:, None],
            *given[2:],
            golden["T_in_ctc"],
            golden["T_in_ctc_lengths"],
            noise,
        )
        parts = ttv_losses(made, batch)
    published = {"w2v": "w2v_l1", "kl": "kl_raw", "pitch": "f0", "duration": "dur", "phonemes": "ctc"}
    for name, stored in published.items():
        torch.testing.assert_close(parts[name], golden[f"T_loss_{stored}"], rtol=1e-4, atol=1e-4)
    weights = TtvLossWeights()
    total = sum(getattr(weights, name) * parts[name] for name in published)
    torch.testing.assert_close(total, golden["T_loss_total"], rtol=1e-4, atol=1e-4)


def test_the_loss_of_a_fixed_batch_falls(batches: TtvBatches) -> None:
    fixed = batches(0)
    task = TtvTask(settings(), lambda step: fixed, Order(6, 2, 0))
    noted = [task.step(number) for number in range(16)]
    assert noted[-1]["loss"] < 0.7 * noted[0]["loss"]
    for name in ("w2v", "kl", "phonemes", "duration"):
        assert noted[-1][name] < noted[0][name], name
    assert all(values["gradient"] > 0 for values in noted)


def test_every_weight_is_reached(batches: TtvBatches) -> None:
    task = TtvTask(settings(), batches, Order(6, 2, 0))
    task.step(0)  # flows begin as the identity, which lets nothing through to some weights
    task.step(1)
    task.losses_of(batches(2))["loss"].backward()
    missing = [name for name, weight in task.network.named_parameters() if weight.grad is None]
    assert not missing


def test_batches_depend_on_the_step_alone_and_noise_on_the_place(batches: TtvBatches) -> None:
    assert torch.equal(batches(3).w2v, batches(3).w2v)
    assert torch.equal(batches(3).noise.posterior, batches(3).noise.posterior)
    assert not torch.equal(batches(3).noise.slice, batches(4).noise.slice)
    one = batches(3)
    assert bool((one.tokens[:, ::2] == 0).all())
    assert torch.equal(one.token_lengths, 2 * one.phoneme_lengths + 1)
    assert one.log_f0.shape == (2, 1, 4 * one.w2v.shape[2])
    assert one.sound.shape == (2, 320 * one.w2v.shape[2])


def test_a_line_draws_the_same_noise_in_any_batch(batches: TtvBatches, corpus: Path, tmp_path: Path) -> None:
    lines = prepare(read_utterances(corpus), made_front_end(), DataConfig(), tmp_path)
    heard = [read_piece(line) for line in lines[:3]]
    alone = whole_lines(heard[:1], [(5, 0)], 16)
    together = whole_lines(heard, [(5, 0), (5, 1), (5, 2)], 16)
    frames = int(alone.lengths)
    assert torch.equal(alone.noise.posterior[0], together.noise.posterior[0, :, :frames])
    assert not together.w2v[0, :, frames:].any()


def test_run_leaves_weights_samples_and_figures(corpus: Path, tmp_path: Path) -> None:
    def hum(w2v: torch.Tensor, log_f0: torch.Tensor, mel: torch.Tensor) -> np.ndarray:
        return np.zeros(320 * w2v.shape[2], np.float32)

    out = tmp_path / "run"
    told: list[tuple[float, str]] = []
    made = train_ttv(
        settings(), corpus, tmp_path / "cache", out, made_front_end(), lambda *what: told.append(what), synthesize=hum
    )
    with safe_open(made, "pt") as file:
        network = TextToVecNetwork(SIZE)
        network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        assert file.metadata()["steps"] == "3"
    for kind in ("alignment.png", "w2v.png", "f0.png"):
        with Image.open(out / f"sample-000003-{kind}") as picture:
            assert np.ptp(np.asarray(picture)) > 100
    assert (out / "sample-000003-text.wav").is_file()
    assert {"loss", "kl", "gradient"} < set(read_metrics(out)[0])
    assert "held_out_w2v" in read_metrics(out)[-1]
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert "min left" in told[-1][1]


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_lower_precision_trains_too(batches: TtvBatches, precision: str) -> None:
    task = TtvTask(replace(settings(), precision=precision), batches, Order(6, 2, 0))
    noted = [task.step(number) for number in range(2)]
    exact = TtvTask(settings(), batches, Order(6, 2, 0)).step(0)
    assert noted[0]["loss"] == pytest.approx(exact["loss"], rel=0.05)
    assert {weight.dtype for weight in task.network.parameters()} == {torch.float32}
