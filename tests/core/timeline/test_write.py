"""The dub goes into the timeline and out again, and nothing else changes."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from made_timelines import RATES, clip, frames, gap, project, track

from codub.errors import CueError, UsageError
from codub.timeline.clips import place_clips
from codub.timeline.cues import Cue
from codub.timeline.metadata import ours
from codub.timeline.placed import PlacedClip
from codub.timeline.read import Project, read_timeline
from codub.timeline.select import (
    StalePicture,
    dubbed_language,
    select_take,
    selected_takes,
    set_state,
    show_dub,
    show_original,
)
from codub.timeline.times import exact_seconds
from codub.timeline.voice_tracks import voice_clips, voice_tracks
from codub.timeline.write import Bed, Dub, PictureTake, VoiceTake, save_timeline, write_dubbed


@dataclass(frozen=True)
class Film:
    """Two picture clips, their dialogue, a bed, a marker, foreign metadata."""

    project: Project
    one: PlacedClip
    two: PlacedClip
    dialogue: PlacedClip
    folder: Path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    one, two = clip("one", 5, 100), clip("two", 7, 100)
    one.metadata["editor"] = {"grade": [1, 2.5, "x"], "deep": {"a": None}}
    one.markers.append(otio.schema.Marker("look", frames(10, 5), otio.schema.MarkerColor.BLUE))
    tracks = [
        track("V1", [gap(25), one, two]),
        track("Dialogue", [gap(25), clip("talk", 0, 200)], "Audio"),
        track("M&E", [clip("waves", 0, 225)], "Audio"),
    ]
    made = project(tmp_path, tracks)
    made.timeline.metadata["studio"] = {"show": "x"}
    placed = place_clips(made)
    by_name = {each.name: each for each in placed.clips}
    return Film(made, by_name["one"], by_name["two"], by_name["talk"], tmp_path)


def cue(number: int, start: float, end: float) -> Cue:
    return Cue(number, f"Línea {number}.", "es", "ANNA", Fraction(start), Fraction(end), f"Line {number}.")


def voice(film: Film, number: int, take: int, start: Fraction, samples: int = 48_000) -> VoiceTake:
    file = film.folder / "dub.codub" / f"cue{number}_t{take}.wav"
    return VoiceTake(
        cue(number, float(start), float(start) + 1), take, file, start, samples, 48_000, details={"seed": 3}
    )


def picture(film: Film, placed: PlacedClip, **takes: int) -> PictureTake:
    name = "-".join(f"{cue}{take}" for cue, take in takes.items())
    numbers = {int(cue.removeprefix("cue")): take for cue, take in takes.items()}
    return PictureTake(placed, film.folder / "dub.codub" / f"{placed.name}-{name}.mov", numbers)


def dub_of(film: Film, **changes: Any) -> Dub:
    values: dict[str, Any] = {
        "voices": (voice(film, 1, 1, Fraction(3, 2)), voice(film, 2, 1, Fraction(6))),
        "pictures": (picture(film, film.one, cue1=1), picture(film, film.two, cue2=1)),
        "beds": (Bed(film.dialogue, film.folder / "dub.codub" / "talk_bed.wav"),),
        **changes,
    }
    return Dub("es", **values)


def written(film: Film, dub: Dub, name: str = "dubbed.otio") -> otio.schema.Timeline:
    write_dubbed(film.project, dub, film.folder / name)
    return otio.adapters.read_from_file(str(film.folder / name))


def stripped(timeline: otio.schema.Timeline) -> Any:
    """The timeline's JSON without what codub added, original references active."""
    timeline = timeline.clone()
    show_original(timeline)
    for dubbed in voice_tracks(timeline):
        timeline.tracks.remove(dubbed)

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {k: clean(v) for k, v in value.items() if k != "codub" and not k.startswith("dub_")}
            return {k: v for k, v in kept.items() if not (k == "metadata" and v == {})}
        return [clean(v) for v in value] if isinstance(value, list) else value

    return clean(json.loads(timeline.to_json_string()))


def test_everything_else_survives_a_round_trip(film: Film) -> None:
    before = film.project.timeline.to_json_string()
    dubbed = written(film, dub_of(film))
    assert film.project.timeline.to_json_string() == before
    assert stripped(dubbed) == stripped(film.project.timeline)


