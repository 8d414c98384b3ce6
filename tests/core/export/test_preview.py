from fractions import Fraction as F

import numpy as np
import pytest

from codub.errors import MediaError
from codub.export import lettering
from codub.export.mix import Mix
from codub.export.preview import Preview, render_preview
from codub.export.programme import Caption, PlacedSound, Segment
from codub.media.probe import probe
from codub.media.provenance import is_marked
from codub.media.video import read_frames


def test_original_left_dub_right_lines_below(film, tone, tmp_path):
    original, dub = film("a.mp4", 20, width=128, height=96), film("b.mp4", 150, width=128, height=96)
    captions = (Caption(F(0), F(2, 5), "Good evening.", "Buenas noches."),)
    path = tmp_path / "preview.mp4"
    seen = []
    preview = Preview(
        (Segment(original, 0, 20),),
        (Segment(original, 0, 4), Segment(dub, 4, 16)),
        captions,
        Mix(F(1), lines=(PlacedSound(tone("t.wav", 0.1), F(0), F(2)),)),
    )

    render_preview(path, preview, lambda done, what: seen.append(done))

    info = probe(path)
    assert (info.video.frames, info.video.rate, info.video.width, info.video.height) == (20, 25, 256, 120)
    assert info.audio.duration == F(4, 5)
    assert is_marked(path)
    frames = list(read_frames(path))
    left = [round(float(f[40:90, 10:118].mean())) for f in frames]
    right = [round(float(f[40:90, 138:246].mean())) for f in frames]
    assert left == pytest.approx([20 + 3 * i for i in range(20)], abs=2)
    assert right == pytest.approx([20 + 3 * i for i in range(4)] + [150 + 3 * i for i in range(4, 20)], abs=2)
    words = [f[96:110].max() > 150 for f in frames]
    assert words == [True] * 10 + [False] * 10
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_versions_of_different_length_are_refused(film, tmp_path):
    media = film("a.mp4")
    with pytest.raises(MediaError, match="original has 20 frames and the dub 19"):
        render_preview(tmp_path / "p.mp4", Preview((Segment(media, 0, 20),), (Segment(media, 0, 19),), (), Mix(F(1))))


def test_pictures_are_shown_in_true_proportions(film, tmp_path):
    media = film("a.mp4", width=72, height=48, sample_aspect=F(2))

    info = render_preview(tmp_path / "p.mp4", Preview((Segment(media, 0, 2),), (Segment(media, 0, 2),), (), Mix(F(1))))

    assert (info.width, info.sample_aspect) == (2 * 144, 1)


@pytest.fixture(params=["fonts of the machine", "no fonts"])
def fonts(request, monkeypatch):
    if request.param == "no fonts":
        monkeypatch.setattr(lettering, "_FONTS", ())
    for cached in (lettering.text_width, lettering.strip, lettering.label):
        cached.cache_clear()
    yield
    for cached in (lettering.text_width, lettering.strip, lettering.label):
        cached.cache_clear()


def letters(text: str) -> np.ndarray:
    return lettering.strip(text, "", "", (600, 80))[:40]


@pytest.mark.parametrize("pair", ["nñ", "eé", "aà", "oõ", "uü", "cç", "?¿", "!¡", "Nñ"])
def test_accents_are_drawn(fonts, pair):
    plain, accented = letters(pair[0]), letters(pair[1])

    assert accented.max() > 150
    assert not np.array_equal(plain, accented)


def test_long_lines_break_between_words_and_end_in_an_ellipsis(fonts):
    text = "uno dos tres cuatro cinco seis siete ocho nueve diez"

    lines = lettering.wrapped(text, 150, 20)

    assert " ".join(lines) == text
    assert max(lettering.text_width(line, 20) for line in lines) <= 150
    assert lettering._fitting(text, 150, 20)[1].endswith("...")
    assert len(lettering._fitting(text, 150, 20)) == 2
