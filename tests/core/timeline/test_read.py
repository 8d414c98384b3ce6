"""Timelines in, from every format, and nothing else in."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from made_timelines import clip, frames, project, track

from codub.errors import MediaError, ProjectError
from codub.timeline import bundle
from codub.timeline.clips import place_clips
from codub.timeline.media_links import MediaFolders, media_url
from codub.timeline.read import read_timeline
from codub.timeline.write import Dub, PictureTake, write_dubbed


def saved(folder: Path, *clips: otio.schema.Clip) -> Path:
    made = project(folder, [track("V1", clips)])
    made.timeline.to_json_file(str(made.path))
    return made.path


def zipped(path: Path, members: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, data)
    return path


def test_otio(tmp_path: Path) -> None:
    opened = read_timeline(saved(tmp_path, clip("one"), clip("two words")))
    assert [each.media.name for each in place_clips(opened).clips] == ["one.mov", "two words.mov"]
    assert opened.media.base == tmp_path.resolve()


def test_bundles_are_unpacked_and_read(tmp_path: Path) -> None:
    opened = read_timeline(saved(tmp_path, clip("one"), clip("two")))
    (tmp_path / "media" / "one.mov").write_bytes(b"first" * 1000)
    for each in opened.timeline.find_clips():
        each.media_reference.target_url = str(tmp_path / each.media_reference.target_url)
    for suffix in ("otioz", "otiod"):
        path = tmp_path / f"film.{suffix}"
        otio.adapters.write_to_file(opened.timeline, str(path))
        again = read_timeline(path)
        placed = place_clips(again)
        assert placed.problems == ()
        assert placed.clips[0].media.read_bytes() == b"first" * 1000
        assert placed.clips[0].media.is_relative_to(again.media.base)
    unpacked = tmp_path / "film.unpacked" / "media" / "one.mov"
    assert unpacked.is_file()
    unpacked.write_bytes(b"other" * 1000)
    read_timeline(tmp_path / "film.otioz")
    assert unpacked.read_bytes() == b"first" * 1000
    assert read_timeline(tmp_path / "film.otioz", unpack_to=tmp_path / "there").media.base == tmp_path / "there"


def test_a_bundle_is_dubbed_beside_it(tmp_path: Path) -> None:
    opened = read_timeline(saved(tmp_path / "src", clip("one")))
    for each in opened.timeline.find_clips():
        each.media_reference.target_url = str(tmp_path / "src" / each.media_reference.target_url)
    otio.adapters.write_to_file(opened.timeline, str(tmp_path / "film.otioz"))
    bundled = read_timeline(tmp_path / "film.otioz")
    (placed,) = place_clips(bundled).clips
    write_dubbed(bundled, Dub("es", pictures=(PictureTake(placed, tmp_path / "t.mov", {1: 1}),)), tmp_path / "d.otio")
    assert place_clips(read_timeline(tmp_path / "d.otio")).clips == (placed,)


@pytest.mark.parametrize(
    "name",
    ["../evil.mov", "media/../../evil.mov", "/etc/evil", "C:\\evil.mov", "media\\..\\evil", "evil.mov", "media/a\0b"],
)
def test_bundle_members_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    content = saved(tmp_path, clip("one")).read_bytes()
    (tmp_path / "media" / "one.mov").unlink()
    path = zipped(tmp_path / "evil.otioz", {"content.otio": content, "media/ok.mov": b"x", name: b"evil"})
    if "\0" in name:  # zipfile itself cuts such a name
        return
    with pytest.raises(ProjectError, match="is refused"):
        read_timeline(path)
    assert not (tmp_path / "evil.unpacked").exists()


def test_bombs_links_and_passwords_in_bundles_are_refused(tmp_path: Path) -> None:
    content = saved(tmp_path, clip("one")).read_bytes()

    def link(info: zipfile.ZipInfo) -> None:
        if info.filename.startswith("media"):
            info.external_attr = 0o120777 << 16

    for members, change, reason in (
        ({"media/bomb.mov": b"\0" * 50_000_000}, None, "bomb"),
        ({"media/link.mov": b"/etc/passwd"}, link, "link"),
    ):
        path = zipped(tmp_path / f"{reason}.otioz", {"content.otio": content, **members}, change)
        with pytest.raises(ProjectError, match=reason):
            read_timeline(path)
    with pytest.raises(ProjectError, match=r"holds no content\.otio"):
        read_timeline(zipped(tmp_path / "none.otioz", {"media/a.mov": b"x"}))
    (tmp_path / "no.otioz").write_bytes(b"no archive")
    with pytest.raises(ProjectError, match="cannot be read"):
        read_timeline(tmp_path / "no.otioz")


def test_a_bundle_does_not_write_through_a_link_that_lies_there(tmp_path: Path) -> None:
    content = saved(tmp_path / "a", clip("one")).read_bytes()
    path = zipped(tmp_path / "film.otioz", {"content.otio": content, "media/one.mov": b"x"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "film.unpacked").mkdir()
    (tmp_path / "film.unpacked" / "media").symlink_to(outside)
    with pytest.raises(ProjectError, match="follows a link"):
        read_timeline(path)
    assert list(outside.iterdir()) == []


def test_a_truncated_bundle_is_refused(tmp_path: Path) -> None:
    content = saved(tmp_path, clip("one")).read_bytes()
    path = zipped(tmp_path / "film.otioz", {"content.otio": content, "media/one.mov": b"x" * 1000})
    data = bytearray(path.read_bytes())
    data[data.find(b"media/one.mov") + 14] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(ProjectError, match="cannot be read"):
        read_timeline(path)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("../secret.mov", "outside the project's folder"),
        ("file:///etc/passwd", "outside the project's folder"),
        ("/etc/passwd", "outside the project's folder"),
        ("media/%2e%2e/%2e%2e/secret.mov", "outside the project's folder"),
        ("http://example.org/a.mov", "not a file on this machine"),
        ("file://server/share/a.mov", "not a file on this machine"),
        ("concat:a|b", "not a file on this machine"),
        ("media/link.mov", "outside the project's folder"),
        ("", "names no file"),
        ("media/absent.mov", "does not exist"),
        ("media", "does not exist"),
    ],
)
def test_links_that_lead_elsewhere_are_refused(tmp_path: Path, url: str, reason: str) -> None:
    (tmp_path / "secret.mov").touch()
    folder = tmp_path / "project"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "link.mov").symlink_to(tmp_path / "secret.mov")
    with pytest.raises((ProjectError, MediaError), match=reason):
        MediaFolders.of(folder).locate(url)


def test_links_into_named_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "rushes").mkdir()
    file = tmp_path / "rushes" / "día 1 #2 100%.mov"
    file.touch()
    folders = MediaFolders.of(tmp_path / "project", [tmp_path / "rushes"])
    for url in (
        str(file),
        file.as_uri(),
        file.as_uri().replace("file://", "file://localhost"),
        media_url(file, folders.base),
    ):
        assert folders.locate(url) == file.resolve()
    inside = MediaFolders.of(tmp_path)
    for url in (media_url(file, tmp_path), "rushes/día 1 #2 100%.mov"):
        assert inside.locate(url) == file.resolve()
    assert media_url(file, tmp_path) == "rushes/d%C3%ADa%201%20%232%20100%25.mov"


EDL = """TITLE: programme
FCM: NON-DROP FRAME

