from pathlib import Path

from codub_panel.shown_path import shown_path


def test_a_path_is_shown_from_the_project_or_from_home():
    folder = Path.home() / "films" / "kitchen"
    assert shown_path(folder / "media" / "tom.mp4", folder) == str(Path("media", "tom.mp4"))
    assert shown_path(Path.home() / "archive" / "tom.mp4", folder) == "~/archive/tom.mp4"
    assert shown_path("/volumes/a/tom.mp4", folder) == str(Path("/volumes/a/tom.mp4"))
    assert shown_path("tom.mp4", folder) == "tom.mp4"
