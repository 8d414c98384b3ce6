import subprocess
from dataclasses import replace
from fractions import Fraction

import imageio_ffmpeg
import numpy as np
import pytest

from codub.errors import MediaError
from codub.media.encode import CODECS, mux, write_video
from codub.media.probe import ColourTags, VideoInfo, probe
from codub.media.provenance import is_marked, picture_tags
from codub.media.video import decode, read_frames, thumbnails, to_rgb

H264 = ("-c:v", "libx264", "-bf", "3", "-g", "12", "-pix_fmt", "yuv420p")
BT709 = ColourTags("limited", 1, 1, 1)


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A smooth picture with colour everywhere; no codec has an excuse to change it much."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    phase = 2 * np.pi * (np.stack([x + y, x - y, 2 * x * y], axis=-1) + seed / 40)
    return (128 + 90 * np.sin(phase)).astype(np.uint8)


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "ts", "avi"])
@pytest.mark.parametrize("rate", ["24000/1001", "50"])
def test_any_frame_can_be_asked_for(make_film, numbers, ending, rate):
    options = H264 if ending != "avi" else ("-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-g", "12")
    path = make_film(f"f.{ending}", *options, rate=rate)

    assert numbers(list(read_frames(path))) == list(range(60))
    for first in (0, 1, 11, 12, 13, 31, 57):
        assert numbers(list(read_frames(path, first, 3))) == [first, first + 1, first + 2]
    assert numbers(list(read_frames(path, 59, 1))) == [59]


def test_open_groups_of_pictures_are_exact(make_film, numbers):
    path = make_film("f.mp4", *H264, "-x264-params", "open-gop=1:b-pyramid=normal:keyint=10")

    for first in range(0, 58, 3):
        assert numbers(list(read_frames(path, first, 2))) == [first, first + 1]


def test_edit_lists_and_late_starts_are_exact(make_film, ffmpeg, numbers, tmp_path):
    film, trimmed, late = make_film("f.mp4", *H264), tmp_path / "trimmed.mp4", tmp_path / "late.ts"
    ffmpeg("-ss", "0.8", "-i", film, "-c", "copy", trimmed)
    ffmpeg("-itsoffset", "7.3", "-i", film, "-c", "copy", late)

    assert numbers(list(read_frames(trimmed, 5, 4))) == [25, 26, 27, 28]
    assert probe(late).video.start > 7
    assert numbers(list(read_frames(late, 41, 2))) == [41, 42]


def test_frames_beyond_the_end_are_refused(make_film):
    with pytest.raises(MediaError, match=r"has 60 frames"):
        list(read_frames(make_film("f.mp4", *H264), 58, 3))


def test_a_damaged_file_stops(make_film):
    path = make_film("f.mkv", *H264)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(MediaError):
        list(read_frames(path, 0, 60))


@pytest.mark.parametrize(("code", "red", "blue"), [(1, 0.2126, 0.0722), (6, 0.299, 0.114)])
@pytest.mark.parametrize("range_", ["limited", "full"])
def test_rgb_follows_the_stated_matrix_and_range(make_film, tmp_path, code, red, blue, range_):
    """The codes are computed here from H.273's formulas; ffmpeg only packs them."""
    r, g, b = np.array([200, 50, 90]) / 255
    luma = red * r + (1 - red - blue) * g + blue * b
    chroma = [(b - luma) / (1 - blue) / 2, (r - luma) / (1 - red) / 2]
    scale, base = ((219, 224), 16) if range_ == "limited" else ((255, 255), 0)
    yuv = [round(base + scale[0] * luma), *(round(128 + scale[1] * c) for c in chroma)]
    raw, film = tmp_path / "raw.yuv", tmp_path / "f.mp4"
    raw.write_bytes(b"".join(bytes([v]) * 64 * 64 for v in yuv))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "yuv444p"]
    command += ["-s", "64x64", "-i", str(raw), "-vf", f"setparams=range={range_}:colorspace={code}"]
    subprocess.run([*command, "-c:v", "libx264", "-qp", "0", str(film)], check=True)

    assert (probe(film).video.colour.matrix, probe(film).video.colour.range) == (code, range_)
    assert np.abs(next(read_frames(film)).astype(int) - (200, 50, 90)).max() <= 1


