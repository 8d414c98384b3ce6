"""A face's run ends with the same weights whether it was killed, shared between processes, or neither."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.train_made_face import train

from codub.errors import UsageError
from codub.training.discriminator import another
from codub.training.face_stage import arithmetic
from codub.training.loop import CHECKPOINT, read_metrics
from codub.training.processes import ALONE

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 500  # seconds


def start(*arguments: object, **variables: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.train_made_face", *map(str, arguments)]
    paths = os.pathsep.join([str(ROOT / "core"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **variables}
    return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the processes have it: with another number of threads sums are rounded otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_killed_run_is_taken_up_to_the_same_weights(tmp_path: Path) -> None:
    killed = start(tmp_path / "killed", 5, 2, 3)
    _, said = killed.communicate(timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL, said
    assert (tmp_path / "killed" / "face" / CHECKPOINT).is_file()
    torch.manual_seed(99)
    again, whole = (load_file(train(tmp_path / run, 5, 2, ALONE)) for run in ("killed", "whole"))
    assert again.keys() == whole.keys()
    for name, weight in again.items():
        assert torch.equal(weight, whole[name]), name
    assert read_metrics(tmp_path / "killed" / "face") == read_metrics(tmp_path / "whole" / "face")
    assert [path.name for path in sorted((tmp_path / "killed" / "face").glob("sample-*.png"))] == [
        f"sample-{step:06d}.png" for step in (2, 4, 5)
    ]


def test_two_processes_with_half_the_groups_each_do_what_one_does(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        port = str(found.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    both = [start(tmp_path / "two", 4, 2, -1, RANK=str(rank), LOCAL_RANK=str(rank), **shared) for rank in range(2)]
    for process in both:
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    alone = load_file(train(tmp_path / "one", 4, 4, ALONE))
    together = load_file(tmp_path / "two" / "face" / "face.safetensors")
    for name, weight in together.items():
        torch.testing.assert_close(
            weight, alone[name], atol=2e-5, rtol=1e-3, msg=lambda text, name=name: f"{name}: {text}"
        )
    for part in ("sync", "face"):
        one, two = (read_metrics(tmp_path / run / part) for run in ("one", "two"))
        assert [values.get("loss", 0) for values in two] == pytest.approx(
            [values.get("loss", 0) for values in one], rel=1e-3
        )


def test_another_speech_is_a_neighbours() -> None:
    speech = torch.arange(4.0)[:, None]
    assert another(speech)[:, 0].tolist() == [1, 0, 3, 2]
    assert torch.equal(another(speech), torch.cat([another(speech[:2]), another(speech[2:])]))
    assert another(speech[:3])[:, 0].tolist() == [2, 0, 1]


def test_numbers_are_those_that_the_device_multiplies_in_itself() -> None:
    cpu = torch.device("cpu")
    assert arithmetic("float32", cpu) is torch.float32
    assert arithmetic("auto", cpu) in (torch.float32, torch.bfloat16)
    with pytest.raises(UsageError, match=r"does not multiply in float16.*precision: auto"):
        arithmetic("float16", cpu)
    with pytest.raises(UsageError, match="no precision 'int4'"):
        arithmetic("int4", cpu)
