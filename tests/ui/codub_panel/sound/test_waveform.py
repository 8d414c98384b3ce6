from itertools import pairwise

import numpy as np
import pytest

from codub_panel.sound.waveform import Pyramid

SOUND = np.random.default_rng(3).standard_normal(100_003).astype(np.float32)


@pytest.mark.parametrize(("start", "per_column"), [(0, 1), (17, 3), (500.5, 31.7), (0, 40)])
def test_columns_are_the_extremes_of_their_samples(start, per_column):
    columns = Pyramid.of(SOUND).columns(start, per_column, 300)
    edges = np.floor(start + per_column * np.arange(301)).astype(int)
    expected = [(SOUND[a:b].min(), SOUND[a:b].max()) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(columns, expected)


@pytest.mark.parametrize("per_column", [64, 333.3, 5000, 40_000])
def test_from_afar_a_column_holds_its_extremes_and_little_more(per_column):
    columns = Pyramid.of(SOUND).columns(0, per_column, int(len(SOUND) // per_column))
    for number, (low, high) in enumerate(columns):
        first, last = int(number * per_column), int((number + 1) * per_column)
        inside = SOUND[first + int(per_column / 2) : last - int(per_column / 2) + 1]
        around = SOUND[max(0, first - int(per_column)) : last + int(per_column)]
        assert around.min() <= low <= inside.min()
        assert inside.max() <= high <= around.max()


def test_a_single_click_is_seen_at_any_zoom():
    sound = np.zeros(480_000, np.float32)
    sound[123_456] = 0.9
    for width in (10, 100, 1000, 20_000):
        columns = Pyramid.of(sound).columns(0, 480_000 / width, width)
        assert columns[:, 1].max() == np.float32(0.9)
        assert abs(columns[:, 1].argmax() - 123_456 * width // 480_000) <= 1


def test_closer_than_a_sample_each_is_drawn_as_often_as_it_is_wide():
    columns = Pyramid.of(np.array([0.1, 0.5], np.float32)).columns(0, 0.25, 8)
    np.testing.assert_allclose(columns[:, 1], [0.1] * 4 + [0.5] * 4)


@pytest.mark.parametrize("start", [-1000, 99_000, 500_000, -(10**6)])
def test_beyond_the_sound_there_is_silence(start):
    columns = Pyramid.of(SOUND).columns(start, 10, 400)
    beyond = (start + 10 * np.arange(400) >= len(SOUND)) | (start + 10 * np.arange(1, 401) <= 0)
    assert not columns[beyond].any()
    assert columns[~beyond].any() or beyond.all()


def test_no_sound_at_all_is_silence():
    assert not Pyramid.of(np.zeros(0, np.float32)).columns(0, 100, 5).any()
