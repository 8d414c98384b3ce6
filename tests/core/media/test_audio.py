from fractions import Fraction

import numpy as np
import pytest
import soundfile

from codub.errors import MediaError
from codub.media.audio import BLOCK_SECONDS, audio_blocks, read_audio, write_wav
from codub.media.provenance import is_marked, sound_comment


@pytest.fixture
def clicks(tmp_path):
    """25 s with a click at every whole second from 1 on, at the given rate."""

    def make(rate: int):
        samples = np.zeros(25 * rate, np.float32)
        samples[rate::rate] = 0.9
        path = tmp_path / f"{rate}.wav"
        soundfile.write(path, samples, rate, subtype="PCM_24")
        return path

    return make


def click_near(samples: np.ndarray, rate: int, second: int) -> int:
    """Samples between the click and where it belongs."""
    window = np.abs(samples[(second * 2 - 1) * rate // 2 : (second * 2 + 1) * rate // 2])
    return int(np.argmax(window)) - rate // 2


@pytest.mark.parametrize("source", [44100, 48000])
@pytest.mark.parametrize(
    ("ending", "codec"),
    [("wav", "pcm_s24le"), ("m4a", "aac"), ("mp3", "libmp3lame"), ("flac", "flac"), ("ogg", "libvorbis"),
     ("mkv", "aac"), ("mov", "pcm_s24le")],
)  # fmt: skip
def test_a_click_stays_on_its_sample(clicks, ffmpeg, tmp_path, source, ending, codec):
    path = tmp_path / f"coded.{ending}"
    ffmpeg("-i", clicks(source), "-c:a", codec, path)
    for rate in (48000, 16000):
        whole = read_audio(path, rate=rate)
        assert [click_near(whole, rate, second) for second in (1, 7, 24)] == [0, 0, 0]
        for start in (Fraction(12345, 1000), Fraction(1, 3), Fraction(17)):
            piece = read_audio(path, start, Fraction(7, 2), rate)
            first = round(start * rate)
            assert len(piece) == Fraction(7, 2) * rate
            assert np.abs(piece - whole[first : first + len(piece)]).max() < 1e-6


def test_duration_is_exact_and_outside_is_silence(clicks):
    path = clicks(48000)

    samples = read_audio(path, Fraction(24), Fraction(1001, 24000) * 60)
    before = read_audio(path, Fraction(-1), Fraction(3))

    assert len(samples) == 120120
    assert not samples[48000:].any()
    assert (len(before), np.flatnonzero(before > 0.5).tolist()) == (144000, [96000])
    with pytest.raises(MediaError, match=r"ends at 25\.000 s"):
        read_audio(path, Fraction(26))


def test_sound_is_timed_from_the_first_picture(make_film, clicks, ffmpeg, tmp_path):
    film = make_film("f.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", rate="24", count=72)
    for name, offset in (("late.ts", 5), ("plain.mov", 0)):
        path = tmp_path / name
        codec = "mp2" if name.endswith("ts") else "pcm_s24le"
        ffmpeg(
            "-itsoffset", offset, "-i", film, "-itsoffset", offset, "-i", clicks(48000),
            "-map", 0, "-map", 1, "-c:v", "copy", "-c:a", codec, "-shortest", path,
        )  # fmt: skip
        samples = read_audio(path, duration=Fraction(3))
        # mp2 delays by its 481 samples of filter memory, which a transport stream cannot state
        assert click_near(samples, 48000, 1) in ((0,) if name.endswith("mov") else (0, 480, 481))


def test_channels_are_mixed(tmp_path):
    rate = 48000
    left, right = np.full(rate, 0.5, np.float32), np.full(rate, -0.1, np.float32)
    stereo, surround = tmp_path / "stereo.wav", tmp_path / "surround.wav"
    soundfile.write(stereo, np.stack([left, right], axis=1), rate, subtype="FLOAT")
    planes = np.zeros((rate, 6), np.float32)
    planes[:, 2] = 0.4  # the centre of FL FR FC LFE BL BR
    planes[:, 3] = 0.9  # LFE
    soundfile.write(surround, planes, rate, subtype="FLOAT", format="WAVEX")
    flac = tmp_path / "surround.flac"
    soundfile.write(flac, planes, rate)

    assert read_audio(stereo)[100] == pytest.approx(0.2)
    assert read_audio(stereo, channels=2)[100] == pytest.approx([0.5, -0.1])
    assert read_audio(flac)[100] == pytest.approx(0.4, abs=1e-4)
    assert read_audio(flac, channels=2)[100] == pytest.approx([0.2828, 0.2828], abs=1e-3)


def test_a_tone_keeps_level_and_pitch_through_resampling(tmp_path):
    path, rate = tmp_path / "tone.wav", 44100
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate * 3) / rate), rate, subtype="DOUBLE")

    samples = read_audio(path, Fraction(1), Fraction(1))

    truth = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    assert np.abs(samples - truth).max() < 1e-5


def test_blocks_are_small_and_join_up(clicks):
    blocks = list(audio_blocks(clicks(44100), rate=16000))

    assert [len(b) for b in blocks] == [BLOCK_SECONDS * 16000] * 2 + [5 * 16000]
    assert np.array_equal(np.concatenate(blocks), read_audio(clicks(44100), rate=16000))


def test_wav_holds_24_bit_and_the_mark(tmp_path):
    path = tmp_path / "sub" / "take.wav"
    samples = np.random.default_rng(0).uniform(-1, 1, 4801).astype(np.float32)

    assert write_wav(path, samples, comment=sound_comment(cue="7")) == 4801

    info = soundfile.info(path)
    assert (info.samplerate, info.subtype, info.frames) == (48000, "PCM_24", 4801)
    assert np.abs(read_audio(path) - samples).max() < 2**-22
    assert is_marked(path)


def test_wav_is_written_block_by_block_and_appears_at_the_end(tmp_path):
    path, seen = tmp_path / "long.wav", []

    def blocks():
        for _ in range(20):
            seen.append(path.exists())
            yield np.zeros((48000, 2), np.float32)

    assert write_wav(path, blocks()) == 960000
    assert (any(seen), soundfile.info(path).channels) == (False, 2)


def test_bad_samples_leave_the_old_file(tmp_path):
    path = tmp_path / "take.wav"
    path.write_bytes(b"before")

    with pytest.raises(MediaError, match="not a number"):
        write_wav(path, [np.zeros(10, np.float32), np.full(10, np.nan, np.float32)])

    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["take.wav"]
