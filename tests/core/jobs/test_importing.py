"""A published file becomes safetensors with a record of its origin; a wrong one becomes an error and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from made_checkpoints import FILTER, Save, made
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from codub import imported, weights
from codub.errors import UsageError, WeightsError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import load_face_generator, save_face
from codub.imported import IMPORTED
from codub.jobs.importing import import_checkpoints
from codub.latent import HIERSPEECHPP


def imported_files(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def refused(home: Path, *files: Path, chosen: str | None = None) -> WeightsError:
    """The error, after which nothing new lies in the home."""
    before = imported_files(home)
    with pytest.raises(WeightsError) as caught:
        import_checkpoints(files, chosen=chosen)
    assert imported_files(home) == before
    assert caught.value.fix
    return caught.value


def test_every_kind_is_recognised_and_kept_with_its_record(home: Path, save: Save) -> None:
    files = [
        save("ttv_lt960_ckpt.pth", made("ttv")),
        save("hierspeechpp_v1.1_ckpt.pth", made("synthesizer")),
        save("speechsr48k/G_100000.pth", {"model": made("speechsr48k"), "iteration": 22, "optimizer": {}}),
        save("speechsr24k/G_340000.pth", {"model": made("speechsr24k"), "iteration": 39, "optimizer": {}}),
        save("pytorch_model.bin", made("mms-300m")),
    ]
    said: list[str] = []
    records = import_checkpoints(files, said.append)
    assert [record.name for record in records] == ["ttv", "synthesizer", "speechsr48k", "speechsr24k", "mms-300m"]
    for file, record in zip(files, records, strict=True):
        asset = IMPORTED[record.name]
        kept = load_file(str(imported.find(record.name)))
        assert all(torch.equal(kept[key], value) for key, value in made(record.name).items())
        assert record == imported.read_record(asset)
        assert (record.source, record.source_sha256) == (file.name, weights.sha256_of(file))
        assert record.sha256 == weights.sha256_of(asset.file)
        assert record.licence == asset.licence
        assert imported.verify(asset) == []
    assert [record.step for record in records] == [None, None, 100_000, 340_000, None]
    assert "ttv_lt960_ckpt.pth: the ttv, 30 parameters, flat, step not stated" in said[0]
    assert "step 100,000 (epoch 22)" in next(line for line in said if line.startswith("G_100000"))


def test_a_result_can_be_imported_again_and_replaces(home: Path, save: Save) -> None:
    import_checkpoints([save("G_5.pth", {"model": made("ttv"), "iteration": 2})])
    first = imported.find("ttv").read_bytes()
    copy = home / "elsewhere" / "ttv.safetensors"
    copy.parent.mkdir()
    copy.write_bytes(imported.find("ttv").read_bytes())
    (record,) = import_checkpoints([copy])
    assert (record.source, record.step) == ("ttv.safetensors", 5)
    assert imported.find("ttv").read_bytes() == first  # equal weights are equal files
    newer = {key: value + 1 for key, value in made("ttv").items()}
    import_checkpoints([save("G_9.pth", newer)])
    assert torch.equal(load_file(str(imported.find("ttv")))["enc_p.emb.weight"], newer["enc_p.emb.weight"])
    assert imported.read_record(IMPORTED["ttv"]).source == "G_9.pth"


def test_what_codub_trained_keeps_its_own_header_and_is_its_makers(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "downloads" / "ttv.safetensors"
    file.parent.mkdir()
    header = {"origin": "codub 0.2.0, codub train", "steps": "12", "settings": "{}"}
    save_file(made("ttv"), str(file), header)
    (record,) = import_checkpoints([file])
    assert (record.step, record.origin, record.licence) == (12, header["origin"], imported.YOURS)
    assert imported.find("ttv").read_bytes() == file.read_bytes()


def test_the_number_of_parameters_leaves_filters_out(home: Path, save: Save) -> None:
    (record,) = import_checkpoints([save("synthesizer.pth", made("synthesizer"))])
    assert record.parameters == 6 + 14


def changed(name: str, **changes: Any) -> dict[str, Any]:
    return made(name) | {key.replace("__", "."): value for key, value in changes.items()}


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (changed("ttv", enc_p__emb__weight=torch.ones(4, 5)), r"shape \(4, 5\), expected \(4, 3\)"),
        (changed("ttv", enc_p__emb__weight=torch.ones(4, 3).half()), "float16"),
        (changed("ttv", enc_p__emb__weight=torch.tensor(float("nan")).expand(4, 3)), "12 of the 12 numbers .* not fin"),
        (changed("ttv", enc_p__emb__weight=torch.full((4, 3), torch.inf)), "poisoned"),
        (changed("synthesizer", sn__act__filter=FILTER * 1.01), "filter 'sn.act.filter' is not the one"),
        (changed("ttv", extra__weight=torch.ones(1)), "1 tensors that do not belong.*Unknown: 'extra.weight'"),
        (made("ttv") | made("synthesizer"), "Some belong to the"),
        ({key: value for key, value in made("ttv").items() if "pp" not in key}, "lacks 1 of 3.*'pp.conv_post.weight'"),
        ({f"x.{key}": value for key, value in made("ttv").items()}, "no model that codub knows.*Known are: the ttv"),
    ],
)
def test_a_wrong_file_says_what_is_wrong_and_writes_nothing(home: Path, save: Save, held: Any, said: str) -> None:
    with pytest.raises(WeightsError, match=said):
        import_checkpoints([save("G_1.pth", held)])
    assert imported_files(home) == []


def test_one_bad_file_of_several_keeps_all_from_being_written(home: Path, save: Save) -> None:
    good, bad = save("ttv_lt960_ckpt.pth", made("ttv")), save("cut.pth", made("synthesizer"))
    bad.write_bytes(bad.read_bytes()[:-100])
    assert "'cut.pth' is cut off or damaged" in refused(home, good, bad).message


def test_two_files_of_one_model_are_refused(home: Path, save: Save) -> None:
    files = [save("a.pth", made("ttv")), save("b.pth", made("ttv"))]
    with pytest.raises(UsageError, match=r"'a.pth' and 'b.pth' hold the same model \(ttv\)"):
        import_checkpoints(files)
    assert imported_files(home) == []


def test_a_file_under_another_models_name_is_refused_unless_it_is_meant(home: Path, save: Save) -> None:
    renamed = save("hierspeechpp_v1.1_ckpt.pth", made("ttv"))
    error = refused(home, renamed)
    assert "named like 'synthesizer', but holds the ttv" in error.message
    assert "holds the ttv" in str(refused(home, save("speechsr48k/G_1.pth", made("ttv"))))
    assert "is the ttv, not 'synthesizer'" in refused(home, renamed, chosen="synthesizer").message
    (record,) = import_checkpoints([renamed], chosen="ttv")
    assert record.name == "ttv"
    with pytest.raises(UsageError, match="--as says what one file is"):
        import_checkpoints([renamed, renamed], chosen="ttv")
    with pytest.raises(UsageError, match=r"'tts'.*There are: ttv, "):
        import_checkpoints([renamed], chosen="tts")


@pytest.mark.parametrize("name", ["hierspeechpp_ttv.pth", "TTV.v1-final.pth", "my weights.pth", "hierspeechpp_new.pth"])
def test_a_name_that_says_the_truth_or_nothing_is_no_hindrance(home: Path, save: Save, name: str) -> None:
    assert import_checkpoints([save(name, made("ttv"))])[0].name == "ttv"


@pytest.mark.parametrize(
    "name", ["synth.pth", "hierspeechpp_v1_ckpt.pth", "mms-300m.pth", "wav2vec2.pth", "speechsr.pth"]
)
def test_a_name_that_speaks_of_another_model_is_a_hindrance(home: Path, save: Save, name: str) -> None:
    assert "It was renamed, or is another file than you meant." in refused(home, save(name, made("ttv"))).cause


def test_the_two_up_samplers_are_told_apart_by_what_speaks_of_them(home: Path, save: Save) -> None:
    held = made("speechsr24k")
    wrapped = {"model": held, "iteration": 39}  # the epoch; the name says the step
    by_name = [save("speechsr48k.pth", held), save("my_speechsr24k_v2.pth", held), save("speechsr48k/G_7.pth", held)]
    names = [import_checkpoints([file])[0].name for file in by_name]
    assert names == ["speechsr48k", "speechsr24k", "speechsr48k"]
    assert import_checkpoints([save("G_340000.pth", wrapped)])[0].name == "speechsr24k"
    assert import_checkpoints([save("G_2.pth", held)], chosen="speechsr48k")[0].name == "speechsr48k"
    assert "of 24 or of 48 kHz" in refused(home, save("G_3.pth", held)).message
    assert "speechsr24k and speechsr48k" in refused(home, save("speechsr48k/G_340000.pth", wrapped)).cause


def test_a_known_published_file_is_never_taken_for_the_other(
    home: Path, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codub.speech.hierspeechpp import checkpoints

    file = save("G_3.pth", made("speechsr24k"))
    monkeypatch.setitem(checkpoints._PUBLISHED, weights.sha256_of(file), "speechsr24k")
    assert "it is the published speechsr24k" in refused(home, file, chosen="speechsr48k").cause
    assert import_checkpoints([file])[0].name == "speechsr24k"
    renamed = file.rename(file.with_name("speechsr48k.pth"))
    assert "it is the published speechsr24k" in refused(home, renamed).cause


def of_pretraining(modern: bool) -> dict[str, torch.Tensor]:
    """24 layers with heads, as Wav2Vec2ForPreTraining is published."""
    torch.manual_seed(1)
    held = {f"wav2vec2.{key}": value for key, value in made("mms-300m").items()}
    for layer in range(7, 24):
        held[f"wav2vec2.encoder.layers.{layer}.attention.k_proj.weight"] = torch.randn(6, 6)
    held |= {"wav2vec2.encoder.layer_norm.weight": torch.ones(6), "wav2vec2.masked_spec_embed": torch.ones(6)}
    held |= {"quantizer.codevectors": torch.ones(1, 4, 2), "project_q.bias": torch.ones(3)}
    names = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
    if not modern:
        return held
    renamed = {}
    for key, value in held.items():
        stem, _, last = key.rpartition(".")
        renamed[f"{stem}.{names.get(last, last)}"] = value
    return renamed


@pytest.mark.parametrize("modern", [True, False])
def test_of_wav2vec2_the_layers_that_are_read_are_kept(home: Path, save: Save, modern: bool) -> None:
    (record,) = import_checkpoints([save("pytorch_model.bin", of_pretraining(modern))])
    kept = load_file(str(imported.find("mms-300m")))
    assert sorted(kept) == sorted(made("mms-300m"))
    assert all(torch.equal(kept[key], value) for key, value in made("mms-300m").items())
    assert record.kept == "the first 7 of 24 layers are kept, no more are read"


def test_of_wav2vec2_dropped_layers_are_checked_too(home: Path, save: Save) -> None:
    held = of_pretraining(modern=False)
    held["wav2vec2.encoder.layers.20.attention.k_proj.weight"] = torch.full((6, 6), torch.nan)
    assert "layers.20" in refused(home, save("a.bin", held)).message
    del held["wav2vec2.encoder.layers.20.attention.k_proj.weight"]
    assert "layers.20" in refused(home, save("a.bin", held)).cause
    twice = made("mms-300m") | {f"wav2vec2.{key}": value for key, value in made("mms-300m").items()}
    assert "mixes" in refused(home, save("d.bin", twice)).message
    short = {key: v for key, v in made("mms-300m").items() if "layers.6" not in key}
    assert "layers.6" in refused(home, save("b.bin", short)).cause
    assert "lm_head" in refused(home, save("c.bin", made("mms-300m") | {"lm_head.weight": torch.ones(2)})).cause


def face(folder: Path, space: str, channels: int, damage: Any = None) -> Path:
    network = Generator(GeneratorConfig(space=space, channels=channels, window=3, size=16, widths=(8, 8, 8), code=8))
    if damage is not None:
        damage(network)
    path = folder / "face.safetensors"
    save_face(path, network, {"data": "made up"})
    return path


def test_a_face_of_this_space_is_imported_as_it_is(home: Path, tmp_path: Path) -> None:
    file = face(tmp_path, "hierspeechpp", 1024)
    (record,) = import_checkpoints([file])
    assert record.name == "face-hierspeechpp"
    generator = load_face_generator(imported.find("face-hierspeechpp"), space=HIERSPEECHPP)
    assert generator.metadata["data"] == "made up"
    assert record.sha256 == record.source_sha256
    with safe_open(str(file), "pt") as opened:
        assert record.parameters == sum(opened.get_tensor(k).numel() for k in opened.keys()) - 2 * 1024  # noqa: SIM118


def test_a_face_of_another_space_or_broken_is_refused(home: Path, tmp_path: Path) -> None:
    assert "of the space 'embedded'" in refused(home, face(tmp_path, "embedded", 512)).message
    assert "takes 512 channels" in refused(home, face(tmp_path, "hierspeechpp", 512)).cause

    def poison(network: Generator) -> None:
        with torch.no_grad():
            network.mean[3] = torch.nan

    assert "poisoned" in refused(home, face(tmp_path, "hierspeechpp", 1024, poison)).message
    assert "talking face, not 'ttv'" in refused(home, face(tmp_path, "hierspeechpp", 1024), chosen="ttv").message


def test_an_altered_cut_or_unrecorded_import_is_found_by_verify(home: Path, save: Save) -> None:
    import_checkpoints([save("ttv_lt960_ckpt.pth", made("ttv"))])
    asset = IMPORTED["ttv"]
    whole = asset.file.read_bytes()
    asset.file.write_bytes(whole[:-1] + b"\x00")
    assert imported.verify(asset) == ["'ttv' was altered or cut off since it was imported"]
    asset.file.write_bytes(whole)
    assert imported.verify(asset) == []
    asset.record_file.write_text(json.dumps({"name": "ttv"}))
    assert "no record of its origin" in imported.verify(asset)[0]
    assert imported.recorded_sha256("ttv") == weights.sha256_of(asset.file)
    asset.file.unlink()
    assert imported.verify(asset) == ["'ttv' is missing"]
    with pytest.raises(
        WeightsError, match=r"'ttv'.*not on this machine.*Get ttv_lt960_ckpt.pth .*codub weights import"
    ):
        imported.find("ttv")


def test_a_full_disk_leaves_the_old_import(home: Path, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    import_checkpoints([save("a.pth", made("ttv"))])
    before = imported.find("ttv").read_bytes()

    def full(*arguments: Any, **names: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("codub.jobs.importing.save_file", full)
    newer = save("b.pth", {key: value + 1 for key, value in made("ttv").items()})
    assert "No space left" in refused(home, newer).cause
    assert imported.find("ttv").read_bytes() == before
    assert imported.verify(IMPORTED["ttv"]) == []
