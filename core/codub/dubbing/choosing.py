"""Another take plays: in the store, and on the dubbed timeline."""

from pathlib import Path

from codub.dubbing.marking import mark_written
from codub.dubbing.takes import TakesStore, takes_folder
from codub.timeline.read import read_timeline
from codub.timeline.select import dubbed_language, select_take, show_dub, show_original
from codub.timeline.write import save_timeline


def choose_take(dubbed: Path, cue: int, take: int, language: str | None = None) -> str:
    """Make a take the one that plays, in voice and picture; what was done, in words.

    Raises:
        TakesError: there is no such take.
        ProjectError: the timeline cannot be read or written.
    """
    project = read_timeline(dubbed)
    folder = takes_folder(dubbed)
    with TakesStore.open(folder) as store:
        record = store.get(cue, take, language)
        stale = select_take(project.timeline, cue, take, record.language)
        save_timeline(project.timeline, dubbed)
        store.select(cue, take, record.language)
        mark_written(dubbed, folder)
    said = [f"cue {cue} plays take {take} ({record.language}): {record.text!r}"]
    for clip in stale:
        said.append(
            f"  ! clip '{clip.clip}' has no picture with these takes together: it shows take {clip.shown or 'none'} of "
            f"cue {clip.cue}. Render it: codub dub ... --cue {clip.cue}"
        )
    return "\n".join(said)


def choose_version(dubbed: Path, language: str | None) -> str:
    """Play the original (None), or the dub of a language; every take stays.

    Raises:
        UsageError: there is no such dub.
        ProjectError: the timeline cannot be read or written.
    """
    project = read_timeline(dubbed)
    if language is None:
        show_original(project.timeline)
    else:
        show_dub(project.timeline, dubbed_language(project.timeline, language))
    save_timeline(project.timeline, dubbed)
    mark_written(dubbed, takes_folder(dubbed))
    return f"{dubbed.name} plays {'the original' if language is None else f'the {language} dub'}"