001  AX       V     C        01:00:04:05 01:00:06:05 00:00:00:00 00:00:02:00
* FROM CLIP NAME:  one
* FROM CLIP: media/one.mov
002  AX       V     C        00:00:00:00 00:00:01:00 00:00:02:00 00:00:03:00
* FROM CLIP NAME:  two
"""


def test_an_edl(tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_text(EDL)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "one.mov").touch()
    opened = read_timeline(path)
    names = [each.name for each in opened.timeline.find_clips()]
    assert names == ["one", "two"]
    placement = place_clips(opened)
    told = [each.name for each in placement.clips] + [problem.clip for problem in placement.problems]
    assert sorted(told) == ["one", "two"]


@pytest.mark.parametrize("suffix", ["xml", "fcpxml"])
def test_final_cut(tmp_path: Path, suffix: str) -> None:
    opened = read_timeline(saved(tmp_path, clip("one", 5, 50), clip("two", 7, 25)))
    for each in opened.timeline.find_clips():
        each.media_reference.target_url = (tmp_path / each.media_reference.target_url).as_uri()
        each.media_reference.name = each.name
    path = tmp_path / f"cut.{suffix}"
    otio.adapters.write_to_file(opened.timeline, str(path))
    placement = place_clips(read_timeline(path))
    assert [(c.name, c.start, c.first_frame, c.frame_count) for c in placement.of_kind("video")] == [
        ("one", 0, 5, 50),
        ("two", 2, 7, 25),
    ]


def test_aaf(tmp_path: Path) -> None:
    one = clip("one", 0, 50)
    one.media_reference.target_url = (tmp_path / "media" / "one.mov").as_uri()
    one.metadata["AAF"] = {
        "SourceID": "urn:smpte:umid:060a2b34.01010105.01010f20.13000000.00000000.00000000.00000000.00000001"
    }
    timeline = otio.schema.Timeline("programme")
    timeline.tracks.append(track("V1", [one]))
    path = tmp_path / "cut.aaf"
    otio.adapters.write_to_file(timeline, str(path), use_empty_mob_ids=True)
    opened = read_timeline(path)
    placement = place_clips(opened)
    assert placement.duration == 2
    assert len(placement.clips) + len(placement.problems) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pyaaf2 leaves a broken file open
def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.otio"
    broken.write_text("{ not json")
    with pytest.raises(ProjectError, match="is not JSON"):
        read_timeline(broken)
    (tmp_path / "cut.xyz").touch()
    with pytest.raises(ProjectError, match=r"No OTIO adapter is installed for '\.xyz'"):
        read_timeline(tmp_path / "cut.xyz")
    with pytest.raises(ProjectError, match="does not exist"):
        read_timeline(tmp_path / "absent.otio")
    (tmp_path / "empty.otiod").mkdir()
    with pytest.raises(ProjectError, match=r"holds no content\.otio"):
        read_timeline(tmp_path / "empty.otiod")
    for name in ("a.edl", "a.fcpxml", "a.xml", "a.aaf"):
        (tmp_path / name).write_bytes(b"\xff\x00 nonsense \x80")
        with pytest.raises(ProjectError):
            place_clips(read_timeline(tmp_path / name))


def test_a_missing_adapter_names_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cut.edl").write_text(EDL)
    monkeypatch.setattr(otio.adapters, "suffixes_with_defined_adapters", lambda **_: {"otio"})
    with pytest.raises(ProjectError, match=r'pip install "codub\[nle\]"'):
        read_timeline(tmp_path / "cut.edl")


def test_a_collection_gives_its_only_timeline_and_asks_about_several(tmp_path: Path) -> None:
    made = [otio.schema.Timeline("a"), otio.schema.Timeline("b")]
    path = tmp_path / "bin.otio"
    otio.schema.SerializableCollection("bin", made[:1]).to_json_file(str(path))
    assert read_timeline(path).timeline.name == "a"
    otio.schema.SerializableCollection("bin", made).to_json_file(str(path))
    with pytest.raises(ProjectError, match="several timelines: 'a', 'b'"):
        read_timeline(path)
    assert read_timeline(path, name="b").timeline.name == "b"
    clip("alone").to_json_file(str(path))
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "alone.mov").touch()
    assert place_clips(read_timeline(path)).duration == 2
    frames(0, 1)
    otio.schema.Marker("m").to_json_file(str(path))
    with pytest.raises(ProjectError, match="holds no timeline"):
        read_timeline(path)


@pytest.mark.parametrize("depth", [900, 200_000])
def test_deep_json_is_refused_not_a_crash(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "deep.otio"
    path.write_text('{"OTIO_SCHEMA": "Marker.1", "metadata": {"a": ' + "[" * depth + "]" * depth + "}}")
    code = (
        "import sys; from pathlib import Path; from codub.timeline.read import read_timeline; "
        "from codub.errors import ProjectError\n"
        "try: read_timeline(Path(sys.argv[1]))\nexcept ProjectError: sys.exit(7)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, capture_output=True)
    assert done.returncode == 7


def test_opening_a_timeline_loads_neither_torch_nor_qt(tmp_path: Path) -> None:
    path = saved(tmp_path, clip("one"))
    code = (
        "import sys, json; from pathlib import Path; from codub.timeline.read import read_timeline; "
        "from codub.timeline.clips import place_clips; place_clips(read_timeline(Path(sys.argv[1]))); "
        "import codub.timeline.write, codub.timeline.subtitles, codub.dubbing.plan; "
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('torch', 'PySide6', 'transformers')]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == []


def test_bundle_sizes_are_sane() -> None:
    assert bundle.MAX_CONTENT_BYTES == 256 * 2**20
    assert Fraction(bundle.MAX_RATIO) > 100
