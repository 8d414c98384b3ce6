from fractions import Fraction as F

import numpy as np
import pytest

from codub.errors import MediaError
from codub.export.master import Master, render_master
from codub.export.mix import Mix
from codub.export.programme import PlacedSound, Segment
from codub.media.audio import read_audio
from codub.media.probe import ColourTags, probe
from codub.media.provenance import is_marked
from codub.media.video import read_frames

BT709 = ColourTags("limited", 1, 1, 1)


def levels(path) -> list[int]:
    return [round(float(frame.mean())) for frame in read_frames(path)]


@pytest.mark.parametrize(("codec", "ending", "sound"), [("prores", "mov", "pcm_s24le"), ("h264", "mp4", "aac")])
@pytest.mark.parametrize("rate", ["24000/1001", "50"])
def test_the_master_lasts_as_long_as_its_pictures(film, tone, tmp_path, codec, ending, sound, rate):
    first, second = (
        film(name, base, rate=rate, colour=BT709, sample_aspect=F(64, 45))
        for name, base in (("a.mp4", 20), ("b.mp4", 120))
    )
    pictures = (Segment(first, 3, 5), Segment(None, 0, 2), Segment(second, 0, 20))
    mix = Mix(F(60), lines=(PlacedSound(tone("t.wav", 0.1), F(0), F(2)),))
    path = tmp_path / f"master.{ending}"
    seen = []

    report = render_master(path, Master(pictures, mix, codec, loudness=None), lambda done, what: seen.append(done))

    info = probe(path)
    assert (report.frames, report.rate) == (27, F(rate))
    assert (info.video.rate, info.video.frames, info.video.sample_aspect) == (F(rate), 27, F(64, 45))
    assert info.video.colour == BT709
    assert (info.audio.codec, info.audio.rate) == (sound, 48000)
    assert info.audio.duration == F(round(27 / F(rate) * 48000), 48000)
    assert levels(path) == pytest.approx(
        [29 + 3 * i for i in range(5)] + [0, 0] + [120 + 3 * i for i in range(20)], abs=1
    )
    assert is_marked(path)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_sound_is_cut_to_the_picture_and_stays_in_step(film, tmp_path):
    from codub.media.audio import write_wav

    click = np.zeros(48000 * 3, np.float32)
    click[12 * 1920] = 0.5  # at frame 12
    write_wav(tmp_path / "click.wav", click)
    path = tmp_path / "master.mov"

    render_master(
        path,
        Master(
            (Segment(film("a.mp4"), 0, 20),),
            Mix(F(3), lines=(PlacedSound(tmp_path / "click.wav", F(0), F(3)),)),
            loudness=None,
        ),
    )

    sound = read_audio(path)
    assert (len(sound), int(np.argmax(sound))) == (20 * 1920, 12 * 1920)


def test_loudness_is_brought_to_the_target(film, tmp_path, corpora):
    line = PlacedSound(corpora / "grid" / "s2" / "pwij3p.mp4", F(0), F(4, 5), media_start=F(1))

    report = render_master(tmp_path / "m.mov", Master((Segment(film("a.mp4"), 0, 20),), Mix(F(1), lines=(line,))))

    assert report.sound.written.integrated == pytest.approx(-23, abs=0.1)


def test_another_rate_and_an_unknown_codec_are_refused(film, tmp_path):
    pictures = (Segment(film("a.mp4"), 0, 5), Segment(film("b.mp4", rate="24"), 0, 5))
    with pytest.raises(MediaError, match=r"'b\.mp4' runs at 24 frames/s, the programme at 25"):
        render_master(tmp_path / "m.mov", Master(pictures, Mix(F(1))))
    with pytest.raises(MediaError, match="dnxhr, h264, prores"):
        render_master(tmp_path / "m.mov", Master(pictures, Mix(F(1)), "vhs"))
    assert not (tmp_path / "m.mov").exists()


def test_other_sizes_are_fitted_between_bars(film, tmp_path):
    wide = film("wide.mp4", 200, count=1, width=96, height=36)
    path = tmp_path / "m.mp4"

    render_master(path, Master((Segment(film("a.mp4", count=1), 0, 1), Segment(wide, 0, 1)), Mix(F(1)), "h264", None))

    frame = list(read_frames(path))[1]
    assert (frame[24].mean() > 190, frame[2].mean() < 10, frame[45].mean() < 10) == (True, True, True)
