"""A take's latent comes back as it was, or not at all."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from made_dubs import made_latent
from safetensors.numpy import load_file, save_file

from codub.dubbing.latents import read_latent, write_latent
from codub.errors import CodubError, WeightsError
from codub.latent import PhonemeSpan, SpeechLatent


@pytest.mark.parametrize("origin", ["text", "sound"])
def test_a_latent_comes_back_exactly(tmp_path: Path, origin: str) -> None:
    noise = made_latent(1.3, 4, origin)
    spans = (PhonemeSpan("", 0.0, 0.1), PhonemeSpan("ɲ", 0.1, 1 / 3), PhonemeSpan("t͡ʃ", 1 / 3, 1.3))
    kept = SpeechLatent(noise.space, noise.features, noise.log_f0, noise.energy, spans, noise.origin)
    write_latent(tmp_path / "a.safetensors", kept, Fraction(1001, 24000))
    again, at = read_latent(tmp_path / "a.safetensors")
    assert at == Fraction(1001, 24000)
    assert (again.space, again.spans, again.origin) == (kept.space, kept.spans, kept.origin)
    for name in ("features", "log_f0", "energy"):
        np.testing.assert_array_equal(getattr(again, name), getattr(kept, name))


def test_a_view_of_a_larger_array_is_written_as_seen(tmp_path: Path) -> None:
    whole = made_latent(2.0)
    part = SpeechLatent(
        whole.space, whole.features[:, ::2], whole.log_f0[:80], whole.energy[:80], whole.spans, whole.origin
    )
    write_latent(tmp_path / "a.safetensors", part, Fraction(0))
    np.testing.assert_array_equal(read_latent(tmp_path / "a.safetensors")[0].features, part.features)


@pytest.mark.parametrize("content", [b"", b"not a latent", None])
def test_a_damaged_or_missing_file_is_told_with_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"'a.safetensors' of a take cannot be read.*codub dub"):
        read_latent(path)


def test_a_cut_off_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_latent(path, made_latent(), Fraction(0))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="cannot be read"):
        read_latent(path)


@pytest.mark.parametrize("changes", [{"space": "other"}, {"spans": "[["}, {"at": "soon"}, {"spans": "[[1]]"}])
def test_a_file_that_says_nonsense_is_told(tmp_path: Path, changes: dict[str, str]) -> None:
    path = tmp_path / "a.safetensors"
    write_latent(path, made_latent(), Fraction(0))
    about = {"space": "embedded", "origin": "text", "at": "0", "spans": "[]", **changes}
    save_file(load_file(path), path, metadata=about)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_latent(path)


def test_features_of_another_space_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_latent(path, made_latent(), Fraction(0))
    save_file(load_file(path), path, metadata={"space": "hierspeechpp", "origin": "text", "at": "0", "spans": "[]"})
    with pytest.raises(CodubError):
        read_latent(path)
