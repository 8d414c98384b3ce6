"""The original sound without the lines: silent there, untouched elsewhere, as long as before."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_dubs import placed_clip

from codub.dubbing.beds import write_bed
from codub.media import audio
from codub.media.fading import CROSSFADE
from codub.timeline.spans import Spans

F = Fraction
ONE, TWO = F(1), F(2)
FADE = int(CROSSFADE * 48_000)


def bed(
    folder: Path, silenced: Spans, *, seconds: int = 4, channels: int = 1, start: Fraction = TWO, media: Fraction = ONE
) -> tuple[np.ndarray, np.ndarray]:
    """The clip's used part (3 s from second `media` of noise) before and after."""
    shape = (seconds * 48_000, channels) if channels > 1 else (seconds * 48_000,)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)
    soundfile.write(folder / "talk.wav", noise, 48_000, "PCM_24")
    clip = placed_clip(kind="audio", media=folder / "talk.wav", media_start=media, start=start, end=start + 3)
    write_bed(folder / "bed.wav", clip, silenced)
    made, rate = soundfile.read(folder / "bed.wav", dtype="float32")
    assert rate == 48_000
    original, _ = soundfile.read(folder / "talk.wav", dtype="float32")
    first = int(media * 48_000)
    return original[first : first + 3 * 48_000], made


@pytest.mark.parametrize("channels", [1, 2])
def test_silent_in_the_spans_and_identical_away_from_them(tmp_path: Path, channels: int) -> None:
    before, after = bed(tmp_path, ((F(3), F(7, 2)), (F(4), F(9, 2))), channels=channels)
    assert after.shape == before.shape
    spoken = np.zeros(len(before), bool)
    near = np.zeros(len(before), bool)
    for low, high in ((48_000, 72_000), (96_000, 120_000)):
        spoken[low:high] = True
        near[low - FADE : high + FADE] = True
    assert not after[spoken].any()
    np.testing.assert_allclose(after[~near], before[~near], rtol=0, atol=1e-7)


def test_it_fades_smoothly_and_never_gets_louder(tmp_path: Path) -> None:
    before, after = bed(tmp_path, ((F(3), F(4)),))
    gain = np.divide(after, before, out=np.ones_like(after), where=np.abs(before) > 0.05)
    ramp = gain[48_000 - FADE : 48_000][np.abs(before[48_000 - FADE : 48_000]) > 0.05]
    assert (np.diff(ramp) < 1e-4).all()
    assert 0.4 < np.median(ramp) < 0.6
    assert (np.abs(after) <= np.abs(before) + 1e-6).all()


def test_a_span_over_the_clips_edge_is_silent_from_there(tmp_path: Path) -> None:
    _, after = bed(tmp_path, ((F(0), F(5, 2)), (F(9, 2), F(60))))
    assert not after[:24_000].any()
    assert not after[120_000:].any()
    assert after[48_000:96_000].any()


def test_nothing_silenced_is_the_original(tmp_path: Path) -> None:
    before, after = bed(tmp_path, ())
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-7)


def test_odd_times_keep_the_length_to_the_sample(tmp_path: Path) -> None:
    _, after = bed(tmp_path, ((F(3), F(7, 2)),), start=F(1001, 24000) * 51, media=F(1001, 30000))
    assert len(after) == 3 * 48_000


def test_sound_shorter_than_its_clip_ends_in_silence(tmp_path: Path) -> None:
    _, after = bed(tmp_path, ((F(2), F(5, 2)),), seconds=3)
    assert len(after) == 3 * 48_000
    assert after[48_000:90_000].any()
    assert not after[96_000 + 100 :].any()


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, whole = bed(tmp_path, ((F(3), F(7, 2)),))
    monkeypatch.setattr(audio, "BLOCK_SECONDS", 1)
    _, pieces = bed(tmp_path, ((F(3), F(7, 2)),))
    np.testing.assert_array_equal(whole, pieces)


def test_a_bed_is_written_again_only_when_it_would_be_another(tmp_path: Path) -> None:
    def state() -> int:
        return (tmp_path / "bed.wav").stat().st_mtime_ns

    def again(silenced: Spans) -> bool:
        before = state()
        clip = placed_clip(kind="audio", media=tmp_path / "talk.wav", media_start=ONE, start=TWO, end=TWO + 3)
        write_bed(tmp_path / "bed.wav", clip, silenced)
        return state() != before

    bed(tmp_path, ((F(3), F(4)),))
    assert not again(((F(3), F(4)),))
    assert again(((F(3), F(9, 2)),))
    (tmp_path / "bed.wav").write_bytes(b"cut off")
    assert again(((F(3), F(9, 2)),))
    louder, rate = soundfile.read(tmp_path / "talk.wav", dtype="float32")
    soundfile.write(tmp_path / "talk.wav", louder / 2, rate, "PCM_24")
    assert again(((F(3), F(9, 2)),))
