"""What lists without rates and media with start timecodes mean."""

import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import opentimelineio as otio
import pytest
from made_timelines import project, track

from codub.dubbing.footage import open_timeline
from codub.media.clock import media_clock
from codub.timeline.clips import place_clips
from codub.timeline.placed import PlacedClip

EDL = """TITLE: programme
FCM: {fcm}

001  AX       V     C        {start_in} {start_out} 00:00:00{mark}00 00:00:02{mark}00
* FROM CLIP NAME:  shot
002  AX       V     C        00:00:00{mark}10 00:00:01{mark}10 00:00:02{mark}00 00:00:03{mark}00
* FROM CLIP NAME:  shot.mov
"""


def film(path: Path, rate: str, timecode: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-f", "lavfi", "-i"]
    command += [f"testsrc=size=64x64:rate={rate}", "-t", "5", "-timecode", timecode, "-c:v", "libx264", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.mark.parametrize(
    ("rate", "timecode", "first", "last"),
    [
        ("25", "01:00:00:00", "01:00:01:05", "01:00:03:05"),
        ("24000/1001", "01:00:00:00", "01:00:01:05", "01:00:03:05"),
        ("30000/1001", "01:00:00:00", "01:00:01:05", "01:00:03:05"),
        ("30000/1001", "01:00:00;00", "01:00:01;05", "01:00:03;05"),
        ("50", "01:00:00:00", "01:00:01:05", "01:00:03:05"),
    ],
)
def test_an_edl_takes_rate_and_start_from_its_media(
    tmp_path: Path, rate: str, timecode: str, first: str, last: str
) -> None:
    exact, mark = Fraction(rate), first[8]
    film(tmp_path / "media" / "shot.mov", rate, timecode)
    edl = tmp_path / "cut.edl"
    fcm = "DROP FRAME" if mark == ";" else "NON-DROP FRAME"
    edl.write_text(EDL.format(fcm=fcm, start_in=first, start_out=last, mark=mark))
    opened, note = open_timeline(edl)
    placement = place_clips(opened, media_clock)
    assert placement.problems == ()
    one, two = placement.clips
    second = round(exact)
    assert (one.rate, one.first_frame, one.frame_count, one.start) == (exact, second + 5, 2 * second, 0)
    # the second event counts from the file's first frame, which no timecode of the file says
    assert (two.first_frame, two.frame_count, two.start) == (10, second, 2 * second / exact)
    assert "states no frame rate" in note


def test_an_edl_without_media_is_read_at_a_rate_that_fits(tmp_path: Path) -> None:
    edl = tmp_path / "cut.edl"
    edl.write_text(EDL.format(fcm="NON-DROP FRAME", start_in="01:00:00:24", start_out="01:00:02:24", mark=":"))
    opened, note = open_timeline(edl)
    assert place_clips(opened).rate == 25
    assert "25.000 is assumed" in note


def test_media_without_a_stated_range_are_asked(tmp_path: Path) -> None:
    film(tmp_path / "shot.mov", "25", "10:00:00:00")
    timecode = otio.opentime.from_timecode("10:00:02:00", 25)

    def placed(source: otio.opentime.TimeRange | None) -> PlacedClip:
        one = otio.schema.Clip("shot", otio.schema.ExternalReference("shot.mov"), source)
        made = project(tmp_path, [track("V1", [one])])
        (clip,) = place_clips(made, media_clock).clips
        return clip

    whole = placed(None)
    assert (whole.first_frame, whole.frame_count, whole.source_start) == (0, 125, 36_000)
    part = placed(otio.opentime.TimeRange(timecode, otio.opentime.RationalTime(50, 25)))
    assert (part.first_frame, part.frame_count) == (50, 50)
