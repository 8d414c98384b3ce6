"""A file's path as the interface shows it: no longer than it takes to find it."""

from pathlib import Path


def shown_path(path: Path | str, folder: Path) -> str:
    """Below the project's `folder` from there on; below the user's home with `~`; any other one whole."""
    path = Path(path)
    if path.is_relative_to(folder):
        return str(path.relative_to(folder))
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