def test_takes_stand_beside_the_original_and_are_active(film: Film) -> None:
    dubbed = written(film, dub_of(film))
    one = dubbed.tracks[0][1]
    assert set(one.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01"}
    assert one.media_references()["DEFAULT_MEDIA"].target_url == "media/one.mov"
    assert one.active_media_reference_key == "dub_es_t01"
    assert one.media_reference.target_url == "dub.codub/one-cue11.mov"
    assert one.source_range == frames(5, 100)
    assert one.media_reference.available_range == one.trimmed_range()
    talk = dubbed.tracks[1][1]
    assert talk.active_media_reference_key == "dub_es_bed"
    assert talk.media_reference.available_range == frames(0, 200)


def test_voices_lie_where_they_should_to_the_sample(film: Film) -> None:
    start = Fraction(70_001, 48_000)
    dubbed = written(film, dub_of(film, voices=(voice(film, 1, 1, start, 30_011), voice(film, 2, 1, Fraction(6)))))
    (lane,) = voice_tracks(dubbed, "es")
    assert lane.name == "Dub es"
    lines = voice_clips(dubbed, "es")
    at = dubbed.tracks.range_of_child(lane).start_time + lane.range_of_child(lines[1]).start_time
    assert (at.value, at.rate) == (70_001, 48_000)
    assert lines[1].trimmed_range().duration.value == 30_011
    assert exact_seconds(lane.range_of_child(lines[2]).start_time) == 6
    assert ours(lines[1].media_reference)["seed"] == 3


@pytest.mark.parametrize("rate", RATES)
def test_sound_that_starts_and_ends_on_frames_lies_on_frames(tmp_path: Path, rate: Fraction) -> None:
    made = project(tmp_path, [track("V1", [clip("one", 0, 1000, rate=rate)])])
    start, samples = 37 / rate, round(51 / rate * 48_000)
    line = VoiceTake(cue(1, 1, 2), 1, tmp_path / "a.wav", start, samples, 48_000)
    write_dubbed(made, Dub("es", (line,)), tmp_path / "out.otio")
    (lane,) = voice_tracks(otio.adapters.read_from_file(str(tmp_path / "out.otio")))
    silence, spoken = lane
    assert exact_seconds(silence.duration()) == start
    assert (spoken.source_range.duration.value, spoken.source_range.duration.rate) == (51, float(rate))


@pytest.mark.parametrize("suffix", ["edl", "fcpxml", "xml", "otioz", "otiod"])
def test_a_dub_can_be_exported_to_every_editor(film: Film, suffix: str) -> None:
    voices = (voice(film, 1, 1, Fraction(38, 25), 97_920), voice(film, 2, 1, Fraction(6)))
    dubbed = written(film, dub_of(film, voices=voices))
    for each in dubbed.find_clips():
        references = {key: reference.clone() for key, reference in each.media_references().items()}
        for reference in references.values():
            file = film.folder / reference.target_url
            file.parent.mkdir(exist_ok=True)
            file.touch()
            reference.target_url = str(file)
        each.set_media_references(references, each.active_media_reference_key)
    if suffix == "edl":  # such a list holds two tracks of sound at most
        dubbed.tracks[2].enabled = False
    otio.adapters.write_to_file(dubbed, str(film.folder / f"export.{suffix}"))
    assert (film.folder / f"export.{suffix}").exists()


def test_overlapping_lines_go_to_further_tracks(film: Film) -> None:
    voices = tuple(voice(film, n, 1, start) for n, start in ((1, Fraction(1)), (2, Fraction(3, 2)), (3, Fraction(2))))
    dubbed = written(film, dub_of(film, voices=voices))
    assert [[ours(line)["cue"] for line in lane.find_clips()] for lane in voice_tracks(dubbed)] == [[1, 3], [2]]
    assert [lane.name for lane in voice_tracks(dubbed)] == ["Dub es", "Dub es 2"]


def test_selecting_a_take_switches_voice_and_picture(film: Film) -> None:
    voices = (voice(film, 1, 1, Fraction(3, 2)), voice(film, 1, 2, Fraction(7, 4), 50_000))
    pictures = (picture(film, film.one, cue1=1), picture(film, film.one, cue1=2))
    dubbed = written(film, dub_of(film, voices=voices, pictures=pictures))
    assert selected_takes(dubbed, "es") == {1: 1}
    assert select_take(dubbed, 1, 2) == ()
    assert selected_takes(dubbed, "es") == {1: 2}
    line = voice_clips(dubbed, "es")[1]
    assert line.media_reference.target_url.endswith("cue1_t2.wav")
    assert line.trimmed_range().duration.value == 50_000
    assert voice_tracks(dubbed)[0].range_of_child(line).start_time.value == 84_000
    assert dubbed.tracks[0][1].active_media_reference_key == "dub_es_t02"
    save_timeline(dubbed, film.folder / "again.otio")
    assert selected_takes(otio.adapters.read_from_file(str(film.folder / "again.otio")), "es") == {1: 2}
    with pytest.raises(CueError, match="has no take 9"):
        select_take(dubbed, 1, 9)
    with pytest.raises(CueError, match="Dubbed cues: 1"):
        select_take(dubbed, 7, 1)


def test_a_dub_may_name_the_take_that_plays(film: Film) -> None:
    voices = (voice(film, 1, 1, Fraction(3, 2)), voice(film, 1, 2, Fraction(3, 2)))
    assert selected_takes(written(film, dub_of(film, voices=voices, selected={1: 2})), "es") == {1: 2}


def test_cues_that_share_a_clip_share_its_picture(film: Film) -> None:
    voices = tuple(voice(film, n, t, Fraction(n)) for n in (1, 2) for t in (1, 2))
    pictures = (picture(film, film.one, cue1=1, cue2=1), picture(film, film.one, cue1=2, cue2=1))
    dubbed = written(film, dub_of(film, voices=voices, pictures=pictures))
    shared = dubbed.tracks[0][1]
    assert set(shared.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01", "dub_es_t02"}
    assert shared.active_media_reference_key == "dub_es_t01"
    assert select_take(dubbed, 1, 2) == ()
    assert shared.active_media_reference_key == "dub_es_t02"
    # nobody rendered cue 1 take 2 with cue 2 take 2: the nearest picture plays, and the clip is told of
    assert select_take(dubbed, 2, 2) == (StalePicture("one", 2, 1, 2),)
    assert shared.active_media_reference_key == "dub_es_t02"


def test_the_same_combination_is_replaced_not_doubled(film: Film) -> None:
    once = written(film, dub_of(film))
    again = Project(film.folder / "dubbed.otio", once, film.project.media)
    write_dubbed(again, dub_of(film), film.folder / "again.otio")
    twice = otio.adapters.read_from_file(str(film.folder / "again.otio"))
    assert twice.to_json_string() == once.to_json_string()


def test_a_dubbed_timeline_is_dubbed_further_from_its_originals(film: Film) -> None:
    once = written(film, dub_of(film))
    again = Project(film.folder / "dubbed.otio", once, film.project.media)
    placed = place_clips(again)
    assert {each.media.name for each in placed.clips} == {"one.mov", "two.mov", "talk.mov", "waves.mov"}
    assert placed.clips == place_clips(film.project).clips
    more = Dub("es", (voice(film, 2, 2, Fraction(6)),), (picture(film, film.two, cue2=2),), selected={2: 2})
    write_dubbed(again, more, film.folder / "more.otio")
    result = otio.adapters.read_from_file(str(film.folder / "more.otio"))
    assert selected_takes(result, "es") == {1: 1, 2: 2}
    assert result.tracks[0][1].active_media_reference_key == "dub_es_t01"
    assert result.tracks[0][2].active_media_reference_key == "dub_es_t02"
    assert stripped(result) == stripped(film.project.timeline)


def test_the_original_is_one_switch_away_and_so_is_the_dub(film: Film) -> None:
    dub = dub_of(film, beds=(), muted=(film.dialogue,))
    dubbed = written(film, dub)
    talk, lane = dubbed.tracks[1][1], voice_tracks(dubbed)[0]
    assert (talk.enabled, lane.enabled) == (False, True)
    as_dubbed = dubbed.to_json_string()
    show_original(dubbed)
    assert (talk.enabled, lane.enabled) == (True, False)
    assert all(each.active_media_reference_key == "DEFAULT_MEDIA" for each in dubbed.tracks[0].find_clips())
    show_dub(dubbed, "es")
    assert dubbed.to_json_string() == as_dubbed
    assert stripped(dubbed) == stripped(film.project.timeline)


def test_two_languages_live_side_by_side(film: Film) -> None:
    spanish = Project(film.folder / "es.otio", written(film, dub_of(film), "es.otio"), film.project.media)
    french = Dub("fr", dub_of(film).voices, dub_of(film).pictures, muted=(film.dialogue,))
    write_dubbed(spanish, french, film.folder / "both.otio")
    both = otio.adapters.read_from_file(str(film.folder / "both.otio"))
    one, talk = both.tracks[0][1], both.tracks[1][1]
    assert (one.active_media_reference_key, talk.active_media_reference_key) == ("dub_fr_t01", "DEFAULT_MEDIA")
    assert not talk.enabled
    assert [lane.enabled for lane in voice_tracks(both)] == [False, True]
    show_dub(both, "es")
    assert (one.active_media_reference_key, talk.active_media_reference_key) == ("dub_es_t01", "dub_es_bed")
    assert talk.enabled
    assert [lane.enabled for lane in voice_tracks(both)] == [True, False]
    with pytest.raises(UsageError, match="several dubs"):
        dubbed_language(both)
    assert stripped(both) == stripped(film.project.timeline)


def test_review_states_are_markers_too(film: Film) -> None:
    dubbed = written(film, dub_of(film))
    line = voice_clips(dubbed, "es")[1]
    line.markers.append(otio.schema.Marker("mine", line.trimmed_range()))
    assert [(m.name, m.color) for m in line.markers] == [("cue 1: review", "YELLOW"), ("mine", "RED")]
    set_state(dubbed, 1, "approved")
    assert [(m.name, m.color) for m in line.markers] == [("mine", "RED"), ("cue 1: approved", "GREEN")]
    select_take(dubbed, 2, 1)
    assert "cue 1: approved" in [m.name for m in voice_clips(dubbed, "es")[1].markers]
    with pytest.raises(UsageError, match="no review state"):
        set_state(dubbed, 1, "perfect")


def test_relative_links_follow_the_timeline_to_another_folder(film: Film) -> None:
    elsewhere = film.folder / "out" / "dubbed.otio"
    write_dubbed(film.project, dub_of(film), elsewhere)
    again = read_timeline(elsewhere, allow_media=[film.folder])
    assert place_clips(again).problems == ()
    assert {each.media for each in place_clips(again).clips} == {
        film.folder.resolve() / "media" / name for name in ("one.mov", "two.mov", "talk.mov", "waves.mov")
    }
    inside = read_timeline(elsewhere)
    assert "outside the project's folder" in place_clips(inside).problems[0].reason


@pytest.mark.parametrize("rate", RATES)
def test_a_take_covers_its_clip_exactly_at_every_rate(tmp_path: Path, rate: Fraction) -> None:
    embedded = frames(86_400, 5_000, rate)
    made = project(tmp_path, [track("V1", [clip("one", 86_400 + 33, 777, rate=rate, available=embedded)])])
    (placed,) = place_clips(made).clips
    take = PictureTake(placed, tmp_path / "take.mov", {1: 1})
    write_dubbed(made, Dub("es", pictures=(take,)), tmp_path / "out.otio")
    dubbed = otio.adapters.read_from_file(str(tmp_path / "out.otio"))
    one = dubbed.tracks[0][0]
    assert one.media_reference.available_range == one.source_range
    again = place_clips(Project(tmp_path / "out.otio", dubbed, made.media))
    assert again.clips == (placed,)


def test_only_otio_keeps_everything(film: Film) -> None:
    with pytest.raises(UsageError, match=r"Only \.otio keeps"):
        write_dubbed(film.project, dub_of(film), film.folder / "dubbed.edl")


def test_a_failed_write_leaves_the_old_file(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    written(film, dub_of(film))
    before = (film.folder / "dubbed.otio").read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(Exception, match="No space left"):
        write_dubbed(film.project, dub_of(film), film.folder / "dubbed.otio")
    assert (film.folder / "dubbed.otio").read_bytes() == before
    assert [path.name for path in film.folder.glob(".*")] == []
