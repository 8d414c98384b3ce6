"""The speech encoder on real and made sound."""

from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import WeightsError
from codub.latent import EMBEDDED, SILENCE
from codub.speech.adapter import SpeechAdapter
from codub.speech.encoder import (
    EarSpeechEncoder,
    load_speech_encoder,
    measured_f0,
    tuned,
)
from codub.speech.encoder_file import load_adapter, load_light, save_adapter, save_light
from codub.speech.hearing import HEARD_CHANNELS
from codub.speech.inventory import INVENTORY
from codub.speech.light_ear import LightEar


def test_an_adapter_survives_the_disk(tmp_path: Path) -> None:
    torch.manual_seed(0)
    adapter = SpeechAdapter(phonemes=len(INVENTORY), width=16).eval()
    adapter.feature_mean.fill_(0.25)
    save_adapter(adapter, tmp_path / "a.safetensors")
    again = load_adapter(tmp_path / "a.safetensors")
    heard, mel = torch.randn(1, 50, HEARD_CHANNELS), torch.randn(1, 80, 100)
    torch.testing.assert_close(again(heard, mel, 40).features, adapter(heard, mel, 40).features, atol=5e-3, rtol=0)


def test_the_light_ear_survives_the_disk_with_its_adapter(tmp_path: Path) -> None:
    torch.manual_seed(0)
    ear = LightEar(width=32, layers=1, bands=8).eval()
    adapter = SpeechAdapter(phonemes=len(INVENTORY), heard=32, width=16).eval()
    save_light(ear, adapter, tmp_path / "a.safetensors")
    again, behind = load_light(tmp_path / "a.safetensors")
    encoder, same = EarSpeechEncoder(ear, adapter), EarSpeechEncoder(again, behind)
    sound = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    np.testing.assert_allclose(same.encode(sound).features, encoder.encode(sound).features, atol=0.05)
    save_adapter(SpeechAdapter(phonemes=len(INVENTORY), width=16), tmp_path / "b.safetensors")
    with pytest.raises(WeightsError, match="not a speech encoder"):
        load_light(tmp_path / "b.safetensors")


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"enter.weight": torch.zeros(4, 4, 1)}, str(tmp_path / "a.safetensors"))
    with pytest.raises(WeightsError, match="not a speech encoder"):
        load_adapter(tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(WeightsError, match="not a speech encoder"):
        load_adapter(tmp_path / "b.safetensors")


@pytest.fixture(scope="module")
def encoder(weights_home: Path) -> EarSpeechEncoder:
    return load_speech_encoder()


@pytest.mark.weights
@pytest.mark.parametrize("samples", [0, 1, 399, 400, 401, 16_000, 16_000 * 11 + 7])
def test_one_vector_stands_for_400_samples(encoder: EarSpeechEncoder, samples: int) -> None:
    latent = encoder.encode(np.random.default_rng(0).standard_normal(samples).astype(np.float32) * 0.01)
    vectors = max(1, -(-samples // 400))
    assert latent.space == EMBEDDED
    assert latent.origin == "sound"
    assert latent.features.shape == (512, vectors)
    assert latent.spans[0].start == 0.0
    assert latent.spans[-1].end == pytest.approx(vectors / 40)


@pytest.mark.weights
def test_silence_is_heard_as_silence(encoder: EarSpeechEncoder) -> None:
    latent = encoder.encode(np.zeros(16_000, dtype=np.float32))
    assert {span.phoneme for span in latent.spans} == {SILENCE}


@pytest.mark.weights
def test_pieces_meet_without_a_seam(encoder: EarSpeechEncoder, corpora: Path) -> None:
    import soundfile

    speech = [soundfile.read(str(path), dtype="float32")[0] for path in sorted(corpora.glob("teacher/audio/000[01]*"))]
    long = np.concatenate(speech)[: 16_000 * 15]
    whole = encoder.encode(long).features
    part = encoder.encode(long[16_000 * 8 : 16_000 * 12]).features  # the first seam lies at 10 s
    inner = slice(40, 120)
    a, b = whole[:, 320:480][:, inner], part[:, inner]
    cosine = (a * b).sum(0) / np.linalg.norm(a, axis=0) / np.linalg.norm(b, axis=0)
    assert cosine.mean() > 0.93


@pytest.mark.weights
def test_a_voice_never_trained_on_is_heard_as_what_it_says(encoder: EarSpeechEncoder, corpora: Path) -> None:
    from codub.speech.kokoro.voice import load_voice
    from codub.training.speech_data import read_sound, teacher_clips

    ttv = load_voice().ttv
    clips = [clip for clip in teacher_clips(corpora) if clip.held_out][:5]
    cosines = []
    for clip in clips:
        heard, meant = encoder.encode(read_sound(clip.sound)).features, ttv.features(clip.symbols, clip.durations)
        norms = np.linalg.norm(heard, axis=0) * np.linalg.norm(meant, axis=0)
        cosines.append(((heard * meant).sum(0) / norms).mean())
    assert np.mean(cosines) > 0.8


def test_pitch_follows_the_signal_where_it_is_clear() -> None:
    truth = 120 + 30 * np.sin(np.arange(160) / 20)
    heard = np.log1p(truth * 1.12).astype(np.float32)  # the adapter's curve, 12 % too high
    measured = np.where(np.arange(160) % 40 < 20, truth, 0.0).astype(np.float32)
    measured[5] = 2 * truth[5]  # an octave slip
    errors = np.abs(np.expm1(tuned(heard, measured)) - truth)
    assert errors[(measured > 0) & (np.arange(160) != 5)].max() < 0.01
    assert errors.max() < 5.0


def test_pitch_of_a_pure_tone_is_measured_at_its_own_times() -> None:
    time = np.arange(16_000) / 16_000
    rising = np.sin(2 * np.pi * (100 * time + 50 * time**2)).astype(np.float32)  # 100 to 200 Hz in a second
    f0 = measured_f0(rising, 80)
    middle = (np.arange(80) + 0.5) / 80
    inside = slice(5, 70)
    np.testing.assert_allclose(f0[inside], (100 + 100 * middle)[inside], atol=2.0)


@pytest.mark.weights
def test_people_never_trained_on_are_heard_as_what_they_say(encoder: EarSpeechEncoder, corpora: Path) -> None:
    from codub.speech.kokoro.voice import load_voice
    from codub.training.grid import read_grid
    from codub.training.speech_data import Recording, read_sound, recording_target

    ttv = load_voice().ttv
    films = [film for film in read_grid(corpora) if film.person in ("s2", "s20", "s32")][:3]
    for film in films:
        meant = recording_target(Recording(film.name, film.person, film.text, film.film, film.words()), ttv, encoder)
        heard = encoder.encode(read_sound(film.film)).features
        spoken = meant.labels > 0
        norms = np.linalg.norm(heard, axis=0) * np.linalg.norm(meant.features, axis=0)
        assert ((heard * meant.features).sum(0) / norms)[spoken].mean() > 0.8


@pytest.mark.weights
def test_noise_is_no_speech(encoder: EarSpeechEncoder) -> None:
    noise = np.random.default_rng(1).standard_normal(16_000 * 2).astype(np.float32) * 0.003
    spans = encoder.encode(noise).spans
    assert sum(span.duration for span in spans if span.phoneme == SILENCE) > 1.9
