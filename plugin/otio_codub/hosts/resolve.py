"""Opens DaVinci Resolve's current timeline in codub's panel (Resolve 18.5 and later, which exports OTIO).

Copy this file into Resolve's script folder and run it from Workspace > Scripts:
- Linux: ~/.local/share/DaVinciResolve/Fusion/Scripts/Edit
- macOS: ~/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Edit
- Windows: %APPDATA%\\Blackmagic Design\\DaVinci Resolve\\Support\\Fusion\\Scripts\\Edit
The timeline is exported to ~/codub/<project>/<timeline>.otio. Bring the dubbed one back by File > Import > Timeline.
"""

import importlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any


def main() -> None:
    """Export the current timeline and open it.

    Raises:
        SystemExit: no timeline is open, it cannot be exported, or `codub` is not installed.
    """
    resolve = importlib.import_module("DaVinciResolveScript").scriptapp("Resolve")
    project = resolve.GetProjectManager().GetCurrentProject()
    timeline = project.GetCurrentTimeline()
    if timeline is None:
        raise SystemExit("Open a timeline first.")
    command = os.environ.get("CODUB") or shutil.which("codub")
    if not command:
        raise SystemExit('The command "codub" was not found. Install it (pip install "codub[panel]") or set CODUB.')
    subprocess.Popen([command, "panel", str(export(resolve, project.GetName(), timeline))])


def export(resolve: Any, project_name: str, timeline: Any) -> Path:
    """The timeline as an OTIO file below the user's home.

    Raises:
        SystemExit: Resolve could not write it.
    """
    target = Path.home() / "codub" / _file_name(project_name) / f"{_file_name(timeline.GetName())}.otio"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not timeline.Export(str(target), resolve.EXPORT_OTIO):
        raise SystemExit(f"Resolve could not export the timeline to '{target}'.")
    return target


def _file_name(name: str) -> str:
    return re.sub(r"[^\w .-]+", "_", name).strip(" .") or "untitled"


if __name__ == "__main__":
    main()
