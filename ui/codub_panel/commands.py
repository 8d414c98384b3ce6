"""Everything that can be done in the panel, once: its name, its keys, its menu, who does it."""

from dataclasses import dataclass

from codub_panel.language import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Command:
    """One action: who does it, by which method without arguments, what the menu says, its keys.

    `target` is "window", "start" (the start page), "colours" (the themes), and, while a project is open, "session",
    "lines" (the shot list) or the name of a dock (see `docks.py`), whose widget then
    has the method. `needs_project` is False for what can be done on the start page too. `checked` names a property of
    the target that says whether a switch is on; "" for what is no switch. A dock that is out of sight is shown when
    something is done in it.
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
    QT_TRANSLATE_NOOP("registry", "&Project"): (
        Command(
            "start",
            "choose_timeline",
            QT_TRANSLATE_NOOP("registry", "Open a timeline ..."),
            ("Ctrl+O",),
            needs_project=False,
        ),
        Command(
            "start",
            "choose_lines",
            QT_TRANSLATE_NOOP("registry", "Choose the translated lines ..."),
            ("Ctrl+Shift+O",),
            needs_project=False,
        ),
        Command(
            "window",
            "open_sample",
            QT_TRANSLATE_NOOP("registry", "Open the sample project"),
            ("Ctrl+Alt+S",),
            needs_project=False,
        ),
        Command(
            "send_back", "list_changes", QT_TRANSLATE_NOOP("registry", "Send back: list what will change"), ("Ctrl+S",)
        ),
        Command("send_back", "write", QT_TRANSLATE_NOOP("registry", "Write the dubbed timeline"), ("Ctrl+Shift+S",)),
        Command("send_back", "show_folder", QT_TRANSLATE_NOOP("registry", "Show in folder"), ("Ctrl+Alt+O",)),
        Command("window", "relink", QT_TRANSLATE_NOOP("registry", "Relink missing media ..."), ("Ctrl+Shift+L",)),
        Command("window", "close_project", QT_TRANSLATE_NOOP("registry", "Close the project"), ("Ctrl+W",)),
        Command("window", "close", QT_TRANSLATE_NOOP("registry", "Quit"), ("Ctrl+Q",), needs_project=False),
    ),
    QT_TRANSLATE_NOOP("registry", "&Edit"): (
        Command("session", "undo", QT_TRANSLATE_NOOP("registry", "Undo"), ("Ctrl+Z",)),
        Command("session", "redo", QT_TRANSLATE_NOOP("registry", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y")),
    ),
    QT_TRANSLATE_NOOP("registry", "&Line"): (
        Command("lines", "edit_text", QT_TRANSLATE_NOOP("registry", "Edit the text"), ("F2",)),
        Command("lines", "approve", QT_TRANSLATE_NOOP("registry", "Approve the chosen take"), ("A",)),
        Command("lines", "reject", QT_TRANSLATE_NOOP("registry", "Needs work"), ("N",)),
        Command("lines", "next_line", QT_TRANSLATE_NOOP("registry", "Next line"), ("Alt+Down",)),
        Command("lines", "previous_line", QT_TRANSLATE_NOOP("registry", "Previous line"), ("Alt+Up",)),
        Command("lines", "search", QT_TRANSLATE_NOOP("registry", "Search the lines"), ("Ctrl+F",)),
        Command("lines", "show_all", QT_TRANSLATE_NOOP("registry", "List all lines"), ("Ctrl+Shift+F",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Dub"): (
        Command("lines", "dub_selected", QT_TRANSLATE_NOOP("registry", "Dub selected lines"), ("Ctrl+D",)),
        Command(
            "lines", "dub_missing", QT_TRANSLATE_NOOP("registry", "Dub all lines without a take"), ("Ctrl+Shift+D",)
        ),
        Command("lines", "sooner", QT_TRANSLATE_NOOP("registry", "Dub selected lines sooner"), ("Ctrl+Alt+Up",)),
        Command("lines", "later", QT_TRANSLATE_NOOP("registry", "Dub selected lines later"), ("Ctrl+Alt+Down",)),
        Command(
            "lines", "cancel_selected", QT_TRANSLATE_NOOP("registry", "Do not dub selected lines"), ("Ctrl+Delete",)
        ),
        Command("window", "stop", QT_TRANSLATE_NOOP("registry", "Stop"), ("Ctrl+.",)),
        Command(
            "session",
            "toggle_queue",
            QT_TRANSLATE_NOOP("registry", "Let the queue rest"),
            ("Ctrl+Alt+P",),
            checked="paused",
        ),
    ),
    QT_TRANSLATE_NOOP("registry", "T&akes"): (
        Command("takes", "next_take", QT_TRANSLATE_NOOP("registry", "Choose the next take"), ("]",)),
        Command("takes", "previous_take", QT_TRANSLATE_NOOP("registry", "Choose the previous take"), ("[",)),
        Command("takes", "choose", QT_TRANSLATE_NOOP("registry", "Choose the take in hand"), ("Ctrl+Return",)),
        Command("takes", "choose_none", QT_TRANSLATE_NOOP("registry", "Choose no take"), ("Ctrl+Backspace",)),
        Command("takes", "star", QT_TRANSLATE_NOOP("registry", "Star the take in hand"), ("S",)),
        Command("takes", "comment", QT_TRANSLATE_NOOP("registry", "Comment on the take in hand"), ("C",)),
        Command("takes", "approve", QT_TRANSLATE_NOOP("registry", "Approve the take in hand"), ("Shift+A",)),
        Command("takes", "reject", QT_TRANSLATE_NOOP("registry", "Send the take in hand back"), ("Shift+N",)),
        Command("takes", "mark_a", QT_TRANSLATE_NOOP("registry", "Compare as A"), ("1",)),
        Command("takes", "mark_b", QT_TRANSLATE_NOOP("registry", "Compare as B"), ("2",)),
        Command("takes", "adopt", QT_TRANSLATE_NOOP("registry", "Go on from the take's delivery"), ("Shift+D",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Cast"): (
        Command("speakers", "listen", QT_TRANSLATE_NOOP("registry", "Measure a voice's reference"), ("Ctrl+Alt+H",)),
        Command(
            "speakers", "play_reference", QT_TRANSLATE_NOOP("registry", "Play a voice's reference"), ("Ctrl+Alt+J",)
        ),
        Command("speakers", "refit", QT_TRANSLATE_NOOP("registry", "Fit the speaker's voice"), ("Ctrl+Alt+F",)),
        Command("speakers", "play_sample", QT_TRANSLATE_NOOP("registry", "Play the fitted voice"), ("Ctrl+Alt+V",)),
        Command("speakers", "adapt", QT_TRANSLATE_NOOP("registry", "Fit the speaker's face"), ("Ctrl+Alt+G",)),
        Command("speakers", "look", QT_TRANSLATE_NOOP("registry", "Look for the faces of all lines"), ("Ctrl+Alt+B",)),
        Command(
            "speakers",
            "choose_face",
            QT_TRANSLATE_NOOP("registry", "Choose the line's face"),
            ("Ctrl+Alt+W",),
        ),
        Command("speakers", "show_sheet", QT_TRANSLATE_NOOP("registry", "Contact sheet"), ("Ctrl+Alt+M",)),
        Command("speakers", "record_consent", QT_TRANSLATE_NOOP("registry", "Record a consent"), ("Ctrl+Alt+C",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Play"): (
        Command("viewer", "play_or_pause", QT_TRANSLATE_NOOP("registry", "Play or pause"), ("Space",)),
        Command("viewer", "backward", QT_TRANSLATE_NOOP("registry", "Play backwards; again: faster"), ("J",)),
        Command("viewer", "pause", QT_TRANSLATE_NOOP("registry", "Pause"), ("K",)),
        Command("viewer", "forward", QT_TRANSLATE_NOOP("registry", "Play; again: faster"), ("L",)),
        Command("viewer", "previous_frame", QT_TRANSLATE_NOOP("registry", "Previous frame"), (",", "Alt+Left")),
        Command("viewer", "next_frame", QT_TRANSLATE_NOOP("registry", "Next frame"), (".", "Alt+Right")),
        Command("viewer", "home", QT_TRANSLATE_NOOP("registry", "To the start"), ("Home",)),
        Command("viewer", "finish", QT_TRANSLATE_NOOP("registry", "To the end"), ("End",)),
        Command("viewer", "go_to_timecode", QT_TRANSLATE_NOOP("registry", "Go to timecode"), ("Ctrl+G",)),
        Command("viewer", "set_in", QT_TRANSLATE_NOOP("registry", "In point"), ("I",)),
        Command("viewer", "set_out", QT_TRANSLATE_NOOP("registry", "Out point"), ("O",)),
        Command("viewer", "clear_marks", QT_TRANSLATE_NOOP("registry", "Clear in and out points"), ("Shift+X",)),
        Command("viewer", "toggle_loop", QT_TRANSLATE_NOOP("registry", "Loop"), ("Ctrl+L",), checked="looping"),
        Command(
            "viewer",
            "toggle_bed",
            QT_TRANSLATE_NOOP("registry", "Hear music and effects"),
            ("Shift+M",),
            checked="bed_heard",
        ),
        Command(
            "viewer", "toggle_solo", QT_TRANSLATE_NOOP("registry", "Hear the line alone"), ("Shift+S",), checked="solo"
        ),
    ),
    QT_TRANSLATE_NOOP("registry", "&Picture"): (
        Command("viewer", "toggle", QT_TRANSLATE_NOOP("registry", "Original or take (A/B)"), ("B",)),
        Command("viewer", "show_original", QT_TRANSLATE_NOOP("registry", "Show original"), ("F5",)),
        Command("viewer", "show_take", QT_TRANSLATE_NOOP("registry", "Show take"), ("F6",)),
        Command("viewer", "show_side_by_side", QT_TRANSLATE_NOOP("registry", "Show side by side"), ("F7",)),
        Command("viewer", "show_wipe", QT_TRANSLATE_NOOP("registry", "Show wipe"), ("W", "F8")),
        Command("viewer", "wipe_left", QT_TRANSLATE_NOOP("registry", "Move the wipe left"), ("Shift+Alt+Left",)),
        Command("viewer", "wipe_right", QT_TRANSLATE_NOOP("registry", "Move the wipe right"), ("Shift+Alt+Right",)),
        Command("viewer", "show_difference", QT_TRANSLATE_NOOP("registry", "Show difference"), ("F9",)),
        Command(
            "viewer", "amplify_difference", QT_TRANSLATE_NOOP("registry", "Amplify the difference more"), ("Shift+F9",)
        ),
        Command("viewer", "zoom_in", QT_TRANSLATE_NOOP("registry", "Zoom in"), ("+", "=")),
        Command("viewer", "zoom_out", QT_TRANSLATE_NOOP("registry", "Zoom out"), ("-",)),
        Command("viewer", "actual_size", QT_TRANSLATE_NOOP("registry", "Picture 1:1 or fitted"), ("Z",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Timeline"): (
        Command("timeline", "zoom_in", QT_TRANSLATE_NOOP("registry", "See more detail"), ("Ctrl++", "Ctrl+=")),
        Command("timeline", "zoom_out", QT_TRANSLATE_NOOP("registry", "See more of the timeline"), ("Ctrl+-",)),
        Command("timeline", "show_everything", QT_TRANSLATE_NOOP("registry", "See the whole timeline"), ("Ctrl+0",)),
        Command("timeline", "show_line", QT_TRANSLATE_NOOP("registry", "See the line in hand"), ("Ctrl+1",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Sound"): (
        Command("sound", "regenerate", QT_TRANSLATE_NOOP("registry", "Dub the line anew as it is edited"), ("R",)),
        Command("sound", "rehearse", QT_TRANSLATE_NOOP("registry", "Hear the line as it is edited"), ("H",)),
        Command("sound", "reset_edits", QT_TRANSLATE_NOOP("registry", "Take back moved boundaries"), ("Shift+R",)),
        Command(
            "sound", "next_boundary", QT_TRANSLATE_NOOP("registry", "Take hold of the next boundary"), ("Ctrl+Down",)
        ),
        Command(
            "sound",
            "previous_boundary",
            QT_TRANSLATE_NOOP("registry", "Take hold of the previous boundary"),
            ("Ctrl+Up",),
        ),
        Command(
            "sound",
            "boundary_earlier",
            QT_TRANSLATE_NOOP("registry", "Move the boundary earlier"),
            ("Ctrl+Shift+Left",),
        ),
        Command(
            "sound", "boundary_later", QT_TRANSLATE_NOOP("registry", "Move the boundary later"), ("Ctrl+Shift+Right",)
        ),
        Command("sound", "zoom_in", QT_TRANSLATE_NOOP("registry", "Zoom into the sound"), ("Alt+=", "Alt++")),
        Command("sound", "zoom_out", QT_TRANSLATE_NOOP("registry", "Zoom out of the sound"), ("Alt+-",)),
        Command("sound", "show_all", QT_TRANSLATE_NOOP("registry", "Show all of the sound"), ("Alt+0",)),
        Command("sound", "pan_left", QT_TRANSLATE_NOOP("registry", "Sound: half a page back"), ("Ctrl+Alt+Left",)),
        Command("sound", "pan_right", QT_TRANSLATE_NOOP("registry", "Sound: half a page on"), ("Ctrl+Alt+Right",)),
        Command("delivery", "edit", QT_TRANSLATE_NOOP("registry", "Change the delivery"), ("Ctrl+E",)),
        Command("delivery", "all_defaults", QT_TRANSLATE_NOOP("registry", "Delivery: all defaults"), ("Ctrl+Shift+E",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Window"): (
        Command(
            "colours",
            "follow_system",
            QT_TRANSLATE_NOOP("registry", "Colours of the system"),
            ("Ctrl+Alt+A",),
            False,
            "follows_system",
        ),
        Command(
            "colours", "go_light", QT_TRANSLATE_NOOP("registry", "Light colours"), ("Ctrl+Alt+L",), False, "is_light"
        ),
        Command("colours", "go_dark", QT_TRANSLATE_NOOP("registry", "Dark colours"), ("Ctrl+Alt+D",), False, "is_dark"),
        Command(
            "lines",
            "toggle_small_rows",
            QT_TRANSLATE_NOOP("registry", "Small rows without pictures"),
            ("Ctrl+Alt+R",),
            checked="small_rows",
        ),
        Command("window", "reset_layout", QT_TRANSLATE_NOOP("registry", "Reset the layout"), ("Ctrl+Alt+0",)),
    ),
    QT_TRANSLATE_NOOP("registry", "&Help"): (
        Command(
            "window",
            "list_commands",
            QT_TRANSLATE_NOOP("registry", "Search commands ..."),
            ("Ctrl+K", "Ctrl+Shift+P"),
            needs_project=False,
        ),
        Command("window", "show_keys", QT_TRANSLATE_NOOP("registry", "Keys"), ("F1",), needs_project=False),
    ),
}
