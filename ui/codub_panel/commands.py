"""Everything that can be done in the panel, once: its name, its keys, its menu, who does it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One action: who does it, by which method without arguments, what the menu says, its keys.

    `target` is "window", "session", "lines" (the shot list) or the name of a dock (see `docks.py`), whose widget then
    has the method. `needs_project` is False for what can be done on the start page too. `checked` names a property of
    the target that says whether a switch is on; "" for what is no switch.
    """

    target: str
    method: str
    text: str
    keys: tuple[str, ...]
    needs_project: bool = True
    checked: str = ""

    @property
    def name(self) -> str:
        """How notices name it, e.g. `window.relink`."""
        return f"{self.target}.{self.method}"


MENUS: dict[str, tuple[Command, ...]] = {
    "&Project": (
        Command("window", "write_back", "Write the dubbed timeline", ("Ctrl+S",)),
        Command("window", "close", "Quit", ("Ctrl+Q",), needs_project=False),
    ),
    "&Line": (
        Command("lines", "edit_text", "Edit the text", ("F2",)),
        Command("lines", "approve", "Approve the chosen take", ("A",)),
        Command("lines", "reject", "Needs work", ("N",)),
        Command("takes", "next_take", "Choose the next take", ("]",)),
        Command("takes", "previous_take", "Choose the previous take", ("[",)),
        Command("lines", "search", "Search", ("Ctrl+F",)),
    ),
    "&Dub": (
        Command("lines", "dub_selected", "Dub selected lines", ("Ctrl+D",)),
        Command("lines", "dub_missing", "Dub all lines without a take", ("Ctrl+Shift+D",)),
        Command("window", "stop", "Stop", ("Ctrl+.",)),
    ),
    "&Play": (
        Command("viewer", "play_or_pause", "Play or pause", ("Space",)),
        Command("viewer", "pause", "Pause", ("K",)),
        Command("viewer", "play", "Play", ("L",)),
        Command("viewer", "next_frame", "Next frame", (".", "Alt+Right")),
        Command("viewer", "previous_frame", "Previous frame", (",", "Alt+Left")),
        Command("viewer", "toggle", "Original or take", ("B",)),
        Command("viewer", "show_original", "Show original", ("F5",)),
        Command("viewer", "show_take", "Show take", ("F6",)),
        Command("viewer", "show_side_by_side", "Show side by side", ("F7",)),
        Command("viewer", "show_difference", "Show difference", ("F8",)),
    ),
    "&Window": (Command("window", "reset_layout", "Reset the layout", ("Ctrl+Alt+0",)),),
}


def all_commands() -> tuple[Command, ...]:
    """Every command, menu by menu. The commands that show or hide a dock come with the docks."""
    return tuple(command for menu in MENUS.values() for command in menu)
