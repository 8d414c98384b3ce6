"""Stored samples stay where the picture does not change, and follow it where it does."""

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from codub.errors import MediaError
from codub.face.crop import extract, lower_face_of_eyes
from codub.media.encode import CODECS, Codec, write_planes
from codub.media.layout import plane_layout
from codub.media.parts import PartConverter
from codub.media.planes import Planes, read_planes, read_plates
from codub.media.probe import ColourTags, VideoInfo, probe
from codub.media.video import read_frames

WIDTH, HEIGHT, COUNT = 96, 64, 12
LOSSLESS = Codec(".mp4", "libx264", {"qp": 0, "preset": "ultrafast"})
BT709 = ColourTags("limited", 1, 1, 1)
FORMATS = ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"]
BLOCKS = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}
MATRICES = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}


def stored(pix_fmt: str, seed: int = 0, low: float = 0.0, high: float = 1.0) -> list[np.ndarray]:
    """Noise over `low` to `high` of all codes, most of it outside RGB's gamut: no way through RGB keeps it."""
    rows, columns = BLOCKS[pix_fmt[3:6]]
    top, dtype = (1023, "<u2") if "10" in pix_fmt else (255, "u1")
    random = np.random.default_rng(seed)
    shapes = [(HEIGHT, WIDTH), *[(HEIGHT // rows, WIDTH // columns)] * 2]
    return [random.integers(round(low * top), round(high * top) + 1, shape).astype(dtype) for shape in shapes]


def film(path: Path, frames: list[list[np.ndarray]], pix_fmt: str, params: str = "range=limited:colorspace=1") -> Path:
    """A lossless film of these very planes, by ffmpeg alone."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", pix_fmt]
    command += ["-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-", "-vf", f"setparams={params}"]
    command += ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", str(path)]
    subprocess.run(command, input=b"".join(p.tobytes() for f in frames for p in f), check=True)
    return path


def raw(path: Path, pix_fmt: str) -> bytes:
    """All stored samples of a film, by ffmpeg alone."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path)]
    return subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", pix_fmt, "-"], check=True, capture_output=True
    ).stdout


def one(pix_fmt: str = "yuv420p", colour: ColourTags = BT709, seed: int = 0) -> Planes:
    info = VideoInfo(Fraction(25), 1, WIDTH, HEIGHT, colour=colour, pix_fmt=pix_fmt)
    layout = plane_layout(info)
    assert layout is not None
    samples = tuple(p.astype(layout.dtype) for p in stored(pix_fmt, seed))
    return Planes(samples, layout, info, PartConverter(info, layout))


WHOLE = slice(None), slice(None)


def merge(planes: Planes, before: np.ndarray, after: np.ndarray) -> Planes:
    return planes.changed(WHOLE, before, after)


def rgb(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def yuv(colours: np.ndarray, matrix: int, range_: str, depth: int) -> np.ndarray:
    """Codes (..., 3) of RGB in 0..255 by H.273's formulas, not rounded."""
    red, blue = MATRICES[matrix]
    r, g, b = np.moveaxis(colours / 255, -1, 0)
    luma = red * r + (1 - red - blue) * g + blue * b
    parts = [luma, (b - luma) / (1 - blue) / 2, (r - luma) / (1 - red) / 2]
    unit, middle = 2 ** (depth - 8), 2 ** (depth - 1)
    if range_ == "full":
        scale, base = [2**depth - 1] * 3, [0, middle, middle]
    else:
        scale, base = [219 * unit, 224 * unit, 224 * unit], [16 * unit, middle, middle]
    return np.stack([s * p + o for s, p, o in zip(scale, parts, base, strict=True)], axis=-1)


@pytest.mark.parametrize("pix_fmt", FORMATS)
@pytest.mark.parametrize("range_", ["limited", "full"])
def test_samples_of_unchanged_frames_reach_the_encoder(tmp_path, pix_fmt, range_):
    frames = [stored(pix_fmt, i) for i in range(COUNT)]
    source = film(tmp_path / "in.mp4", frames, pix_fmt, f"range={range_}:colorspace=1")
    info = probe(source).require_video()

    write_planes(tmp_path / "out.mp4", read_planes(source), info, COUNT, LOSSLESS)

    made = probe(tmp_path / "out.mp4").require_video()
    assert raw(tmp_path / "out.mp4", pix_fmt) == b"".join(p.tobytes() for f in frames for p in f)
    assert (made.pix_fmt, made.colour, made.bit_depth) == (info.pix_fmt, info.colour, 10 if "10" in pix_fmt else 8)


def test_frames_and_their_planes_belong_together(tmp_path):
    frames = [stored("yuv420p", i) for i in range(COUNT)]
    source = film(tmp_path / "in.mp4", frames, "yuv420p")

    read = list(read_planes(source, 3, 5))

    assert len(read) == 5
    for number, planes, shown in zip(range(3, 8), read, read_frames(source, 3, 5), strict=True):
        assert planes.shape == shown.shape
        assert (planes[WHOLE] == shown).all()
        assert all((a == b).all() for a, b in zip(planes.samples, frames[number], strict=True))


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_a_patch_changes_its_own_blocks_only(pix_fmt):
    planes, before = one(pix_fmt), rgb()
    after = before.copy()
    after[21:30, 31:46] = 255 - after[21:30, 31:46]

    merged = merge(planes, before, after)

    rows, columns = BLOCKS[pix_fmt[3:6]]
    boxes = [(21, 30, 31, 46), *[(21 // rows, -(-30 // rows), 31 // columns, -(-46 // columns))] * 2]
    for old, new, (top, bottom, left, right) in zip(planes.samples, merged.samples, boxes, strict=True):
        changed = old != new
        assert changed[top:bottom, left:right].mean() > 0.5
        changed[top:bottom, left:right] = False
        assert not changed.any()
        assert new.dtype == old.dtype


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_a_part_is_changed_as_the_whole_would_be(pix_fmt):
    planes, before = one(pix_fmt), rgb()
    after = before.copy()
    after[21:30, 31:46] = 255 - after[21:30, 31:46]
    part = slice(15, 39), slice(29, 47)

    for made, whole in zip(
        planes.changed(part, before[part], after[part]).samples, merge(planes, before, after).samples, strict=True
    ):
        assert (made == whole).all()


@pytest.mark.parametrize("pix_fmt", FORMATS)
@pytest.mark.parametrize("where", ["left", "center", "topleft"])
def test_a_part_shows_what_the_whole_shows_there(tmp_path, pix_fmt, where):
    tags = f"range=limited:colorspace=1:chroma_location={where}"
    path = film(tmp_path / "in.mp4", [stored(pix_fmt, 1, 0.2, 0.8)] * 2, pix_fmt, tags)
    random = np.random.default_rng(0)

    for planes, shown in zip(read_planes(path), read_frames(path), strict=True):
        for _ in range(20):
            rows, columns = (slice(*sorted(random.choice(length + 1, 2, replace=False))) for length in (HEIGHT, WIDTH))
            np.testing.assert_array_equal(planes[rows, columns], shown[rows, columns])


@pytest.mark.parametrize("pix_fmt", FORMATS)
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_a_reduced_part_is_the_mean_of_squares(pix_fmt, factor):
    """Of a grey slope, whose means are worked out by hand; beyond the frame the edge repeats."""
    info = VideoInfo(Fraction(25), 1, WIDTH, HEIGHT, colour=ColourTags("full", 1, 1, 1), pix_fmt=pix_fmt)
    layout = plane_layout(info)
    unit = 4 if "10" in pix_fmt else 1
    slope = (np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) * unit).astype(layout.dtype)
    grey = [np.full(shape, 128 * unit, layout.dtype) for shape in layout.shapes(HEIGHT, WIDTH)[1:]]
    planes = Planes((slope, *grey), layout, info, PartConverter(info, layout))
    rows, columns = range(-2, -2 + 10 * factor), range(60, 60 + 12 * factor)

    made = planes.reduced(rows, columns, factor)

    truth = np.add.outer(np.clip(rows, 0, HEIGHT - 1), np.clip(columns, 0, WIDTH - 1)).astype(float)
    means = truth.reshape(10, factor, 12, factor).mean(axis=(1, 3))
    assert made.shape == (10, 12, 3)
    assert np.abs(made - means[..., None]).max() <= 1.5  # a level by each of two roundings at most


@pytest.mark.parametrize("middle", [(48, 20), (10, 60), (90, -5)])
@pytest.mark.parametrize(("size", "most"), [(80, 0), (16, 3)])
def test_a_crop_of_a_stored_frame_is_that_of_the_picture(middle, size, most):
    """Also where it hangs over the frame's edge; smaller ones are cut out of other means."""
    info = VideoInfo(Fraction(25), 1, WIDTH, HEIGHT, colour=BT709)
    layout = plane_layout(info)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    luma = (120 + 50 * np.sin(x / 15) * np.cos(y / 12)).astype(np.uint8)
    blue, red = (110 + x // 4)[::2, ::2].astype(np.uint8), (150 - y // 4)[::2, ::2].astype(np.uint8)
    planes = Planes((luma, blue, red), layout, info, PartConverter(info, layout))
    transform = lower_face_of_eyes(np.subtract(middle, (14, 2)), np.add(middle, (14, 2)))

    made, truth = (extract(frame, transform, size).astype(int) for frame in (planes, planes[WHOLE]))

    assert np.abs(made - truth).max() <= most


def test_with_steps_each_place_shows_its_own_samples():
    info = VideoInfo(Fraction(25), 1, WIDTH, HEIGHT, colour=BT709)
    grey = np.random.default_rng(0).integers(60, 200, (HEIGHT, WIDTH)).astype(np.uint8)
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    layout = plane_layout(info)
    planes = Planes((grey, chroma, chroma), layout, info, PartConverter(info, layout))

    np.testing.assert_array_equal(planes[2::5, 1::3], planes[WHOLE][2::5, 1::3])


def test_films_whose_planes_are_not_kept_are_read_in_rgb(tmp_path, ffmpeg):
    source = film(tmp_path / "in.mp4", [stored("yuv420p", i) for i in range(3)], "yuv420p")
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", source, "-c", "copy", turned)

    assert all(isinstance(frame, Planes) for frame in read_plates(source, 1, 2))
    assert [frame.shape for frame in read_plates(turned)] == [(WIDTH, HEIGHT, 3)] * 3


def test_what_is_equal_inside_the_box_of_a_change_stays():
    planes, before = one(), rgb()
    after = before.copy()
    after[10, 10], after[40, 60] = 255 - after[10, 10], 255 - after[40, 60]

    luma, blue, red = merge(planes, before, after).samples

    assert {(10, 10), (40, 60)} >= set(map(tuple, np.argwhere(luma != planes.samples[0])))
    for made, old in ((blue, planes.samples[1]), (red, planes.samples[2])):
        assert {(5, 5), (20, 30)} >= set(map(tuple, np.argwhere(made != old)))


def test_nothing_is_copied_where_nothing_changes():
    planes, before = one(), rgb()

    assert merge(planes, before, before) is planes
    assert merge(planes, before, before.copy()) is planes


@pytest.mark.parametrize("matrix", list(MATRICES))
@pytest.mark.parametrize("range_", ["limited", "full"])
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_the_difference_leads_where_conversion_would(matrix, range_, pix_fmt):
    """From exact codes of one picture to those of another, both in gamut; chroma is the mean of its block."""
    depth = 10 if "10" in pix_fmt else 8
    rows, columns = BLOCKS[pix_fmt[3:6]]
    before, after = rgb(1), rgb(2)

    def reduced(picture: np.ndarray) -> list[np.ndarray]:
        codes = yuv(picture.astype(float), matrix, range_, depth)
        blocks = codes.reshape(HEIGHT // rows, rows, WIDTH // columns, columns, 3).mean(axis=(1, 3))
        return [codes[..., 0], blocks[..., 1], blocks[..., 2]]

    planes = one(pix_fmt, ColourTags(range_, 1, 1, matrix))
    top, dtype = 2**depth - 1, planes.layout.dtype
    planes = replace(planes, samples=tuple(np.clip(np.rint(p), 0, top).astype(dtype) for p in reduced(before)))

    for made, truth in zip(merge(planes, before, after).samples, reduced(after), strict=True):
        assert np.abs(made - truth).max() <= 1.001  # half a code from each of two roundings


def test_codes_end_where_the_format_ends():
    for pix_fmt, top in (("yuv420p", 255), ("yuv420p10le", 1023)):
        planes = one(pix_fmt)
        full = replace(planes, samples=tuple(np.full_like(p, top) for p in planes.samples))
        empty = replace(planes, samples=tuple(np.zeros_like(p) for p in planes.samples))
        black, white = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
        assert merge(full, black, white).samples[0].min() == top
        assert merge(empty, white, black).samples[0].max() == 0


def test_ten_bits_stay_ten_bits_through_prores(tmp_path):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    frame = [(200 + 3 * x + y).astype("<u2"), *[(480 + x[:, ::2] // 2).astype("<u2")] * 2]
    source = film(tmp_path / "in.mp4", [frame] * COUNT, "yuv422p10le")
    info = probe(source).require_video()

    write_planes(tmp_path / "out.mov", read_planes(source), info, COUNT, CODECS["prores"])

    made = np.frombuffer(raw(tmp_path / "out.mov", "yuv422p10le"), "<u2")[: HEIGHT * WIDTH].reshape(HEIGHT, WIDTH)
    assert np.abs(made.astype(int) - frame[0]).max() <= 2
    assert len(np.unique(made % 4)) == 4  # what 8 bits cannot hold


@pytest.mark.parametrize("codec", ["prores", "dnxhr"])
def test_codecs_of_another_range_and_matrix_show_the_same_colours(tmp_path, codec):
    size = (256, 144)
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    smooth = [60 + x // 3 + y // 3, 100 + (x[::2, ::2] + y[::2, ::2]) // 8, 150 - x[::2, ::2] // 8]
    info = VideoInfo(Fraction(25), 3, *size, colour=ColourTags("full", 1, 1, 5), pix_fmt="yuvj420p")
    layout = plane_layout(info)
    planes = Planes(tuple(p.astype(np.uint8) for p in smooth), layout, info, PartConverter(info, layout))
    for name, options in (("plain", LOSSLESS), ("other", CODECS[codec])):
        write_planes(tmp_path / f"{name}{options.suffix}", [planes] * 3, info, 3, options)

    plain, other = (next(read_frames(tmp_path / p)).astype(int) for p in ("plain.mp4", "other.mov"))

    assert np.abs(plain - other).mean() < 1
    assert np.abs(plain - other).max() <= 5


@pytest.mark.parametrize("codec", ["h264", "prores"])
def test_a_change_is_seen(tmp_path, codec):
    smooth = [np.full_like(p, 110 + 10 * i) for i, p in enumerate(stored("yuv420p"))]
    source = film(tmp_path / "in.mp4", [[p + i for p in smooth] for i in range(COUNT)], "yuv420p")
    name = tmp_path / f"out{CODECS[codec].suffix}"
    info = probe(source).require_video()

    part = slice(16, 48), slice(32, 64)
    lighter = (frame.changed(part, frame[part], frame[part] + 40) for frame in read_planes(source))

    write_planes(name, lighter, info, COUNT, CODECS[codec])

    for before, after in zip(read_frames(source), read_frames(name), strict=True):
        difference = after.astype(int) - before
        assert np.abs(difference[20:44, 36:60] - 40).max() <= 3
        difference[12:52, 28:68] = 0
        assert np.abs(difference).max() <= 3


@pytest.mark.parametrize(
    ("info", "kept"),
    [
        ({}, True),
        ({"pix_fmt": "yuvj422p"}, True),
        ({"width": 95}, False),
        ({"height": 63}, False),
        ({"pix_fmt": "yuv422p", "height": 63}, True),
        ({"pix_fmt": "yuv444p", "height": 63, "width": 95}, True),
        ({"rotation": 90}, False),
        ({"colour": ColourTags("full", 1, 1, 0)}, False),
        *[({"pix_fmt": p}, False) for p in ("yuv411p", "yuva420p", "gbrp", "rgb24", "yuv420p12le", "nv12", "gray")],
    ],
)
def test_what_is_kept(tmp_path, info, kept):
    like = replace(VideoInfo(Fraction(25), 1, WIDTH, HEIGHT), **info)
    assert (plane_layout(like) is not None) == kept
    if not kept:
        with pytest.raises(MediaError, match="cannot be written from planes"):
            write_planes(tmp_path / "o.mp4", [], like, 1)


def test_planes_of_a_turned_film_are_refused(tmp_path, ffmpeg):
    source = film(tmp_path / "in.mp4", [stored("yuv420p")], "yuv420p")
    ffmpeg("-display_rotation", "90", "-i", source, "-c", "copy", tmp_path / "turned.mp4")

    with pytest.raises(MediaError, match="turned by 90"):
        read_planes(tmp_path / "turned.mp4")


def test_wrong_sizes_and_kinds_are_refused(tmp_path):
    planes, before = one(), rgb()
    info = VideoInfo(Fraction(25), 1, WIDTH, HEIGHT)
    with pytest.raises(MediaError, match=r"\(64, 94, 3\)"):
        merge(planes, before, before[:, 2:])
    with pytest.raises(MediaError, match="64 rows and 96 columns"):
        merge(planes, before[2:], before[:-2])
    for wrong in (one("yuv422p"), one("yuv420p10le")):
        with pytest.raises(MediaError, match="was announced"):
            write_planes(tmp_path / "o.mp4", [wrong], info, 1)
    assert list(tmp_path.iterdir()) == []


def test_too_few_planes_leave_no_file(tmp_path):
    info = VideoInfo(Fraction(25), 4, WIDTH, HEIGHT)
    with pytest.raises(MediaError, match="got 3 frames instead of 4"):
        write_planes(tmp_path / "o.mp4", [one(seed=i) for i in range(3)], info, 4)
    assert list(tmp_path.iterdir()) == []


def test_real_footage_keeps_its_samples(corpora, tmp_path):
    source = corpora / "grid" / "s2" / "pwij3p.mp4"
    info = probe(source).require_video()

    write_planes(tmp_path / "o.mp4", read_planes(source, 0, 10), info, 10, LOSSLESS)

    made = raw(tmp_path / "o.mp4", info.pix_fmt)
    assert len(made) == 10 * info.width * info.height * 3 // 2
    assert made == raw(source, info.pix_fmt)[: len(made)]
