"""Makes the sample project `kitchen_table` from four GRID clips and things drawn and played here by formula.

    python sample_projects/make_sample.py --corpora FOLDER

FOLDER holds `grid/s2/pwij3p.mp4` and so on, each with its `.align`. Everything else is made from nothing, so the
project comes out the same each time. Six shots of twelve seconds: two people, a cutaway with a voice over it, a cut
inside a line, a line that is far too long for its window, dialogue and music-and-effects on tracks of their own.
"""

import argparse
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from codub.media.encode import CODECS, write_video
from codub.media.probe import VideoInfo, probe
from codub.media.video import read_frames

RATE = 25
SIZE = (360, 288)
SOUND_RATE = 48_000
ALIGN_UNITS = 1000  # of GRID's `.align` files in one picture frame
ATTRIBUTION = "GRID audio-visual corpus, Cooke, Barker, Cunningham, Shao (2006), CC BY 4.0"


@dataclass(frozen=True)
class Line:
    """One line: who says it in which GRID clip, its dialogue clip's trim in frames, its translations."""

    speaker: str
    clip: str
    first: int
    count: int
    spanish: str
    english: str


@dataclass(frozen=True)
class Picture:
    """One shot: a media file, its trim in frames."""

    name: str
    media: str
    first: int
    count: int


SOURCES = {
    "tom_place": "s2/pwij3p",
    "tom_set": "s2/swwp2s",
    "ana_lay": "s23/lrwp9a",
    "ana_place": "s23/priazn",
}
LINES = (
    Line("TOM", "tom_place", 4, 64, "Pon la blanca, por favor.", "Put the blue lamp by my map."),
    Line("ANA", "ana_lay", 6, 60, "Vale, pero mueve la tuya.", "Maybe, but move your own."),
    Line("TOM", "tom_set", 8, 58, "Mi pieza va por ahí.", "My boat may come by noon."),
    Line("ANA", "ana_place", 4, 62, "Ahora pon la roja en cero.", "Now bring the apple pie home."),
    Line(
        "TOM",
        "tom_set",
        6,
        56,
        "Bueno, pues mañana por la mañana pongo la blanca junto a la tuya y empezamos otra vez la partida.",
        "Fine, but tomorrow morning I will put the white one right beside yours and we begin the whole game again.",
    ),
)
PICTURES = (
    Picture("kt_sh010", "tom_place", 4, 64),
    Picture("kt_sh020", "ana_lay", 6, 60),
    Picture("kt_sh030", "table", 0, 58),  # Tom is heard and not seen
    Picture("kt_sh040", "ana_place", 4, 29),  # the cut to sh050 falls inside Ana's line
    Picture("kt_sh050", "ana_place_close", 33, 33),
    Picture("kt_sh060", "tom_set", 6, 56),
)
FRAMES = sum(picture.count for picture in PICTURES)


def main() -> None:
    """Write the project next to this script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    corpora: Path = parser.parse_args().corpora
    project = Path(__file__).resolve().parent / "kitchen_table"
    media = project / "media"
    media.mkdir(parents=True, exist_ok=True)
    for name, source in SOURCES.items():
        shutil.copyfile(corpora / "grid" / f"{source}.mp4", media / f"{name}.mp4")
        (media / f"{name}.mp4").chmod(0o644)
    make_close_up(media / "ana_place.mp4", media / "ana_place_close.mp4")
    make_cutaway(media / "table.mp4")
    make_music_and_effects(media / "music_and_effects.flac")
    make_timeline(media).to_json_file(str(project / "timeline.otio"))
    words = [spoken(corpora / "grid" / f"{SOURCES[line.clip]}.align") for line in LINES]
    windows = [(first - line.first, last - line.first) for line, (first, last, _) in zip(LINES, words, strict=True)]
    texts = {
        "source.en.srt": [text for _, _, text in words],
        "lines.es.srt": [line.spanish for line in LINES],
        "lines.en.srt": [line.english for line in LINES],
    }
    for name, lines in texts.items():
        (project / name).write_text(subtitles(lines, windows), encoding="utf-8", newline="\n")


def spoken(align: Path) -> tuple[Fraction, Fraction, str]:
    """First and last moment of the words of a GRID clip in frames, and the words."""
    rows = [row.split() for row in align.read_text(encoding="utf-8").splitlines()]
    words = [(int(start), int(end), word) for start, end, word in rows if word not in ("sil", "sp")]
    text = " ".join(word for *_, word in words)
    return Fraction(words[0][0], ALIGN_UNITS), Fraction(words[-1][1], ALIGN_UNITS), f"{text[0].upper()}{text[1:]}."


def subtitles(texts: list[str], windows: list[tuple[Fraction, Fraction]]) -> str:
    """SRT of all lines; windows count in frames from the start of each line's dialogue clip."""
    blocks, clip_start = [], 0
    for number, (line, text, window) in enumerate(zip(LINES, texts, windows, strict=True), 1):
        start, end = ((clip_start + moment) / RATE for moment in window)
        blocks.append(f"{number}\n{srt_time(start)} --> {srt_time(end)}\n{line.speaker}: {text}\n")
        clip_start += line.count
    return "\n".join(blocks)


