"""What was changed of the lines: kept beside the takes, laid over the subtitles, which are never written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from codub.dubbing.deliveries import delivery_from, delivery_values
from codub.errors import CodubError, ProjectError
from codub.files import replacing
from codub.speech.model import PLAIN, Delivery
from codub.timeline.cues import Cue

_LAYOUT = 2  # 1 held texts only: cue to [text it replaced, text]


@dataclass(frozen=True)
class LineEdit:
    """What differs for one cue; None and defaults: as the subtitles have it. `start` and `end` in timeline seconds."""

    text: str | None = None
    start: Fraction | None = None
    end: Fraction | None = None
    delivery: Delivery = PLAIN
    comment: str = ""

    def applied(self, cue: Cue) -> Cue:
        """The cue with the edited text and times."""
        start, end = self.start, self.end
        return replace(
            cue,
            text=cue.text if self.text is None else self.text,
            start=cue.start if start is None else start,
            end=cue.end if end is None else end,
        )

    def changes(self) -> frozenset[str]:
        """Of "text", "window" and "delivery" those that differ."""
        found = {
            "text": self.text is not None,
            "window": self.start is not None or self.end is not None,
            "delivery": self.delivery != PLAIN,
        }
        return frozenset(name for name, differs in found.items() if differs)


UNTOUCHED = LineEdit()


class LineEdits:
    """The edits of one dub, each on the disk when `put` returns.

    A text counts only as long as the subtitle file still has the text it replaced, and so do the durations of its
    sounds; a time counts as long as the file has the times it replaced. A comment and the rest of a delivery stay.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "edits.json"
        self._kept: dict[str, dict[str, Any]] = {}
        if self._path.is_file():
            try:
                self._kept = _read(json.loads(self._path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError, AttributeError) as error:
                raise ProjectError(
                    f"The edited lines in '{self._path}' cannot be read.",
                    cause=f"{error}.",
                    fix="Restore the file from a copy, or remove it to go back to the subtitles as they came.",
                ) from error

    def __bool__(self) -> bool:
        """Whether any text or time differs, so that the subtitles as they came are not what is to be dubbed."""
        return any("text" in kept or "start" in kept or "end" in kept for kept in self._kept.values())

    def of(self, original: Cue) -> LineEdit:
        """What counts for a cue as the subtitles have it.

        Raises:
            ProjectError: what was kept for the cue cannot be understood.
        """
        kept = self._kept.get(_key(original))
        if kept is None:
            return UNTOUCHED
        try:
            return _counting(kept, original)
        except (CodubError, ValueError, TypeError, ZeroDivisionError) as error:
            raise ProjectError(
                f"The edit of line {original.number} in '{self._path}' cannot be read.",
                cause=str(error),
                fix="Correct the file, or remove it to go back to the subtitles as they came.",
            ) from error

    def put(self, original: Cue, edit: LineEdit) -> None:
        """Keep what differs for a cue, durably; `UNTOUCHED` takes its edits away."""
        self._kept.pop(_key(original), None)
        values = _values(edit, original)
        if values:
            self._kept[_key(original)] = values
        with replacing(self._path) as temporary:
            content = {"layout": _LAYOUT, "lines": self._kept}
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def write_subtitles(self, stem: str, cues: Sequence[Cue]) -> Path:
        """An SRT of the cues as they are now, for `codub dub`; the stem keeps the language in its name."""
        path = self._folder / "edited" / f"{stem}.srt"
        text = "\n".join(_block(cue) for cue in cues)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        return path


def to_milliseconds(seconds: Fraction) -> Fraction:
    """The time as subtitles can hold it."""
    return Fraction(round(seconds * 1000), 1000)


def _values(edit: LineEdit, original: Cue) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if edit.text is not None:
        values["text"] = edit.text
    values |= {name: str(time) for name in ("start", "end") if (time := getattr(edit, name)) is not None}
    if edit.delivery != PLAIN:
        values["delivery"] = delivery_values(edit.delivery)
    if edit.comment:
        values["comment"] = edit.comment
    if values:
        values["of"] = {"text": original.text, "start": str(original.start), "end": str(original.end)}
    return values


def _counting(kept: Mapping[str, Any], original: Cue) -> LineEdit:
    of = kept["of"]
    same_text = of["text"] == original.text
    same_time = of.get("start") in (None, str(original.start)) and of.get("end") in (None, str(original.end))
    delivery = delivery_from(kept.get("delivery", {}), f"line {original.number}")
    if not same_text:
        delivery = delivery.of_any_text()
    return LineEdit(
        text=str(kept["text"]) if same_text and "text" in kept else None,
        start=Fraction(kept["start"]) if same_time and "start" in kept else None,
        end=Fraction(kept["end"]) if same_time and "end" in kept else None,
        delivery=delivery,
        comment=str(kept.get("comment", "")),
    )


def _read(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    if "layout" not in content:
        return {key: {"text": text, "of": {"text": was}} for key, (was, text) in content.items()}
    if content["layout"] != _LAYOUT:
        raise ValueError(f"it has layout {content['layout']}, and this codub knows {_LAYOUT}: update codub")
    return {str(key): dict(values) for key, values in content["lines"].items()}


def _key(cue: Cue) -> str:
    return f"{cue.language} {cue.number}"


def _block(cue: Cue) -> str:
    speaker = f"[{cue.speaker}{'' if cue.on_screen else ' (O.S.)'}] " if cue.speaker else ""
    return f"{cue.number}\n{_time(cue.start)} --> {_time(cue.end)}\n{speaker}{cue.text}\n"


def _time(seconds: Fraction) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{milliseconds:03d}"