def test_rotation_is_applied(make_film, ffmpeg, tmp_path):
    film, turned = tmp_path / "half.mp4", tmp_path / "turned.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=64x48:d=0.4,drawbox=0:0:32:48:white:fill", *H264, film)
    ffmpeg("-display_rotation", "90", "-i", film, "-c", "copy", turned)

    frame = next(read_frames(turned))

    assert frame.shape == (64, 48, 3)
    assert (frame[:30].mean() < 5, frame[34:].mean() > 250) == (True, True)  # the left half went to the bottom


def test_rotation_agrees_with_ffmpegs_own(make_film, ffmpeg, tmp_path):
    film = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=0.2", *H264, film)
    for degrees in (90, 180, 270):
        turned, upright = tmp_path / f"{degrees}.mp4", tmp_path / f"{degrees}.mkv"
        ffmpeg("-display_rotation", degrees, "-i", film, "-c", "copy", turned)
        ffmpeg("-i", turned, "-c:v", "ffv1", "-pix_fmt", "yuv420p", upright)  # ffmpeg turns it itself
        ours, theirs = next(read_frames(turned)).astype(int), next(read_frames(upright)).astype(int)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).mean() < 15  # sharp edges, chroma turned before or after it is enlarged
        assert np.abs(np.rot90(ours, 2) - theirs).mean() > 50


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50"])
@pytest.mark.parametrize("codec", list(CODECS))
def test_what_is_written_is_like_the_source(tmp_path, rate, codec):
    colour = replace(BT709, range="full") if codec == "h264" else BT709
    like = VideoInfo(Fraction(rate), 9, 256, 144, Fraction(64, 45), colour)
    frames = [picture(256, 144, i) for i in range(9)]
    path = tmp_path / f"out{CODECS[codec].suffix}"

    write_video(path, iter(frames), like, 9, CODECS[codec], picture_tags(cue="3"))

    info = probe(path).require_video()
    assert (info.rate, info.frames, info.width, info.height) == (like.rate, 9, 256, 144)
    assert (info.sample_aspect, info.colour) == (like.sample_aspect, like.colour)
    assert is_marked(path)
    assert probe(path).tags["digital_source_type"].endswith("compositeWithTrainedAlgorithmicMedia")
    error = np.abs(np.stack(list(read_frames(path))).astype(int) - np.stack(frames))
    assert error.mean() < 1.2


@pytest.mark.parametrize("size", [(64, 48), (65, 48), (64, 49), (65, 49)])
@pytest.mark.parametrize("codec", ["h264", "prores"])
def test_odd_sizes_survive(tmp_path, size, codec):
    path = tmp_path / f"out{CODECS[codec].suffix}"

    write_video(path, [picture(*size)] * 3, VideoInfo(Fraction(25), 3, *size), 3, CODECS[codec])

    assert next(read_frames(path)).shape == (size[1], size[0], 3)


@pytest.mark.parametrize(("codec", "mean", "high"), [("h264", 1.1, 7), ("prores", 0.25, 2), ("dnxhr", 0.4, 2)])
def test_untouched_pixels_of_real_footage_stay(corpora, tmp_path, codec, mean, high):
    source = corpora / "grid" / "s2" / "pwij3p.mp4"
    path = tmp_path / f"out{CODECS[codec].suffix}"
    before = np.stack(list(read_frames(source, 20, 15)))

    write_video(path, before, probe(source).require_video(), 15, CODECS[codec])

    change = np.stack(list(read_frames(path))).astype(int) - before
    assert np.abs(change).mean() < mean
    assert np.percentile(np.abs(change), 99) <= high
    assert abs(change.mean()) < 0.1  # no shift of level


