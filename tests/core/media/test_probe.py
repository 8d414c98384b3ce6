from fractions import Fraction
from pathlib import Path

import pytest

from codub.errors import MediaError
from codub.media.probe import probe

H264 = ("-c:v", "libx264", "-bf", "3", "-g", "12", "-pix_fmt", "yuv420p")


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001"])
@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "ts"])
def test_rate_is_exact_and_frames_are_counted(make_film, rate, ending):
    info = probe(make_film(f"f.{ending}", *H264, rate=rate)).require_video()

    assert (info.rate, info.frames, info.constant) == (Fraction(rate), 60, True)
    assert info.duration == 60 / Fraction(rate)
    assert (info.width, info.height, info.sample_aspect, info.bit_depth) == (64, 48, 1, 8)


def test_a_header_that_lies_about_the_count_is_not_believed(make_film):
    path = make_film("f.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    data = bytearray(path.read_bytes())
    header = data.index(b"strh")
    assert int.from_bytes(data[header + 40 : header + 44], "little") == 60
    data[header + 40 : header + 44] = (999).to_bytes(4, "little")
    path.write_bytes(data)

    assert probe(path).require_video().frames == 60


def test_frames_hidden_by_an_edit_list_do_not_count(make_film, ffmpeg, tmp_path):
    trimmed = tmp_path / "trimmed.mp4"
    ffmpeg("-ss", "0.8", "-i", make_film("f.mp4", *H264), "-c", "copy", trimmed)

    assert probe(trimmed).require_video().frames == 40


def test_colour_tags_aspect_and_depth_are_read(make_film):
    look = "format=yuv422p10le,setsar=64/45,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    path = make_film("f.mov", "-vf", look, "-c:v", "prores_ks", "-profile:v", "3")

    info = probe(path).require_video()

    assert (info.colour.range, info.colour.primaries, info.colour.transfer, info.colour.matrix) == ("limited", 1, 1, 1)
    assert (info.sample_aspect, info.bit_depth, info.codec) == (Fraction(64, 45), 10, "prores")


def test_a_turned_picture_is_measured_upright(make_film, ffmpeg, tmp_path):
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", make_film("f.mp4", *H264), "-c", "copy", turned)

    info = probe(turned).require_video()

    assert (info.rotation, info.width, info.height) == (90, 48, 64)


def test_interlacing_is_reported(make_film):
    path = make_film("f.mp4", *H264, "-flags", "+ilme+ildct", "-vf", "setfield=tff", "-x264-params", "tff=1")

    assert probe(path).require_video().interlaced


def test_a_variable_rate_is_reported_and_refused(make_film):
    path = make_film("f.mkv", "-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr", *H264)

    assert not probe(path).video.constant
    with pytest.raises(MediaError, match=r"variable frame rate.*ffmpeg -i"):
        probe(path).require_video()


def test_sound_is_described(ffmpeg, tmp_path):
    path = tmp_path / "s.m4a"
    ffmpeg("-f", "lavfi", "-i", "sine=r=44100:d=2", "-ac", "2", path)

    info = probe(path)

    assert info.video is None
    assert (info.audio.rate, info.audio.channels, info.audio.layout, info.audio.duration) == (44100, 2, "stereo", 2)
    with pytest.raises(MediaError, match="no picture"):
        info.require_video()


@pytest.mark.parametrize(
    "address", ["http://example.org/a.mp4", "https://example.org/a.mp4", "rtmp://h/x", "concat:a|b"]
)
def test_addresses_are_refused(address):
    with pytest.raises(MediaError, match="not a local file"):
        probe(address)


def test_playlists_are_refused(make_film, tmp_path):
    film = make_film("f.mp4", *H264)
    lists = {
        "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.4,\nf.mp4\n#EXT-X-ENDLIST\n",
        "b.ffconcat": f"ffconcat version 1.0\nfile '{film.name}'\n",
        "c.mp4": "#EXTM3U\n#EXTINF:2.4,\nhttp://127.0.0.1:9/f.ts\n#EXT-X-ENDLIST\n",
    }
    for name, text in lists.items():
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(MediaError, match="cannot be opened"):
            probe(path)


def test_missing_folder_empty_and_cut_files_say_so(make_film, tmp_path):
    empty = tmp_path / "empty.mp4"
    empty.touch()
    cut = make_film("cut.mp4", *H264)
    cut.write_bytes(cut.read_bytes()[:300])
    for path, words in (
        (Path("nowhere.mp4"), "does not exist"),
        (tmp_path, "folder"),
        (empty, "codub"),
        (cut, "codub"),
    ):
        with pytest.raises(MediaError, match=words):
            probe(path)
