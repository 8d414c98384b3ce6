"""Opens a timeline in codub's panel: `python open_in_codub.py FILE.otio`, from any editor that can run a command.

Kdenlive (25.04 and later): File > OpenTimelineIO Export, then this script on the exported file; afterwards
File > OpenTimelineIO Import of the dubbed one. The command `codub` is searched in $CODUB, then on the PATH.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def codub_command() -> str:
    """Path of the `codub` command.

    Raises:
        SystemExit: there is none.
    """
    found = os.environ.get("CODUB") or shutil.which("codub")
    if not found:
        raise SystemExit('The command "codub" was not found. Install it (pip install "codub[panel]") or set CODUB.')
    return found


def open_panel(timeline: Path) -> "subprocess.Popen[bytes]":
    """Start the panel on a timeline; the editor goes on meanwhile."""
    return subprocess.Popen([codub_command(), "panel", str(timeline)])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: open_in_codub.py FILE.otio")
    sys.exit(open_panel(Path(sys.argv[1])).wait())
