"""Writes films through ffmpeg: pictures from an iterator, sound from a file, nothing visible until all is durable."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ffmpeg
import imageio_ffmpeg
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.files import replacing
from codub.media.colour import coded_tags, ffmpeg_params, is_full_range, matrix_names
from codub.media.container import require_local
from codub.media.layout import plane_layout
from codub.media.planes import Planes
from codub.media.probe import ColourTags, VideoInfo, probe
from codub.media.video import Frame


@dataclass(frozen=True)
class Codec:
    """An encoder: the file name's ending it belongs in, ffmpeg's name and options, the chroma it keeps."""

    suffix: str
    encoder: str
    options: Mapping[str, str | int]
    pix_fmt: str = ""  # empty: the source's planes, or 8-bit YUV with its chroma
    full_range: bool = True  # whether it can carry luma 0..255
    matrix: int | None = None  # H.273 code, where the codec knows but one


CODECS = {
    "h264": Codec(".mp4", "libx264", {"crf": 12, "preset": "fast", "g": 48}),
    "prores": Codec(".mov", "prores_ks", {"profile:v": 3, "vendor": "apl0"}, "yuv422p10le", False),
    "dnxhr": Codec(".mov", "dnxhd", {"profile:v": "dnxhr_hqx"}, "yuv422p10le", False, 1),
}


def write_video(
    path: Path | str,
    frames: Iterable[Frame],
    like: VideoInfo,
    count: int,
    codec: Codec = CODECS["h264"],
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write exactly `count` frames with the rate, sample aspect and colour tags of `like`.

    Size is the frames' own, which must be `like`'s. `tags` become container metadata. Frames are taken one by one.
    ProRes and DNxHR carry limited range only, DNxHR BT.709 only (both are converted to). H.264 keeps the source's
    chroma, 4:4:4 where a side is odd.

    Raises:
        MediaError: a frame of another size, fewer or more frames than `count`, or ffmpeg fails. Then no file is left.
    """
    pictures = ((frame,) for frame in frames)
    shape = (like.height, like.width, 3)
    _write(Path(path), pictures, _Raw("rgb24", "uint8", (shape,)), like, count, codec, tags)


def write_planes(
    path: Path | str,
    planes: Iterable[Planes],
    like: VideoInfo,
    count: int,
    codec: Codec = CODECS["h264"],
    tags: Mapping[str, str] | None = None,
) -> None:
    """`write_video` for pictures as `like` stores them: H.264 gets these very samples, ten bits included.

    So does a codec of the same layout, range and matrix; for others they are converted, but never by way of RGB.

    Raises:
        MediaError: as `write_video`; or `like` is no stream whose planes can be kept.
    """
    layout = plane_layout(like)
    if layout is None:
        raise MediaError(
            f"'{Path(path).name}' cannot be written from planes.",
            cause=f"Its source holds {like.pix_fmt}, {like.width}x{like.height}.",
            fix="Report this: such films go through RGB.",
        )
    raw = _Raw(layout.pix_fmt, layout.dtype, layout.shapes(like.height, like.width))
    _write(Path(path), (picture.samples for picture in planes), raw, like, count, codec, tags)


def mux(path: Path | str, picture: Path, sound: Path, tags: Mapping[str, str] | None = None) -> None:
    """Join a picture file (copied, not encoded again) and a sound file into a film.

    `.mov` takes the sound as 24-bit PCM, `.mp4` as AAC.

    Raises:
        MediaError: one of them cannot be read, or ffmpeg fails. Then no file is left.
    """
    target = _target(path, Path(path).suffix)
    sound_options: dict[str, Any] = {"acodec": "pcm_s24le"} if target.suffix == ".mov" else {"acodec": "aac"}
    if target.suffix != ".mov":
        sound_options["audio_bitrate"] = "256k"
    with _landing(target) as temporary:
        streams = (_open(picture).video, _open(sound).audio)
        output = ffmpeg.output(*streams, f"file:{temporary}", vcodec="copy", **sound_options, **_container(target))
        with _encoder(output, tags, target):
            pass


@dataclass(frozen=True)
class _Raw:
    """What goes down the pipe: ffmpeg's name of it, and the arrays of one picture."""

    pix_fmt: str
    dtype: str
    shapes: tuple[tuple[int, ...], ...]


def _write(
    path: Path,
    pictures: Iterable[Sequence[NDArray[Any]]],
    raw: _Raw,
    like: VideoInfo,
    count: int,
    codec: Codec,
    tags: Mapping[str, str] | None,
) -> None:
    target = _target(path, codec.suffix)
    with _landing(target) as temporary:
        with _encoder(_picture_command(temporary, raw, like, codec), tags, target) as pipe:
            sent = _send(pictures, raw, count, pipe, target)
        if sent != count or probe(temporary).require_video().frames != count:
            raise MediaError(
                f"'{target.name}' got {sent} frames instead of {count}.",
                cause="The pictures do not last as long as the shot.",
                fix="Report this: frame counts never change on purpose.",
            )


def _target(path: Path | str, suffix: str) -> Path:
    target = Path(path).absolute()
    if target.suffix.lower() != suffix or suffix not in (".mp4", ".mov"):
        raise MediaError(
            f"'{target.name}' cannot be written.",
            cause=f"This codec goes into {suffix} files." if suffix in (".mp4", ".mov") else "",
            fix="Name the file .mp4 (H.264) or .mov (ProRes, DNxHR).",
        )
    return target


