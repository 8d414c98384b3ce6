"""Kokoro-82M's own checkpoint and voice files, read back as they were written; wrong ones leave nothing behind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from made_checkpoints import Save
from published_kokoro import published as as_published
from safetensors.torch import load_file, save_file
from torch import Tensor

from codub import imported, in_use, weights
from codub.dubbing.keep import fingerprints
from codub.dubbing.needs import needs
from codub.dubbing.profile import load_profile
from codub.errors import UsageError, WeightsError
from codub.imported import IMPORTED
from codub.jobs.importing import import_checkpoints
from codub.speech.checkpoint_layout import Layout
from codub.speech.kokoro import published
from codub.speech.kokoro.chosen_voices import chosen_style, voice_names
from codub.speech.kokoro.voices import named_voice, stock_voice

SHAPES = {
    "bert.embeddings.word_embeddings.weight": (5, 4),
    "bert_encoder.weight": (3, 4),
    "bert_encoder.bias": (3,),
    "predictor.F0.0.conv1.weight": (3, 2, 3),
    "predictor.F0.0.norm1.fc.weight": (4, 2),
    "predictor.F0_proj.weight": (1, 3, 1),
    "predictor.lstm.weight_ih_l0": (8, 3),
    "text_encoder.cnn.0.0.weight": (3, 3, 5),
    "text_encoder.cnn.0.1.weight": (3,),
    "text_encoder.cnn.0.1.bias": (3,),
    "decoder.decode.3.pool.weight": (4, 1, 3),
    "decoder.generator.ups.0.weight": (4, 2, 6),
    "decoder.generator.noise_convs.0.weight": (2, 4, 1),
    "decoder.generator.resblocks.0.alpha1.0": (1, 2, 1),
}
Edit = Callable[[dict[str, dict[str, Tensor]]], object]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(published.TITLE, SHAPES, {})
    monkeypatch.setattr(published, "layout", lambda: layout)


def tensors() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {name: torch.randn(shape) for name, shape in SHAPES.items()}


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_both_forms_of_weight_norm_with_and_without_prefix_come_back_as_they_were(
    home: Path, save: Save, new: bool, prefix: str
) -> None:
    file = save("kokoro-v1_0.pth", as_published(tensors(), new=new, prefix=prefix))
    said: list[str] = []
    (record,) = import_checkpoints([file], said.append)
    kept = load_file(str(imported.find("kokoro-float32")))
    assert kept.keys() == SHAPES.keys()
    for name, value in tensors().items():
        torch.testing.assert_close(kept[name], value, rtol=3e-7, atol=0)
    assert (record.source, record.source_sha256) == (file.name, weights.sha256_of(file))
    assert record.sha256 == weights.sha256_of(imported.find("kokoro-float32"))
    assert "Apache-2.0" in record.licence
    assert "huggingface.co/hexgrad/Kokoro-82M" in record.origin
    assert "5 state dicts" in said[0]
    assert "in use from now on" in said[-1]


def test_the_norms_that_an_exporter_needs_are_left_out_only_where_they_do_nothing(home: Path, save: Save) -> None:
    held = as_published(tensors())
    held["predictor"] |= {"F0.0.norm1.norm.weight": torch.ones(2), "F0.0.norm1.norm.bias": torch.zeros(2)}
    import_checkpoints([save("kokoro.pth", held)])
    held["predictor"]["F0.0.norm1.norm.weight"][1] = 2.0
    with pytest.raises(WeightsError, match=r"do not belong.*'predictor\.F0\.0\.norm1\.norm\.weight'"):
        import_checkpoints([save("kokoro.pth", held)])


def test_its_own_result_is_taken_again_as_it_is(home: Path, save: Save) -> None:
    import_checkpoints([save("kokoro-v1_0.pth", as_published(tensors()))])
    copy = home.parent / "copy.safetensors"
    copy.write_bytes(imported.find("kokoro-float32").read_bytes())
    import_checkpoints([copy])
    assert imported.find("kokoro-float32").read_bytes() == copy.read_bytes()


def drop(part: str, name: str) -> Edit:
    return lambda held: held[part].pop(name)


def put(part: str, name: str, value: Tensor) -> Edit:
    return lambda held: held[part].update({name: value})


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda held: held.pop("decoder"), r"looks like Kokoro-82M, but lacks 4 of 14"),
        (drop("decoder", "generator.ups.0.weight_g"), r"lacks 1 of 14.*Unknown: 'decoder.generator.ups.0.weight_v'"),
        (put("decoder", "generator.ups.0.weight_g", torch.ones(2, 1, 1)), r"ups.0.weight' has shape \(0,\), expected"),
        (put("bert_encoder", "bias", torch.tensor([0, torch.nan, 0])), "1 of the 3 numbers of 'bert_encoder.bias'"),
        (put("predictor", "F0.0.conv1.weight_g", torch.full((3, 1, 1), torch.inf)), "predictor.F0.0.conv1.weight' are"),
        (put("predictor", "F0.0.conv1.weight_v", torch.zeros(3, 2, 3)), "not finite"),  # a direction of no length
        (put("bert_encoder", "weight", torch.ones(3, 5)), r"shape \(3, 5\), expected \(3, 4\)"),
        (put("bert_encoder", "weight", torch.ones(3, 4).half()), "float16"),
        (put("decoder", "generator.more.weight", torch.ones(1)), "1 tensors that do not belong"),
    ],
)
def test_a_wrong_checkpoint_says_what_is_wrong_and_writes_nothing(
    home: Path, save: Save, edit: Edit, said: str
) -> None:
    held = as_published(tensors())
    edit(held)
    with pytest.raises(WeightsError, match=said):
        import_checkpoints([save("kokoro-v1_0.pth", held)])
    assert not home.exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_checkpoint_cut_off_anywhere_is_refused(home: Path, save: Save, share: float) -> None:
    file = save("kokoro-v1_0.pth", as_published(tensors()))
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(WeightsError, match="cut off or damaged"):
        import_checkpoints([file])
    assert not home.exists()


def test_the_imported_weights_are_used_named_and_left_again(home: Path, save: Save) -> None:
    profile = load_profile("embedded")
    before = profile.mark
    for name in profile.needs:
        for file in weights.ASSETS[name].files:
            path = home / "weights" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"fetched")
    import_checkpoints([save("kokoro-v1_0.pth", as_published(tensors()))])
    digest = weights.sha256_of(imported.find("kokoro-float32"))
    assert in_use.stand_in("kokoro-82m") == IMPORTED["kokoro-float32"]
    assert profile.mark == f"{before} {digest[:12]}"  # a style fitted to other weights is fitted anew
    found = fingerprints(profile)
    assert found["kokoro-float32.safetensors"] == digest
    assert not any(name.startswith("kokoro-82m") for name in found)
    assert next(need for need in needs(profile) if "kokoro" in need.name).name == "kokoro-float32"
    in_use.use("kokoro-82m")
    assert in_use.stand_in("kokoro-82m") is None
    assert profile.mark == before
    assert "kokoro-82m/kokoro.int8.onnx" in fingerprints(profile)
    in_use.use("kokoro-float32")
    assert in_use.stand_in("kokoro-82m") is not None
    with pytest.raises(UsageError, match="There are: kokoro-82m, kokoro-float32"):
        in_use.use("whisper-base")


def voice(seed: int = 0) -> np.ndarray:
    return (0.2 * np.random.default_rng(seed).standard_normal((510, 1, 256))).astype(np.float32)


def test_voices_of_every_kind_of_file_become_voices_that_can_be_named(home: Path, save: Save) -> None:
    tensor = save("voices/zf_new.pt", torch.from_numpy(voice(1)))
    bare = tensor.with_name("im_other.bin")
    bare.write_bytes(voice(2).tobytes())
    pack = tensor.with_name("voices-v1.0.bin")
    with pack.open("wb") as file:
        np.savez(file, af_heart=voice(3), bm_third=voice(4))
    records = import_checkpoints([tensor, bare, pack])
    assert [r.name for r in records] == ["voices/zf_new", "voices/im_other", "voices/af_heart", "voices/bm_third"]
    assert records[2].source_sha256 == weights.sha256_of(pack)
    for name, seed in (("zf_new", 1), ("im_other", 2), ("bm_third", 4)):
        assert name in voice_names()
        np.testing.assert_array_equal(chosen_style(name).vector, voice(seed)[60, 0])
    # An imported voice of a shipped one's name is the one that is meant; what stands on the shipped ones stays.
    np.testing.assert_array_equal(chosen_style("af_heart").vector, voice(3)[60, 0])
    np.testing.assert_array_equal(named_voice("af_heart"), stock_voice("af_heart"))
    blend = chosen_style("zf_new+af_sky@0.25").vector
    np.testing.assert_allclose(blend, 0.25 * voice(1)[60, 0] + 0.75 * stock_voice("af_sky"), atol=1e-6)
    assert imported.verify(imported.voice_asset("zf_new")) == []
    imported.voice_asset("zf_new").file.write_bytes(b"damaged")
    assert "altered" in imported.verify(imported.voice_asset("zf_new"))[0]
    with pytest.raises(WeightsError, match="cannot be read"):
        chosen_style("zf_new")
    with pytest.raises(UsageError, match="There is no voice 'zf_nobody'"):
        chosen_style("zf_nobody")


def broken(kind: str) -> np.ndarray:
    values = voice()
    if kind == "infinite":
        values[3, 0, 7] = np.inf
    elif kind == "large":
        values *= 1e6
    elif kind == "short":
        values = values[:500]
    elif kind == "double":
        return values.astype(np.float64)
    return values


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("infinite", "1 of the 130,560 numbers of 'af_x' are not finite"),
        ("large", "The largest number"),
        ("short", r"shape \(500, 1, 256\)"),
        ("double", "float64, not float32"),
    ],
)
def test_a_wrong_voice_file_writes_nothing_not_even_the_good_ones_beside_it(
    home: Path, save: Save, kind: str, said: str
) -> None:
    good = save("voices/af_good.pt", torch.from_numpy(voice()))
    bad = save("voices/af_x.pt", torch.from_numpy(broken(kind)))
    with pytest.raises(WeightsError, match=said):
        import_checkpoints([good, bad])
    assert not home.exists()


def test_voice_files_that_are_cut_off_or_hold_something_else_are_refused(home: Path, save: Save) -> None:
    cut = save("voices/af_x.pt", torch.from_numpy(voice()))
    cut.write_bytes(cut.read_bytes()[:100_000])
    short = cut.with_name("af_y.bin")
    short.write_bytes(voice().tobytes()[:-4])
    table = save("voices/af_z.pt", {"a": torch.ones(3)})
    odd = cut.with_name("notes.bin")
    with odd.open("wb") as file:
        np.savez(file, notes=voice())
    for file_ in (cut, short, table, odd):
        with pytest.raises(WeightsError):
            import_checkpoints([file_])
    assert not home.exists()


def test_a_checkpoint_and_voices_are_imported_in_one_go(home: Path, save: Save, tmp_path: Path) -> None:
    files = [save("kokoro-v1_0.pth", as_published(tensors())), save("af_one.pt", torch.from_numpy(voice()))]
    assert [record.name for record in import_checkpoints(files)] == ["kokoro-float32", "voices/af_one"]
    other = tmp_path / "flat.safetensors"
    save_file(
        {f"{part}.module.{k}": v for part, held in as_published(tensors()).items() for k, v in held.items()}, other
    )
    import_checkpoints([other])
    torch.testing.assert_close(
        load_file(str(imported.find("kokoro-float32")))["decoder.generator.ups.0.weight"],
        tensors()["decoder.generator.ups.0.weight"],
    )
