"""TensorBoard reads back what a run noted; without the package a run goes on all the same."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from codub.training import board
from codub.training.board import Board, board_is_installed


def show(folder: Path, start: int, steps: range) -> None:
    with Board(folder, start) as shown:
        for step in steps:
            shown.scalars(step, {"loss": 10.0 * step})


@pytest.mark.skipif(not board_is_installed(), reason="tensorboard is not installed (the extra 'train')")
def test_curves_pictures_and_sounds_are_there(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    Image.fromarray(np.full((4, 6, 3), 200, np.uint8)).save(tmp_path / "sample-000002-mel.png")
    soundfile.write(tmp_path / "sample-000002-spoken.wav", np.zeros(1600), 16_000)
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / "sample-000001.png")
    with Board(tmp_path) as shown:
        shown.scalars(2, {"loss": 0.5})
        shown.samples(2, tmp_path)
        shown.samples(1, tmp_path)
    read = EventAccumulator(str(tmp_path / board.FOLDER)).Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss")] == [(2, 0.5)]
    assert (read.Images("mel")[0].width, read.Images("mel")[0].height) == (6, 4)
    assert read.Images("sample")[0].step == 1
    assert read.Audio("spoken")[0].sample_rate == 16_000


@pytest.mark.skipif(not board_is_installed(), reason="tensorboard is not installed (the extra 'train')")
def test_steps_done_again_are_shown_once(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    show(tmp_path, 0, range(1, 5))
    show(tmp_path, 3, range(3, 6))
    curve = EventAccumulator(str(tmp_path / board.FOLDER)).Reload().Scalars("loss")
    assert [event.step for event in curve] == [1, 2, 3, 4, 5]


def test_without_the_package_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "board_is_installed", lambda: False)
    show(tmp_path, 0, range(3))
    with Board(tmp_path) as shown:
        shown.samples(1, tmp_path)
    assert not list(tmp_path.iterdir())
