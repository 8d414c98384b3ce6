from fractions import Fraction as F

import numpy as np
import pytest
import soundfile

from codub.export.mix import Mix, mix_blocks, write_mix
from codub.export.programme import PlacedSound
from codub.media.audio import read_audio, write_wav
from codub.media.loudness import true_peak
from codub.media.provenance import is_marked


def mixed(mix: Mix) -> np.ndarray:
    return np.concatenate(list(mix_blocks(mix)))


def test_sounds_lie_at_their_samples(tone, tmp_path):
    click = np.zeros(4800, np.float32)
    click[100] = 1
    write_wav(tmp_path / "click.wav", click)
    start = F(1001, 24000) * 31
    line = PlacedSound(tmp_path / "click.wav", start, F(1, 10))

    out = mixed(Mix(F(12), bed=(PlacedSound(tone("bed.wav", 0.25, seconds=12), F(0), F(12)),), lines=(line,)))

    assert out.shape == (12 * 48000, 1)
    assert np.argmax(out) == round(start * 48000) + 100
    assert out[round(start * 48000) + 100, 0] == pytest.approx(1.25, abs=1e-6)
    assert np.flatnonzero(np.abs(out[:, 0] - 0.25) > 1e-6).tolist() == [round(start * 48000) + 100]


def test_part_of_a_recording_with_a_gain_across_blocks(tone, tmp_path):
    ramp = np.arange(48000 * 14, dtype=np.float32) / (48000 * 14)
    write_wav(tmp_path / "ramp.wav", ramp, subtype="FLOAT")
    sound = PlacedSound(tmp_path / "ramp.wav", F(1, 2), F(12), media_start=F(1), gain_db=-6.0206)

    out = mixed(Mix(F(13), lines=(sound,)))[:, 0]

    assert np.abs(out[24000 : 24000 + 12 * 48000] - ramp[48000 : 13 * 48000] / 2).max() < 1e-6
    assert not out[:24000].any()
    assert not out[24000 + 12 * 48000 :].any()


def test_the_original_goes_where_it_is_replaced_and_the_bed_stays(tone):
    original = PlacedSound(tone("voice.wav", 0.5), F(0), F(2))
    bed = PlacedSound(tone("bed.wav", 0.1, 0.2), F(0), F(2))
    mix = Mix(F(2), bed=(bed,), original=(original,), replaced=((F(1, 2), F(1)),))

    out = mixed(mix)

    assert mix.channels == 2
    inside, outside = out[24000:48000], np.r_[out[: 24000 - 960], out[48000 + 960 :]]
    assert inside == pytest.approx(np.broadcast_to([0.1, 0.2], inside.shape), abs=1e-6)
    assert outside == pytest.approx(np.broadcast_to([0.6, 0.7], outside.shape), abs=1e-6)
    assert np.abs(np.diff(out[:, 0])).max() < 0.002  # no edge is heard


def test_ducking_keeps_some_of_the_original(tone):
    original = PlacedSound(tone("voice.wav", 0.5), F(0), F(2))

    out = mixed(Mix(F(2), original=(original,), replaced=((F(1, 2), F(1)),), ducked=-20))

    assert out[36000, 0] == pytest.approx(0.05)


@pytest.mark.parametrize("level", [0.02, 0.9])
def test_the_target_loudness_is_reached_below_the_ceiling(tmp_path, level):
    rng = np.random.default_rng(0)
    noise = (level * rng.standard_normal(48000 * 12) / 4).astype(np.float32)
    noise[48000 * 5 : 48000 * 5 + 20] = 1.0
    write_wav(tmp_path / "noise.wav", noise)
    path = tmp_path / "mix.wav"

    report = write_mix(path, Mix(F(12), lines=(PlacedSound(tmp_path / "noise.wav", F(0), F(12)),)), target=-23)

    assert report.written.integrated == pytest.approx(-23, abs=0.3)
    assert true_peak(read_audio(path), 48000) < -0.95
    info = soundfile.info(path)
    assert (info.frames, info.samplerate, info.subtype) == (12 * 48000, 48000, "PCM_24")
    assert is_marked(path)


def test_progress_rises_to_the_end(tone, tmp_path):
    seen = []
    mix = Mix(F(2), lines=(PlacedSound(tone("a.wav", 0.1), F(0), F(2)),))

    write_mix(tmp_path / "mix.wav", mix, progress=lambda done, what: seen.append((done, what)))

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == 1