def srt_time(seconds: Fraction) -> str:
    """`HH:MM:SS,mmm`."""
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d},{ms % 1000:03d}"


def make_timeline(media: Path) -> otio.schema.Timeline:
    """V1 picture, A1 dialogue, A2 music and effects; media by relative paths."""
    timeline = otio.schema.Timeline("kitchen_table", metadata={"attribution": ATTRIBUTION})
    video = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    dialogue = otio.schema.Track("A1 dialogue", kind=otio.schema.TrackKind.Audio)
    bed = otio.schema.Track("A2 music and effects", kind=otio.schema.TrackKind.Audio)
    for picture in PICTURES:
        video.append(clip(media / f"{picture.media}.mp4", picture.name, picture.first, picture.count))
    for number, line in enumerate(LINES, 1):
        dialogue.append(clip(media / f"{line.clip}.mp4", f"kt_dialogue_{number}", line.first, line.count))
    bed.append(clip(media / "music_and_effects.flac", "kt_music_and_effects", 0, FRAMES))
    timeline.tracks.extend([video, dialogue, bed])
    return timeline


def clip(path: Path, name: str, first: int, count: int) -> otio.schema.Clip:
    """A clip of `count` frames from frame `first` of a media file."""
    info = probe(path)
    length = info.video.frames if info.video else int(info.require_audio().duration * RATE)
    reference = otio.schema.ExternalReference(f"media/{path.name}", frames(0, length))
    return otio.schema.Clip(name, reference, frames(first, count))


def frames(first: int, count: int) -> otio.opentime.TimeRange:
    """A range at the project's rate."""
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, RATE), otio.opentime.RationalTime(count, RATE))


def make_close_up(source: Path, target: Path) -> None:
    """The same performance nearer: the middle three quarters of the picture, enlarged."""
    info = probe(source).require_video()
    width, height = info.width * 3 // 4, info.height * 3 // 4
    left, top = (info.width - width) // 2, round((info.height - height) * 0.55)
    near = (
        np.asarray(Image.fromarray(f[top : top + height, left : left + width]).resize(SIZE, Image.Resampling.LANCZOS))
        for f in read_frames(source)
    )
    write_video(target, near, info, info.frames, CODECS["h264"], {"comment": f"Close-up made from: {ATTRIBUTION}"})


def make_cutaway(target: Path) -> None:
    """A drawn kitchen at night: a table, a steaming cup, a lamp that sways, a clock that ticks."""
    info = VideoInfo(Fraction(RATE), 75, *SIZE)
    write_video(target, (cutaway_frame(i) for i in range(info.frames)), info, info.frames)


def cutaway_frame(number: int) -> NDArray[np.uint8]:
    """Frame `number` of the cutaway, drawn at double size."""
    seconds, scale = number / RATE, 2
    image = Image.new("RGB", (SIZE[0] * scale, SIZE[1] * scale), (54, 62, 78))
    draw = ImageDraw.Draw(image, "RGBA")
    draw.rectangle((60, 60, 300, 330), fill=(18, 24, 44), outline=(112, 92, 74), width=12)  # window
    draw.line((180, 60, 180, 330), fill=(112, 92, 74), width=8)
    draw.line((60, 190, 300, 190), fill=(112, 92, 74), width=8)
    draw.rectangle((0, 440, 720, 576), fill=(126, 84, 52))  # table
    draw.rectangle((0, 440, 720, 454), fill=(152, 106, 68))
    draw_lamp(draw, seconds)
    draw_clock(draw, seconds)
    draw_cup(draw)
    for piece, (x, colour) in enumerate(((470, (226, 222, 210)), (540, (178, 52, 44)), (606, (60, 96, 176)))):
        draw.ellipse((x, 470 + 6 * piece, x + 50, 500 + 6 * piece), fill=colour, outline=(40, 30, 24), width=3)
    image = Image.alpha_composite(image.convert("RGBA"), steam(seconds, image.size)).convert("RGB")
    return np.asarray(image.resize(SIZE, Image.Resampling.LANCZOS))


def draw_lamp(draw: ImageDraw.ImageDraw, seconds: float) -> None:
    """A lamp on a cord, swaying 0.4 times a second, with its light on the wall."""
    x = 430 + 14 * np.sin(2 * np.pi * 0.4 * seconds)
    draw.polygon([(x - 40, 150), (x + 40, 150), (x + 190, 440), (x - 190, 440)], fill=(255, 186, 84, 52))
    draw.line((430, 0, x, 110), fill=(24, 24, 28), width=5)
    draw.polygon([(x - 22, 106), (x + 22, 106), (x + 54, 152), (x - 54, 152)], fill=(198, 150, 60))