@pytest.mark.parametrize("sent", [4, 6])
def test_a_wrong_count_leaves_the_old_file(tmp_path, sent):
    path, like = tmp_path / "out.mp4", VideoInfo(Fraction(25), 5, 64, 48)
    path.write_bytes(b"before")

    with pytest.raises(MediaError, match="instead of 5"):
        write_video(path, [picture(64, 48)] * sent, like, 5)

    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_frames_are_taken_one_by_one_and_nothing_is_seen_before_the_end(tmp_path):
    path, alive, seen = tmp_path / "out.mp4", 0, []

    def frames():
        nonlocal alive
        for i in range(200):
            alive += 1
            seen.append(path.exists())
            assert alive == i + 1
            yield picture(64, 48, i)

    write_video(path, frames(), VideoInfo(Fraction(25), 200, 64, 48), 200)

    assert (alive, any(seen), path.exists()) == (200, False, True)


def test_an_error_in_the_source_passes_through_and_cleans_up(tmp_path):
    def frames():
        yield picture(64, 48)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        write_video(tmp_path / "out.mp4", frames(), VideoInfo(Fraction(25), 5, 64, 48), 5)
    assert list(tmp_path.iterdir()) == []


def test_ffmpegs_words_reach_the_user(tmp_path):
    broken = replace(CODECS["h264"], options={"preset": "nonsense"})

    with pytest.raises(MediaError, match=r"ffmpeg: .*nonsense"):
        write_video(tmp_path / "o.mp4", [picture(64, 48)] * 999, VideoInfo(Fraction(25), 9, 64, 48), 999, broken)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(MediaError, match="folder that you may write to"):
        write_video(tmp_path / "file" / "o.mp4", [picture(64, 48)], VideoInfo(Fraction(25), 1, 64, 48), 1)


def test_wrong_size_and_wrong_ending_are_refused(tmp_path):
    like = VideoInfo(Fraction(25), 5, 64, 48)
    with pytest.raises(MediaError, match="was announced"):
        write_video(tmp_path / "o.mp4", [picture(48, 64)], like, 1)
    with pytest.raises(MediaError, match=r"\.mov"):
        write_video(tmp_path / "o.mp4", [picture(64, 48)], like, 1, CODECS["prores"])


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_muxing_keeps_pictures_and_sound(make_film, ffmpeg, numbers, tmp_path, ending):
    sound, path = tmp_path / "s.wav", tmp_path / f"m.{ending}"
    ffmpeg("-f", "lavfi", "-i", "sine=r=48000:d=2.4", "-c:a", "pcm_s24le", sound)

    mux(path, make_film(f"f.{ending}", *H264), sound, picture_tags())

    info = probe(path)
    assert (info.video.frames, info.audio.duration, info.audio.rate) == (60, Fraction(12, 5), 48000)
    assert info.audio.codec == {"mp4": "aac", "mov": "pcm_s24le"}[ending]
    assert numbers(list(read_frames(path)))[-1] == 59
    assert is_marked(path)


def test_thumbnails_show_the_frame_of_that_moment_in_shown_proportions(make_film, numbers):
    path = make_film("f.mp4", "-vf", "setsar=2/1", *H264)

    small = thumbnails(path, [Fraction(0), Fraction(1), Fraction(99)], height=24)

    assert numbers(small) == [0, 25, 59]
    assert small[0].shape == (24, 64, 3)


@pytest.mark.parametrize("turned", [0, 90])
def test_a_frame_is_scaled_while_it_is_converted(make_film, ffmpeg, numbers, tmp_path, turned):
    path = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", turned, "-i", make_film("f.mp4", *H264), "-c", "copy", path)
    info = probe(path).require_video()

    small = [to_rgb(frame, info, (info.width // 2, info.height // 2)) for frame in decode(path, 7, 3)]

    assert small[0].shape == (info.height // 2, info.width // 2, 3)
    assert numbers(small) == [7, 8, 9]