@contextmanager
def _landing(target: Path) -> Iterator[Path]:
    """`replacing`, with a folder that cannot be written as a `MediaError`."""
    try:
        with replacing(target) as temporary:
            yield temporary
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise MediaError(
            f"'{target}' could not be written.",
            cause=f"{error.strerror}.",
            fix="Choose a folder that you may write to.",
        ) from error


def _ffmpeg() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError(
            "There is no ffmpeg to write films with.",
            cause="imageio-ffmpeg carries none for this machine.",
            fix="Install ffmpeg and name it in IMAGEIO_FFMPEG_EXE.",
        ) from error


def _open(path: Path) -> Any:
    return ffmpeg.input(f"file:{require_local(path)}", protocol_whitelist="file")


def _container(target: Path) -> dict[str, Any]:
    # use_metadata_tags lets names outside iTunes' list through; bitexact keeps versions and times out of the file.
    options: dict[str, Any] = {"format": target.suffix[1:], "movflags": "+faststart+use_metadata_tags"}
    return {**options, "map_metadata": -1, "fflags": "+bitexact"}


def _picture_command(temporary: Path, raw: _Raw, like: VideoInfo, codec: Codec) -> Any:
    source = ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pix_fmt=raw.pix_fmt,
        video_size=(like.width, like.height),
        framerate=str(like.rate),
        protocol_whitelist="pipe",
    )
    colour = coded_tags(like.colour, like.height, limited=not codec.full_range, matrix=codec.matrix)
    if raw.pix_fmt == "rgb24":
        pix_fmt, conversion = codec.pix_fmt or _pix_fmt(like), {"in_range": "full", **_scaled("out", colour, like)}
    else:
        pix_fmt, conversion = codec.pix_fmt or raw.pix_fmt, _scaled("in", like.colour, like)
        kept = pix_fmt == raw.pix_fmt and conversion == _scaled("in", colour, like)
        conversion = {} if kept else {**conversion, **_scaled("out", colour, like)}
    if conversion:
        source = source.filter("scale", flags="bicubic+accurate_rnd+full_chroma_int+full_chroma_inp", **conversion)
    coded = (
        source.filter("format", pix_fmt)
        .filter("setparams", **ffmpeg_params(colour))
        .filter("setsar", f"{like.sample_aspect.numerator}/{like.sample_aspect.denominator}")
    )
    return coded.output(f"file:{temporary}", vcodec=codec.encoder, **codec.options, **_container(temporary))


def _scaled(side: str, colour: ColourTags, like: VideoInfo) -> dict[str, str]:
    """Arguments of ffmpeg's `scale` for the colour that goes in or out of it."""
    range_ = "full" if is_full_range(colour) else "limited"
    return {f"{side}_range": range_, f"{side}_color_matrix": matrix_names(colour, like.height)[1]}


def _pix_fmt(like: VideoInfo) -> str:
    """8-bit YUV with the chroma of the source, or finer where a side is odd."""
    if "444" in like.pix_fmt or like.width % 2 or "rgb" in like.pix_fmt or "gbr" in like.pix_fmt:
        return "yuv444p"
    return "yuv422p" if "422" in like.pix_fmt or like.height % 2 else "yuv420p"


def _send(pictures: Iterable[Sequence[NDArray[Any]]], raw: _Raw, count: int, pipe: IO[bytes], target: Path) -> int:
    sent = 0
    for arrays in pictures:
        if tuple(a.shape for a in arrays) != raw.shapes or any(a.dtype.name != raw.dtype for a in arrays):
            raise MediaError(
                f"Frame {sent} of '{target.name}' is {' '.join(f'{a.shape} {a.dtype}' for a in arrays)}.",
                cause=f"{' '.join(map(str, raw.shapes))} {raw.dtype} was announced.",
                fix="Report this: picture sizes never change on purpose.",
            )
        sent += 1
        if sent > count:
            break
        for array in arrays:
            pipe.write(array.data if array.flags.c_contiguous else array.tobytes())
    return sent


@contextmanager
def _encoder(command: Any, tags: Mapping[str, str] | None, target: Path) -> Iterator[IO[bytes]]:
    """ffmpeg's standard input; leaving the block waits for it, an error inside it ends it.

    Raises:
        MediaError: ffmpeg is not there or does not succeed, with its last words.
    """
    start = [_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    arguments: list[str] = command.compile(cmd=start)
    for name, value in (tags or {}).items():  # ffmpeg-python states an option once; before the output, the last word
        arguments[-1:-1] = ["-metadata", f"{name}={value}"]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words)
        assert process.stdin is not None
        try:
            try:
                yield process.stdin
                process.stdin.close()
                failed = process.wait() != 0
            except BrokenPipeError:  # ffmpeg ended early: its words below say why
                failed = True
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            with suppress(BrokenPipeError):
                process.stdin.close()
        if failed:
            words.seek(0)
            said = words.read().decode("utf-8", "replace").strip().splitlines()[:3]
            raise MediaError(
                f"'{target.name}' could not be written.",
                cause=f"ffmpeg: {' | '.join(said) or 'no reason given'}",
                fix="Check free space and rights of the folder.",
            )
