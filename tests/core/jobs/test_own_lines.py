"""A speaker's lines cut from a project's films: which frames, whose sound, and the pictures they are measured in."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from made_dubs import (
    QuickModels,
    TwoFaces,
    opened,
    write_lines,
    write_one_film_twice,
    write_project,
    write_project_with_lines,
)
from made_meshes import MadeMesh

from codub.dubbing.cast.casting import NO_CAST
from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.face.crop import CropTransform, extract
from codub.jobs.own_latents import latent_from
from codub.jobs.own_line import OwnLine
from codub.jobs.own_lines import OwnLines, find_lines
from codub.latent import EMBEDDED, HIERSPEECHPP
from codub.media.video import read_frames

Find = Callable[..., OwnLines]


@pytest.fixture(scope="module")
def made_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project_with_lines(tmp_path_factory.mktemp("project"))


@pytest.fixture
def find(made_project: Path) -> Find:
    def run(speaker: str = "Ana", mesh: MadeMesh | None = None, models: QuickModels | None = None) -> OwnLines:
        models = models or QuickModels()
        plan = opened(made_project).plan
        jobs = [j for j in plan.clips if any(s.voice == speaker for s in j.shots)]
        faces = SpeakerFaces(NO_CAST, plan, models)  # type: ignore[arg-type]
        return find_lines(jobs, speaker, faces, models, mesh or MadeMesh(), lambda f, w: None)  # type: ignore[arg-type]

    return run


def test_every_line_of_the_speaker_is_cut_where_it_is_said(find: Find) -> None:
    found = find()
    assert found.left_out == ()
    assert [(line.cue, line.first, len(line)) for line in found.lines] == [(1, 5, 15), (2, 25, 15)]
    (ben,) = find("Ben").lines
    assert (ben.cue, ben.clip.name) == (3, "two")


def test_a_lines_pictures_stand_at_their_times_in_its_sound(find: Find) -> None:
    for line in find().lines:
        clip = line.face_clip("Ana")
        assert line.heard_from >= Fraction(1, 2)
        assert (line.heard_from * EMBEDDED.rate).denominator == 1
        np.testing.assert_allclose(clip.times() - float(line.heard_from), (np.arange(15) + 0.5) / 25)
        assert len(line.sound) / 16_000 >= clip.times()[-1] + 0.5


def test_a_part_keeps_its_times_and_frames(find: Find) -> None:
    line = find().lines[0]
    part, whole = line.part(5, 12), line.face_clip("Ana")
    clip = part.face_clip("Ana")
    np.testing.assert_array_equal(clip.crops, whole.crops[5:12])
    np.testing.assert_allclose(clip.times(), whole.times()[5:12])
    assert part.name != line.name
    assert part.sha256 != line.sha256


def test_the_pictures_round_the_head_show_the_same_crops(find: Find) -> None:
    """A point of the mouth lies at the same place of the crop, and the crop has the same pixels."""
    line = find().lines[0]
    pictures, mouth = line.plates()
    assert len(pictures) == len(mouth) == 15
    frames = list(read_frames(line.clip.media, line.clip.first_frame + line.first, 15))
    for i, picture in enumerate(pictures):
        own = CropTransform(line.transforms[i])
        np.testing.assert_allclose(mouth.transforms[i].apply(mouth.points[i]), own.apply(line.points[i]), atol=1e-5)
        shown, true = extract(picture, mouth.transforms[i], 80), extract(frames[i], own, 80)
        assert np.abs(shown.astype(int) - true).mean() < 1.5


def test_a_large_plate_is_made_smaller_to_be_measured(find: Find) -> None:
    line = find().lines[0]
    large = replace(line, points=4 * line.points, transforms=line.transforms / np.array([4, 4, 1]))
    pictures, mouth = large.plates()
    assert mouth.transforms[0].side == pytest.approx(160, rel=0.02)
    assert max(picture.shape[0] for picture in pictures) < 600


def test_a_face_that_nobody_sees_teaches_nothing(find: Find) -> None:
    found = find(models=QuickModels(face_there=False))
    assert found.lines == ()
    assert found.left_out[0] == "cue 1 in one: the speaker's face is not seen from the front"
    unsure = find(mesh=MadeMesh(sure=0.1))
    assert "in 0 frames only" in unsure.left_out[0]


def test_of_two_faces_the_one_that_speaks_is_cut(find: Find) -> None:
    models = QuickModels()
    models.landmarks = TwoFaces()
    lines = find("Ben", models=models).lines
    assert all(CropTransform(line.transforms[0]).restore(np.array([[0.5, 0.5]]))[0, 0] < 120 for line in lines)


def test_no_frame_is_learnt_from_twice(tmp_path: Path) -> None:
    write_project(tmp_path)
    write_one_film_twice(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Ana: Uno.", "Ana: Dos.", "Ana: Tres.")
    models, plan = QuickModels(), opened(tmp_path).plan
    faces = SpeakerFaces(NO_CAST, plan, models)  # type: ignore[arg-type]
    lines = find_lines(plan.clips, "Ana", faces, models, MadeMesh(), lambda f, w: None).lines  # type: ignore[arg-type]
    assert len(lines) < 3
    assert _frames_of(lines) == len(
        {(line.clip.first_frame + line.first + i) for line in lines for i in range(len(line))}
    )


def _frames_of(lines: tuple[OwnLine, ...]) -> int:
    return sum(map(len, lines))


@pytest.mark.parametrize("space", [EMBEDDED, HIERSPEECHPP])
@pytest.mark.parametrize("seconds", [Fraction(0), Fraction(1, 2), Fraction(13, 97)])
def test_a_latent_that_begins_later_has_the_same_values_at_the_same_times(space, seconds) -> None:  # type: ignore[no-untyped-def]
    ramp = np.tile((np.arange(80, dtype=np.float32) + 0.5) / float(space.rate), (space.channels, 1))
    later = latent_from(space, ramp, seconds)
    times = np.array([0.3, 0.61])
    np.testing.assert_allclose(later.windows(times, 1)[:, 0, 0], times + float(seconds), atol=1e-4)
