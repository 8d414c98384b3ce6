"""The cast is kept whole, moves with its project, and says what holds for which clip."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from made_dubs import placed_clip

from codub.dubbing.cast.casting import (
    Cast,
    CastError,
    FaceChoice,
    FramePick,
    Member,
    change_cast,
    read_cast,
    write_cast,
)


def a_cast(folder: Path) -> Cast:
    film = str(folder / "media" / "one.mov")
    tom = Member("TOM", "Tom", cues=(1, 3), fit_seconds=90.0, open=FramePick(film, 12, (0.25, 0.5)))
    ana = Member("ANA", recording="/elsewhere/ana.wav", identity=(FramePick(str(folder / "ana.png")),))
    return Cast((tom, ana), (FaceChoice(4, film, 110, (0.5, 0.5)), FaceChoice(5, film, 110)))


def test_what_was_decided_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "DUBBED.codub"
    assert read_cast(folder) == Cast()
    write_cast(folder, a_cast(tmp_path))
    assert read_cast(folder) == a_cast(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["cast.json"]


def test_media_below_the_project_moves_with_it(tmp_path: Path) -> None:
    write_cast(tmp_path / "here" / "DUBBED.codub", a_cast(tmp_path / "here"))
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert read_cast(tmp_path / "there" / "DUBBED.codub") == a_cast(tmp_path / "there")
    kept = json.loads((tmp_path / "there" / "DUBBED.codub" / "cast.json").read_text())
    assert kept["cast"]["members"][0]["open"]["media"] == "media/one.mov"


def test_a_cast_of_three_mouths_is_still_read(tmp_path: Path) -> None:
    film = {"media": "media/one.mov", "frame": 12, "at": [0.25, 0.5]}
    former = {"speaker": "TOM", "closed": None, "open": film, "between": None}
    kept = {"layout": 1, "cast": {"members": [former], "faces": []}}
    (tmp_path / "DUBBED.codub").mkdir()
    (tmp_path / "DUBBED.codub" / "cast.json").write_text(json.dumps(kept), encoding="utf-8")
    member = read_cast(tmp_path / "DUBBED.codub").member("TOM")
    assert list(member.picks) == ["open"]
    assert member.with_pick("rounded", member.open).picks.keys() == {"open", "rounded"}
    assert member.without_pictures().automatic


def test_a_change_starts_from_what_others_have_kept(tmp_path: Path) -> None:
    change_cast(tmp_path, lambda cast: cast.with_member(Member("TOM", cues=(1,))))
    made = change_cast(tmp_path, lambda cast: cast.with_member(Member("ANA", fit_seconds=0.0)))
    assert {member.speaker for member in made.members} == {"TOM", "ANA"}
    made = change_cast(tmp_path, lambda cast: cast.with_member(Member("TOM")))
    assert [member.speaker for member in made.members] == ["ANA"]
    assert read_cast(tmp_path).member("TOM").automatic


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"layout": 1}',
        '{"layout": 1, "cast": {"members": [{"speaker": 3}]}}',
        '{"layout": 1, "cast": {"members": [{"speaker": "TOM", "vioce": "x"}]}}',
        '{"layout": 1, "cast": {"faces": [{"cue": 1, "media": "a.mov", "frame": -2}]}}',
    ],
)
def test_a_damaged_file_is_told_and_not_overwritten(tmp_path: Path, damage: str) -> None:
    (tmp_path / "cast.json").write_text(damage, encoding="utf-8")
    with pytest.raises(CastError, match=r"cast\.json|is no frame"):
        change_cast(tmp_path, lambda cast: cast.with_member(Member("TOM", cues=(1,))))
    assert (tmp_path / "cast.json").read_text(encoding="utf-8") == damage


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cast.json").write_text('{"layout": 2, "cast": {}}', encoding="utf-8")
    with pytest.raises(CastError, match=r"layout 2.*Update codub"):
        read_cast(tmp_path)


def test_a_choice_holds_for_the_clips_that_show_its_frame() -> None:
    clip = placed_clip(media=Path("/films/one.mov"))  # frames 100 to 149
    shows = [FaceChoice(1, "/films/one.mov", frame).holds_for(clip) for frame in (99, 100, 149, 150)]
    assert shows == [False, True, True, False]
    assert not FaceChoice(1, "/films/two.mov", 120).holds_for(clip)


def test_one_choice_a_line_and_clip() -> None:
    clip = placed_clip(media=Path("/films/one.mov"))
    later = placed_clip(media=Path("/films/one.mov"), media_start=Fraction(6))
    cast = Cast().with_face(FaceChoice(1, "/films/one.mov", 160, (0.1, 0.1)), later)
    cast = cast.with_face(FaceChoice(1, "/films/one.mov", 120, (0.5, 0.5)), clip)
    cast = cast.with_face(FaceChoice(1, "/films/one.mov", 130), clip)
    assert cast.told(1, clip) == (FaceChoice(1, "/films/one.mov", 130),)
    assert [choice.frame for choice in cast.told(1, later)] == [160]
    assert cast.told(2, clip) == ()
    assert cast.without_face(1, clip).told(1, clip) == ()


@pytest.mark.parametrize("at", [(1.2, 0.5), (0.5, -0.1), (0.5,)])
def test_a_place_outside_the_picture_is_refused(at: tuple[float, ...]) -> None:
    with pytest.raises(CastError, match="outside the picture"):
        FramePick("one.mov", 3, at)  # type: ignore[arg-type]


def test_a_voice_has_one_reference() -> None:
    with pytest.raises(CastError, match="two references"):
        Member("TOM", cues=(1,), recording="tom.wav")
