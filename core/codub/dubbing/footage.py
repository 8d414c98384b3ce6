"""Opens timelines with the help of their media: the rate of a list that states none."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from codub.media.clock import media_clock
from codub.media.probe import probe
from codub.timeline.clips import place_clips
from codub.timeline.read import RATELESS, Project, read_timeline


def open_timeline(
    path: Path, allow_media: Sequence[Path] = (), relinked: Mapping[str, Path] | None = None
) -> tuple[Project, str]:
    """A timeline, and a sentence on what had to be assumed ("" for nothing).

    An EDL does not say how many frames make a second: the first of its media that is found says it.

    Raises:
        ProjectError: it cannot be read.
    """
    project = read_timeline(path, allow_media=allow_media, relinked=relinked)
    if path.suffix.lower() not in RATELESS:
        return project, ""
    for clip in place_clips(project, media_clock).of_kind("video"):
        video = probe(clip.media).video
        if video is not None:
            note = f"'{path.name}' states no frame rate; it is read at its media's, {float(video.rate):.3f} frames/s."
            return (
                read_timeline(path, allow_media=allow_media, rate=video.rate, relinked=relinked),
                note,
            )
    rate = float(place_clips(project).rate)
    return project, f"'{path.name}' states no frame rate and its media cannot be found; {rate:.3f} is assumed."