def draw_clock(draw: ImageDraw.ImageDraw, seconds: float) -> None:
    """A round clock at ten to nine; its second hand jumps on each whole second."""
    centre, radius = (620, 130), 62
    draw.ellipse(box(centre, radius), fill=(232, 226, 212), outline=(60, 52, 48), width=8)
    for turn, length, width in ((53 / 60, 0.55, 6), (50 / 60, 0.8, 5), ((8 + int(seconds)) / 60, 0.85, 2)):
        angle = 2 * np.pi * turn
        tip = (centre[0] + radius * length * np.sin(angle), centre[1] - radius * length * np.cos(angle))
        draw.line((*centre, *tip), fill=(50, 42, 40), width=width)


def draw_cup(draw: ImageDraw.ImageDraw) -> None:
    """A cup on the table."""
    draw.arc((292, 386, 352, 446), -80, 80, fill=(206, 212, 216), width=10)
    draw.rounded_rectangle((220, 370, 320, 466), 16, fill=(206, 212, 216))
    draw.ellipse((220, 358, 320, 386), fill=(64, 40, 28), outline=(226, 230, 234), width=5)


def steam(seconds: float, size: tuple[int, int]) -> Image.Image:
    """Three soft puffs that rise and fade above the cup."""
    layer = Image.new("RGBA", size, (230, 230, 240, 0))
    draw = ImageDraw.Draw(layer)
    for puff in range(3):
        age = (seconds / 2.4 + puff / 3) % 1
        x, y = 270 + 16 * np.sin(5 * age + 2 * puff), 356 - 130 * age
        draw.ellipse(box((x, y), 16 + 22 * age), fill=(230, 230, 240, int(96 * (1 - age))))
    return layer.filter(ImageFilter.GaussianBlur(9))


def box(centre: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    """Corners of the square around a circle."""
    return centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius


def make_music_and_effects(target: Path) -> None:
    """Stereo: a soft pad of two chords, the clock's ticks, a cup set down in the cutaway."""
    import soundfile

    time = np.arange(FRAMES * SOUND_RATE // RATE) / SOUND_RATE
    sound = pad(time)
    for second in range(int(time[-1]) + 1):
        add(sound, second, tick(), 0.35 if second % 2 else -0.1)
    cutaway = sum(picture.count for picture in PICTURES[:2]) / RATE
    add(sound, cutaway + 0.15, clink(), -0.4)
    soundfile.write(target, np.clip(sound, -1, 1), SOUND_RATE, subtype="PCM_16", format="FLAC")


def pad(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """A minor ninth chord that turns into its neighbour half way, each voice beating slowly left and right."""
    length = time[-1]
    sound = np.zeros((len(time), 2))
    chords = ((110.0, 164.81, 220.0, 261.63, 329.63), (98.0, 146.83, 220.0, 246.94, 293.66))
    for chord, centre in zip(chords, (0.25, 0.75), strict=True):
        swell = np.clip(1.6 - np.abs(time / length - centre) / 0.2, 0, 1) ** 2
        for voice, hertz in enumerate(chord):
            for side, detune in enumerate((-0.6, 0.6)):
                wave = np.sin(2 * np.pi * (hertz + detune) * time) + 0.2 * np.sin(4 * np.pi * hertz * time + voice)
                sound[:, side] += 0.011 * swell * wave / (1 + 0.3 * voice)
    return sound * np.clip(np.minimum(time, length - time) / 0.5, 0, 1)[:, None]


def tick() -> NDArray[np.float64]:
    """30 ms of a clock."""
    time = np.arange(int(0.03 * SOUND_RATE)) / SOUND_RATE
    return 0.02 * np.exp(-time / 0.004) * (np.sin(2 * np.pi * 2300 * time) + 0.5 * np.sin(2 * np.pi * 3700 * time))


def clink() -> NDArray[np.float64]:
    """A cup on wood: three partials that ring off, over a thud."""
    time = np.arange(int(0.5 * SOUND_RATE)) / SOUND_RATE
    ring = sum(np.sin(2 * np.pi * hertz * time) / (1 + i) for i, hertz in enumerate((1870, 3120, 4410)))
    return 0.05 * np.exp(-time / 0.06) * ring + 0.08 * np.exp(-time / 0.03) * np.sin(2 * np.pi * 120 * time)


def add(sound: NDArray[np.float64], second: float, effect: NDArray[np.float64], pan: float) -> None:
    """Lay an effect into the sound at a moment, `pan` from -1 (left) to 1."""
    first = round(second * SOUND_RATE)
    sides = np.array([1 - pan, 1 + pan]) / 2
    part = sound[first : first + len(effect)]
    part += effect[: len(part), None] * sides


if __name__ == "__main__":
    main()
