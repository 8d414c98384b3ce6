"""The dubbed master of a timeline: picture with its takes and the mix, in one file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from codub.dubbing.takes import takes_folder
from codub.errors import ProjectError
from codub.export.master import Master, MasterReport, render_master
from codub.export.versions import versions
from codub.timeline.read import read_timeline
from codub.timeline.relinks import read_relinks

Progress = Callable[[float, str], None]


def export_master(
    dubbed: Path,
    target: Path,
    progress: Progress,
    *,
    codec: str = "prores",
    loudness: float | None = None,
    language: str = "",
    media_folders: Sequence[Path] = (),
) -> MasterReport:
    """Write the master of a dubbed timeline; `loudness` in LUFS, None for the mix as it is.

    Raises:
        ProjectError: the timeline cannot be read, or something that plays is missing: a master has no holes.
        UsageError: it was never dubbed, or into several languages and none was named.
        MediaError: media cannot be read or written.
    """
    folder = takes_folder(dubbed)
    project = read_timeline(dubbed, allow_media=(*media_folders, folder), relinked=read_relinks(folder))
    both = versions(project, language)
    if both.missing:
        raise ProjectError(
            f"The master of '{dubbed.name}' would have holes.",
            cause=" ".join(both.missing),
            fix="Link the missing media again, or choose takes that are there: codub takes DUBBED --verify",
        )
    return render_master(target, Master(both.dub, both.dub_mix, codec, loudness), progress)
