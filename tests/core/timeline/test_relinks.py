from pathlib import Path

import opentimelineio as otio
import pytest
from made_timelines import clip, frames, track

from codub.errors import ProjectError
from codub.timeline.clips import place_clips
from codub.timeline.media_links import MediaFolders
from codub.timeline.read import read_timeline
from codub.timeline.relinks import FILE_NAME, add_relinks, read_relinks, search_folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A timeline of one film that is not there, one that lies outside, and a clip that names no file."""
    lost = clip("lost", 0, 50, available=frames(0, 50), url="media/lost%20film.mp4")
    far = clip("far", 0, 50, available=frames(0, 50), url=(tmp_path / "far" / "far.mp4").as_uri())
    nameless = otio.schema.Clip("A001", otio.schema.MissingReference(available_range=frames(0, 50)), frames(0, 50))
    timeline = otio.schema.Timeline("t")
    timeline.tracks.append(track("V1", [lost, far, nameless]))
    (tmp_path / "project").mkdir()
    otio.adapters.write_to_file(timeline, str(tmp_path / "project" / "T.otio"))
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "far.mp4").touch()
    return tmp_path / "project"


def test_missing_media_is_named_so_that_it_can_be_linked_again(project: Path):
    problems = place_clips(read_timeline(project / "T.otio")).problems
    assert [problem.media for problem in problems] == [
        str(project / "media" / "lost film.mp4"), str(project.parent / "far" / "far.mp4"), "A001",
    ]  # fmt: skip


def test_linked_again_it_plays_and_the_timeline_is_as_it_was(project: Path, tmp_path: Path):
    before = (project / "T.otio").read_bytes()
    names = [problem.media for problem in place_clips(read_timeline(project / "T.otio")).problems]
    found = {}
    for name in names:
        found[name] = tmp_path / "archive" / f"{Path(name).stem} found.mov"
        found[name].parent.mkdir(exist_ok=True)
        found[name].touch()
    folder = tmp_path / "T.codub"
    add_relinks(folder, found)
    placement = place_clips(read_timeline(project / "T.otio", relinked=read_relinks(folder)))
    assert placement.problems == ()
    assert [clip.media for clip in placement.clips] == list(found.values())
    assert (project / "T.otio").read_bytes() == before


def test_what_was_linked_again_and_is_gone_too_is_missing_as_before(project: Path, tmp_path: Path):
    lost = str(project / "media" / "lost film.mp4")
    placement = place_clips(read_timeline(project / "T.otio", relinked={lost: tmp_path / "gone.mov"}))
    assert placement.problems[0].media == lost


def test_relinks_are_added_to_what_is_kept(tmp_path: Path):
    assert read_relinks(tmp_path) == {}
    add_relinks(tmp_path, {"a": Path("/one")})
    add_relinks(tmp_path, {"b": Path("/two"), "a": Path("/three")})
    assert read_relinks(tmp_path) == {"a": Path("/three"), "b": Path("/two")}


@pytest.mark.parametrize("content", ["[", '{"layout": 2, "media": {}}', '{"layout": 1, "media": []}'])
def test_a_damaged_file_is_told(tmp_path: Path, content: str):
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match=FILE_NAME):
        read_relinks(tmp_path)


def test_a_folder_is_searched_by_name_and_the_nearest_of_two_is_taken(tmp_path: Path):
    for name in ("day1/cam/A.MP4", "day2/cam/a.mp4", "day2/sound/b.wav", "A002.mov"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = search_folder(tmp_path, ["/old/day2/cam/A.mp4", "/old/b.wav", "A002", "/old/c.mov"])
    assert found == {
        "/old/day2/cam/A.mp4": tmp_path / "day2/cam/a.mp4",
        "/old/b.wav": tmp_path / "day2/sound/b.wav",
        "A002": tmp_path / "A002.mov",
    }


def test_one_file_has_one_name_however_it_is_linked(tmp_path: Path):
    folders = MediaFolders.of(tmp_path)
    name = str(tmp_path.resolve() / "media" / "a b.mov")
    assert folders.named("media/a%20b.mov") == name
    assert folders.named("media/../media/a b.mov") == name
    assert folders.named((tmp_path.resolve() / "media" / "a b.mov").as_uri()) == name
    assert folders.named("https://host/a.mov") == "https://host/a.mov"
