"""Files of others are read as numbers or refused with a reason; nothing in them runs, and no byte passes unnoticed."""

import os
import pickle
import random
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from codub.errors import WeightsError
from codub.speech.checkpoint_file import read_checkpoint

TENSORS = OrderedDict(a=torch.arange(6.0).view(2, 3), b=torch.ones(40_000))


def saved(folder: Path, held: Any, **how: Any) -> Path:
    path = folder / "G_1.pth"
    torch.save(held, path, **how)
    return path


def refused(path: Path) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        read_checkpoint(path)
    assert caught.value.cause
    assert caught.value.fix
    return caught.value


def test_flat_wrapped_old_and_safetensors_files_give_the_same_tensors(tmp_path: Path) -> None:
    wrapped = {"model": TENSORS, "iteration": 39, "optimizer": {"state": {}}, "learning_rate": 1e-4}
    parallel = {f"module.{name}": value for name, value in TENSORS.items()}
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    save_file(dict(TENSORS), str(shelf / "x.safetensors"), metadata={"steps": "7"})
    plain = saved(shelf, TENSORS).rename(shelf / "plain.pth")
    for path, layout, step, epoch in (
        (plain, "flat", None, None),
        (saved(shelf, wrapped), "wrapped", 1, 39),
        (shelf / "x.safetensors", "safetensors", 7, None),
    ):
        read = read_checkpoint(path)
        assert (read.layout, read.step, read.epoch) == (layout, step, epoch)
        assert list(read.tensors) == ["a", "b"]
        assert all(torch.equal(read.tensors[name], TENSORS[name]) for name in TENSORS)
    for path in (saved(tmp_path, parallel), saved(tmp_path, TENSORS, _use_new_zipfile_serialization=False)):
        assert list(read_checkpoint(path).tensors) == ["a", "b"]


class Hostile:
    """Runs a command when it is unpickled by one who trusts it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("modern", [True, False])
@pytest.mark.parametrize("place", ["value", "model", "whole"])
def test_code_in_a_file_is_named_and_never_run(tmp_path: Path, modern: bool, place: str) -> None:
    hostile = Hostile(tmp_path / "ran")
    held = {"value": {**TENSORS, "c": hostile}, "model": {"model": hostile, "iteration": 1}, "whole": hostile}[place]
    error = refused(saved(tmp_path, held, _use_new_zipfile_serialization=modern))
    assert "asks to run" in error.message
    assert "system" in error.message
    assert "weights_only" not in str(error)  # torch's own advice is to run it
    assert not (tmp_path / "ran").exists()
    # The file is truly armed: a reader that trusts it does run the command.
    pickle.loads(pickle.dumps(hostile))
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("modern", [True, False])
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, modern: bool) -> None:
    path = saved(tmp_path, TENSORS, _use_new_zipfile_serialization=modern)
    whole = path.read_bytes()
    save_file(dict(TENSORS), str(tmp_path / "whole.safetensors"))
    tensors = (tmp_path / "whole.safetensors").read_bytes()
    for content, name in ((whole, "cut.pth"), (tensors, "cut.safetensors")):
        for length in [0, 7, 15, 16, 40, 200, *range(1000, len(content), len(content) // 20), len(content) - 1]:
            cut = tmp_path / name
            cut.write_bytes(content[:length])
            refused(cut)


def test_a_flipped_byte_is_found_by_the_checksum(tmp_path: Path) -> None:
    path = saved(tmp_path, TENSORS)
    whole = bytearray(path.read_bytes())
    at = bytes(whole).index(torch.ones(8).numpy().tobytes()) + 9
    whole[at] ^= 1
    path.write_bytes(bytes(whole))
    assert "checksum" in refused(path).cause or "CRC" in refused(path).cause


def test_damage_anywhere_in_a_pickle_is_a_clear_error(tmp_path: Path) -> None:
    """Flips in the old format, which carries no checksum, over the part that is executed as a pickle."""
    path = saved(tmp_path, {"a": torch.ones(2)}, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    rng = random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.randrange(2, len(whole))] = rng.randrange(256)
        path.write_bytes(bytes(damaged))
        with suppress(WeightsError):  # some flips only change a number; anything but WeightsError fails the test
            read_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 434482782\n", "pointer of Git LFS"),
        (b"<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning", "web page"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt 0123456789", "begins with"),
        (b"short", "cut off"),
    ],
)
def test_what_is_no_checkpoint_at_all_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "ttv_lt960_ckpt.pth"
    path.write_bytes(content)
    assert said in str(refused(path))


def test_other_archives_folders_and_absent_files_are_told_apart(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.pth", "w") as archive:
        archive.writestr("ttv_lt960_ckpt.pth", b"0" * 100)
    assert "Unpack it" in refused(tmp_path / "all.pth").fix
    saved(tmp_path, TENSORS)
    assert "G_1.pth" in refused(tmp_path).fix
    assert "is a folder" in refused(tmp_path).message
    assert "cannot be read" in refused(tmp_path / "absent.pth").message


@pytest.mark.parametrize(
    "held",
    [
        {"step": 3, "task": {"generator": TENSORS}},  # a training state
        [torch.ones(2)],
        {},
        {"model": {"a": torch.ones(2), "b": "text"}},
        {"a": torch.ones(3).to_sparse()},
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, held: Any) -> None:
    assert "holds" in refused(saved(tmp_path, held)).message


def test_tensors_without_values_are_refused(tmp_path: Path) -> None:
    error = refused(saved(tmp_path, {"a": torch.ones(3), "b": torch.empty(3, device="meta")}))
    assert error.cause == "These are none: b."


def test_no_error_passes_on_torchs_advice_to_run_a_file(tmp_path: Path) -> None:
    path = tmp_path / "G_1.pth"
    path.write_bytes(pickle.dumps(Hostile(tmp_path / "ran"), protocol=4))
    assert refused(path).cause == "Unsupported operand 149"
    assert not (tmp_path / "ran").exists()


def test_half_prefixed_names_are_a_mixed_file(tmp_path: Path) -> None:
    assert "mixes" in refused(saved(tmp_path, {"module.a": torch.ones(2), "b": torch.ones(2)})).message
