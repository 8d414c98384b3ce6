"""A run ends with the same weights whether it was killed, shared between processes, or neither."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from made_speech import write_corpus
from safetensors.torch import load_file
from train_made_ttv import SETTINGS, KilledTask, train

from codub.training.loop import CHECKPOINT, read_metrics
from codub.training.processes import ALONE

ROOT = Path(__file__).resolve().parents[4]


def start(*arguments: object, **variables: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(ROOT / "tests" / "train_made_ttv.py"), *map(str, arguments)]
    paths = os.pathsep.join([str(ROOT / "core"), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **variables}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the processes have it: with another number of threads sums are rounded otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_killed_process_is_taken_up_to_the_same_weights(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", speakers=2, lines=2)
    killed = start(corpus, tmp_path / "cache", tmp_path / "killed", 5, 2, 3)
    _, said = killed.communicate(timeout=240)
    assert killed.returncode == -signal.SIGKILL, said
    assert (tmp_path / "killed" / CHECKPOINT).is_file()
    assert len(read_metrics(tmp_path / "killed")) == 4  # steps 1, 2, the report at 2, and 3, which is done again
    torch.manual_seed(99)
    again = train(corpus, tmp_path / "cache", tmp_path / "killed", SETTINGS, ALONE)
    whole = train(corpus, tmp_path / "cache", tmp_path / "whole", SETTINGS, ALONE)
    expected = load_file(whole)
    for name, weight in load_file(again).items():
        assert torch.equal(weight, expected[name]), name
    assert read_metrics(tmp_path / "killed") == read_metrics(tmp_path / "whole")


def test_two_processes_with_half_the_batch_each_do_what_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Lines of one length: each process takes the mean over its own frames.
    corpus = write_corpus(tmp_path / "corpus", speakers=2, lines=3, texts=("bad cab", "big jag", "had fed"))
    with socket.socket() as found:
        found.bind(("localhost", 0))
        port = str(found.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    both = [
        start(corpus, tmp_path / "cache", tmp_path / "two", 3, 1, -1, RANK=str(rank), LOCAL_RANK=str(rank), **shared)
        for rank in range(2)
    ]
    for process in both:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
    monkeypatch.setattr(KilledTask, "dropout", False)
    settings = replace(SETTINGS, loop=replace(SETTINGS.loop, steps=3))
    alone = load_file(train(corpus, tmp_path / "cache", tmp_path / "one", settings, ALONE))
    together = load_file(tmp_path / "two" / "ttv.safetensors")
    for name, weight in together.items():
        torch.testing.assert_close(
            weight, alone[name], atol=1e-5, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}"
        )
    for one, two in zip(read_metrics(tmp_path / "one"), read_metrics(tmp_path / "two"), strict=True):
        assert two.get("loss", 0) == pytest.approx(one.get("loss", 0), rel=1e-4)
