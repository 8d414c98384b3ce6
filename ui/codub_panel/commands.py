"""Everything that can be done in the panel, once: its name, its key, its menu."""

from dataclasses import dataclass

from codub_panel.viewer import Mode


@dataclass(frozen=True)
class Command:
    """One action: the window's method that does it, what the menu says, its keys."""

    method: str
    text: str
    keys: tuple[str, ...]


MENUS: dict[str, tuple[Command, ...]] = {
    "&Dub": (
        Command("dub_selected", "Dub selected lines", ("Ctrl+D",)),
        Command("dub_missing", "Dub all lines without a take", ("Ctrl+Shift+D",)),
        Command("stop", "Stop", ("Ctrl+.",)),
        Command("write_back", "Write the dubbed timeline", ("Ctrl+S",)),
        Command("close", "Quit", ("Ctrl+Q",)),
    ),
    "&Line": (
        Command("edit_text", "Edit the text", ("F2",)),
        Command("approve", "Approve the chosen take", ("A",)),
        Command("reject", "Needs work", ("N",)),
        Command("next_take", "Choose the next take", ("]",)),
        Command("previous_take", "Choose the previous take", ("[",)),
        Command("search", "Search", ("Ctrl+F",)),
    ),
    "&View": (
        Command("play_or_pause", "Play or pause", ("Space",)),
        Command("pause", "Pause", ("K",)),
        Command("play", "Play", ("L",)),
        Command("next_frame", "Next frame", (".", "Alt+Right")),
        Command("previous_frame", "Previous frame", (",", "Alt+Left")),
        Command("toggle", "Original or take", ("B",)),
        *(
            Command(f"show_{mode.name.lower()}", f"Show {mode.value}", (f"F{number}",))
            for number, mode in enumerate(Mode, 5)
        ),
    ),
}
