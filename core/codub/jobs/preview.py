"""The preview of a dubbed timeline: what the original shows on the left, what the dub shows on the right."""

from collections.abc import Callable, Sequence
from pathlib import Path

from codub.dubbing.takes import takes_folder
from codub.export.preview import Preview, render_preview
from codub.export.versions import versions
from codub.timeline.read import read_timeline
from codub.timeline.relinks import read_relinks

Progress = Callable[[float, str], None]


def render(
    dubbed: Path,
    target: Path,
    progress: Progress,
    *,
    language: str = "",
    media_folders: Sequence[Path] = (),
) -> tuple[str, ...]:
    """Write the preview (.mp4) of a dubbed timeline, as long as it, frame for frame; what could not be shown, in words.

    `language` may be left out where there is one dub. Media may lie beside the timeline and in `media_folders`.

    Raises:
        ProjectError: the timeline cannot be read.
        UsageError: it was never dubbed, or into several languages and none was named.
        MediaError: media cannot be read or written.
    """
    folder = takes_folder(dubbed)
    project = read_timeline(dubbed, allow_media=(*media_folders, folder), relinked=read_relinks(folder))
    both = versions(project, language)
    render_preview(target, Preview(both.original, both.dub, both.captions, both.dub_mix, both.start), progress)
    return both.missing
