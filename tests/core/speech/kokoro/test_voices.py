# ruff: noqa: RUF001 - IPA looks like Latin letters
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from codub import weights
from codub.errors import CueError, UsageError
from codub.speech import style
from codub.speech.kokoro import vocabulary, voice_table, voices
from codub.speech.kokoro.voice_table import make_table, read_table, voice_names


def test_the_vocabulary_has_114_symbols_at_their_places() -> None:
    assert len(vocabulary.IDS) == 114
    assert len(set(vocabulary.IDS.values())) == 114
    assert {s: vocabulary.IDS[s] for s in "; aɑəˈːᵻ"} == {
        ";": 1, " ": 16, "a": 43, "ɑ": 69, "ə": 83, "ˈ": 156, "ː": 158, "ᵻ": 177,
    }  # fmt: skip
    with pytest.raises(CueError, match="'€'"):
        vocabulary.ids("a€")


def test_fifty_four_voices_of_256_numbers() -> None:
    stock = voices.stock_voices()
    assert len(stock) == 54
    assert all(vector.shape == (256,) and vector.dtype == np.float32 for vector in stock.values())
    assert voices.prosody_spread().shape == (128,)
    assert (voices.prosody_spread() > 0).all()


def test_a_blend_lies_between_its_voices() -> None:
    a, b = voices.stock_voice("af_heart"), voices.stock_voice("bm_george")
    np.testing.assert_allclose(voices.named_voice("af_heart+bm_george@0.25"), 0.25 * a + 0.75 * b, atol=1e-6)
    np.testing.assert_allclose(voices.blend({"af_heart": 2, "bm_george": 6}), 0.25 * a + 0.75 * b, atol=1e-6)
    np.testing.assert_array_equal(voices.named_voice("af_heart"), a)


@pytest.mark.parametrize("name", ["af_nobody", "af_heart+af_nobody@0.5", "af_heart+af_sky@2", "af_heart+af_sky@x"])
def test_a_voice_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(UsageError):
        voices.named_voice(name)


def test_the_shipped_table_knows_every_stock_voice_and_makes_sense() -> None:
    table = read_table(weights.shipped(style.ASSET))
    assert set(voices.stock_voices()) <= set(table.names)
    assert len(table.names) == len(set(table.names)) == len(table.embeddings) == len(table.median_f0)
    np.testing.assert_allclose(np.linalg.norm(table.embeddings, axis=1), 1, atol=2e-3)
    sexes = np.array([name[1] for name in table.names])
    assert np.median(table.median_f0[sexes == "m"]) < 150 < np.median(table.median_f0[sexes == "f"])


@pytest.mark.weights
def test_a_table_is_made_of_what_the_voices_sound_like(
    weights_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("af_heart", "am_michael", "af_heart+af_sarah@0.9")
    monkeypatch.setattr(voice_table, "voice_names", lambda _: names)
    heard: list[str] = []
    make_table(tmp_path / "table.safetensors", lambda _, name: heard.append(name))
    table = read_table(tmp_path / "table.safetensors")
    assert table.names == names == tuple(heard)
    heart, michael, mixed = table.embeddings
    assert heart @ mixed > 0.9 > heart @ michael
    assert table.median_f0[1] < 150 < table.median_f0[0]
    # what is done is not done again
    make_table(tmp_path / "table.safetensors", lambda _, name: heard.append(name))
    assert len(heard) == 3


def test_blends_are_of_one_sex_and_always_the_same() -> None:
    names = voice_names(50)
    assert names == voice_names(50)
    for name in names[54:]:
        first, second = name.split("@")[0].split("+")
        assert first[1] == second[1]
        voices.named_voice(name)


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "table.safetensors"
    arrays = {"embeddings": np.eye(2, 256, dtype=np.float16), "median_f0": np.array([100, 200], dtype=np.float32)}
    save_file(arrays, str(path), metadata={"names": json.dumps(["a", "b"])})
    table = read_table(path)
    assert table.names == ("a", "b")
    assert table.embeddings.dtype == np.float32
    assert table.median_f0.tolist() == [100, 200]
