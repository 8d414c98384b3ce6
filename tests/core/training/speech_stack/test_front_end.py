"""From a folder of speech to trained weights through the command line: real F0, real phonemes, small wav2vec 2.0."""

from pathlib import Path

import pytest
import torch
import yaml
from made_speech import write_corpus
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from codub import config, weights
from codub.cli.train import app
from codub.errors import UsageError, WeightsError
from codub.speech.hierspeechpp.w2v import W2vFront, W2vSize
from codub.training.speech_stack.features import padded
from codub.training.speech_stack.front_end import load_front_end, load_voice
from codub.training.speech_stack.synthesizer_task import SynthesizerTraining
from codub.training.speech_stack.ttv_task import TtvTraining

SMALL = W2vSize(width=16, heads=2, inner=32, convolved=16, reach=16, groups=4)


@pytest.fixture(scope="module")
def w2v(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "wav2vec2-small.safetensors"
    save_file({key: value.contiguous() for key, value in W2vFront(SMALL).wav2vec2.state_dict().items()}, path)
    return path


def test_all_streams_of_a_line_are_equally_long(w2v: Path) -> None:
    front_end = load_front_end(w2v, SMALL)
    sound = torch.sin(torch.arange(16_001) * 2 * torch.pi * 150 / 16_000).numpy() * 0.3
    frames = len(padded(sound)) // 320
    assert front_end.features(sound).shape == (16, frames)
    assert front_end.f0(sound).shape == (4 * frames,)
    assert front_end.phonemes("Hello world.")[-1] == 4  # the full stop
    assert front_end.name.startswith("wav2vec 2.0 ")


def test_shipped_settings_are_the_published_ones() -> None:
    assert config.load(TtvTraining, "train-ttv") == TtvTraining()
    assert config.load(SynthesizerTraining, "train-synthesizer") == SynthesizerTraining()


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    with pytest.raises(WeightsError, match="mms-300m"):
        load_front_end()
    assert load_voice() is None


def settings(path: Path, **values: object) -> str:
    shared = {
        "loop": {"steps": 2, "checkpoint_every": 2, "note_every": 1},
        "data": {"held_out": 0.3, "w2v": {name: getattr(SMALL, name) for name in SMALL.__dataclass_fields__}},
        "batch": 2,
        "device": "cpu",
    }
    path.write_text(yaml.safe_dump({**shared, **values}), encoding="utf-8")
    return str(path)


def test_train_ttv(w2v: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", speakers=2, lines=2)
    sizes = {"channels": 16, "style": 16, "text_layers": 1, "posterior_layers": 1, "decoder_layers": 1}
    small = settings(tmp_path / "small.yaml", network={"features": 16, "pitch_channels": 16, **sizes})
    where = ["--out", str(tmp_path / "run"), "--cache", str(tmp_path / "cache"), "--w2v", str(w2v)]
    done = CliRunner().invoke(app, ["ttv", str(corpus), "--config", small, *where, "--progress-json"])
    assert done.exit_code == 0, done.exception
    assert "codub weights import" in done.stdout
    assert "step 2 of 2, 0 min left" in done.stderr
    assert load_file(tmp_path / "run" / "ttv.safetensors")["phoneme_classifier.weight"].shape == (178, 16, 1)


def test_widths_must_fit(w2v: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", speakers=2, lines=1)
    wide = settings(tmp_path / "wide.yaml")
    where = ["--out", str(tmp_path / "run"), "--cache", str(tmp_path / "cache"), "--w2v", str(w2v)]
    done = CliRunner().invoke(app, ["synthesizer", str(corpus), "--config", wide, *where])
    assert isinstance(done.exception, UsageError)
    assert "take 1024 features, but wav2vec 2.0 gives 16" in str(done.exception)
