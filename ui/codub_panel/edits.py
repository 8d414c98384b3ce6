"""Texts changed in the panel: kept beside the takes, laid over the user's subtitles, which are never written."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from codub.errors import ProjectError
from codub.files import replacing
from codub.timeline.cues import Cue


class LineEdits:
    """Another text for some cues. An edit counts only as long as the subtitle file still has the text it replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "edits.json"
        self._edits: dict[str, list[str]] = {}
        if self._path.is_file():
            try:
                self._edits = dict(json.loads(self._path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError) as error:
                raise ProjectError(
                    f"The edited lines in '{self._path}' cannot be read.",
                    cause=f"{error}.",
                    fix="Restore the file from a copy, or remove it to go back to the subtitles as they came.",
                ) from error

    def __bool__(self) -> bool:
        return bool(self._edits)

    def applied(self, cue: Cue) -> Cue:
        """The cue with its edited text, or as it is."""
        was, text = self._edits.get(_key(cue), (None, ""))
        return Cue(**{**vars(cue), "text": text}) if was == cue.text else cue

    def change(self, original: Cue, text: str) -> None:
        """Keep another text for a cue, durably; its own text takes the edit away."""
        self._edits.pop(_key(original), None)
        if text != original.text:
            self._edits[_key(original)] = [original.text, text]
        with replacing(self._path) as temporary:
            temporary.write_text(json.dumps(self._edits, ensure_ascii=False, indent=1), encoding="utf-8")

    def write_subtitles(self, stem: str, cues: Sequence[Cue]) -> Path:
        """An SRT of the cues as they are now, for `codub dub`; the stem keeps the language in its name."""
        path = self._folder / "edited" / f"{stem}.srt"
        with replacing(path) as temporary:
            temporary.write_text("\n".join(_block(cue) for cue in cues), encoding="utf-8")
        return path


def _key(cue: Cue) -> str:
    return f"{cue.language} {cue.number}"


def _block(cue: Cue) -> str:
    speaker = f"[{cue.speaker}{'' if cue.on_screen else ' (O.S.)'}] " if cue.speaker else ""
    return f"{cue.number}\n{_time(cue.start)} --> {_time(cue.end)}\n{speaker}{cue.text}\n"


def _time(seconds: Fraction) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{milliseconds:03d}"
