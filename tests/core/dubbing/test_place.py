from fractions import Fraction

import numpy as np
import pytest

from codub.dubbing.place import CEILING_DBTP, match_gain, place_line, to_delivery_rate
from codub.media.loudness import PROGRAMME_TARGET, true_peak
from codub.speech.model import Speech


def tone(seconds: float, rate: int, *, hertz: float = 440.0, level: float = 0.1) -> Speech:
    times = np.arange(round(seconds * rate)) / rate
    return Speech((level * np.sin(2 * np.pi * hertz * times)).astype(np.float32), rate)


def test_a_click_lands_on_its_sample():
    click = np.zeros(24000, dtype=np.float32)
    click[6000] = 0.5  # 0.25 s into the line
    placed = place_line(Speech(click, 24000), start=Fraction(10), end=Fraction(13), at=Fraction(21, 2))
    assert np.argmax(np.abs(placed.samples)) == 0.75 * 48000
    assert placed.spoken_from == Fraction(21, 2)
    assert placed.spoken_until == Fraction(23, 2)
    assert placed.lost == 0


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)])
def test_the_file_is_as_long_as_its_pictures(rate):
    start, end = 1001 / rate, 1078 / rate
    placed = place_line(tone(1, 24000), start=start, end=end, at=start)
    assert len(placed.samples) == round(77 / rate * 48000)
    assert placed.samples.dtype == np.float32


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 48000])
def test_resampling_keeps_length_pitch_and_level(rate):
    before = tone(1.001, rate)
    after = to_delivery_rate(before)
    assert len(after) == round(len(before.samples) * 48000 / rate)
    truth = tone(1.001, 48000).samples
    middle = slice(4800, -4800)
    count = min(len(truth), len(after))
    assert np.abs(after[:count][middle] - truth[:count][middle]).max() < 1e-4


def test_silence_round_the_line_is_digital():
    placed = place_line(tone(1, 24000), start=Fraction(0), end=Fraction(3), at=Fraction(1))
    assert not placed.samples[:48000].any()
    assert not placed.samples[96000:].any()


def test_the_ends_are_faded_and_the_middle_is_not():
    steady = Speech(np.full(24000, 0.2, dtype=np.float32), 24000)
    placed = place_line(steady, start=Fraction(0), end=Fraction(1), at=Fraction(0))
    assert abs(placed.samples[0]) < 1e-3
    assert abs(placed.samples[-1]) < 1e-3
    np.testing.assert_allclose(placed.samples[1000:-1000], 0.2, atol=1e-3)
    assert np.abs(np.diff(placed.samples)).max() < 0.2 * np.pi / 2 / 240 * 1.1


def test_what_lies_outside_the_window_is_cut_faded_and_told():
    placed = place_line(tone(2, 24000), start=Fraction(5), end=Fraction(6), at=Fraction(9, 2))
    assert len(placed.samples) == 48000
    assert placed.lost == 1
    assert (placed.spoken_from, placed.spoken_until) == (5, 6)
    assert np.abs(placed.samples[[0, -1]]).max() < 1e-4


def test_a_line_wholly_outside_leaves_silence():
    placed = place_line(tone(1, 24000), start=Fraction(5), end=Fraction(6), at=Fraction(9))
    assert not placed.samples.any()
    assert placed.lost == 1


def test_an_empty_window_is_refused():
    with pytest.raises(ValueError, match="empty"):
        place_line(tone(1, 24000), start=Fraction(5), end=Fraction(5), at=Fraction(5))


def test_the_line_gets_as_loud_as_the_original():
    line, original = tone(2, 24000, level=0.02), tone(3, 16000, level=0.2)
    assert match_gain(line, original) == pytest.approx(20.0, abs=0.3)


def test_pauses_of_the_original_do_not_count():
    spoken = tone(2, 16000, level=0.2).samples
    sparse = Speech(np.concatenate([spoken, np.zeros(16000 * 6, dtype=np.float32)]), 16000)
    assert match_gain(tone(2, 24000, level=0.2), sparse) == pytest.approx(0.0, abs=0.7)


def test_without_an_original_the_line_goes_to_dialogue_level():
    # ITU-R BS.1770: a mono 997 Hz sine of amplitude a has 20 lg(a) - 3.01 LUFS.
    line = tone(2, 24000, hertz=997, level=0.5)
    wanted = PROGRAMME_TARGET - (20 * np.log10(0.5) - 3.01)
    assert match_gain(line, None) == pytest.approx(wanted, abs=0.1)
    assert match_gain(line, tone(2, 16000, level=1e-4)) == pytest.approx(wanted, abs=0.1)


def test_a_very_short_word_and_a_silent_line_have_a_gain_too():
    assert match_gain(tone(0.1, 24000, level=0.02), tone(0.2, 24000, level=0.2)) == pytest.approx(20.0, abs=0.5)
    assert match_gain(Speech(np.zeros(24000, dtype=np.float32), 24000), tone(1, 24000)) == 0.0


def test_a_gain_into_the_ceiling_is_limited_not_clipped():
    placed = place_line(tone(1, 24000, level=0.5), start=Fraction(0), end=Fraction(1), at=Fraction(0), gain_db=12)
    assert placed.limited_db == pytest.approx(20 * np.log10(0.5) + 12 - CEILING_DBTP, abs=0.2)
    assert true_peak(placed.samples, 48000) <= CEILING_DBTP + 0.01
    spectrum = np.abs(np.fft.rfft(placed.samples[4800:-4800] * np.hanning(38400)))
    fundamental = spectrum[345:360].max()
    assert spectrum[1000:].max() < 1e-3 * fundamental  # clipping would show at 1320 Hz
