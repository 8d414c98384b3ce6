"""A speaker is known by the other clips in which nobody else can be meant."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from made_dubs import OneFace, QuickModels, opened, tone, write_film, write_lines
from made_timelines import clip, frames, track

from codub.dubbing.cast.appearances import Appearances
from codub.dubbing.cast.casting import NO_CAST, FaceChoice
from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.dubbing.followed import clip_faces
from codub.dubbing.opening import DubProject
from codub.face.landmarks import FaceLandmarks
from codub.media.audio import write_wav


class Listening(OneFace):
    """A face whose mouth moves at random, in frames of another size than 240 x 200 not at all wide."""

    def _face(self) -> FaceLandmarks:
        face = super()._face()
        moves = np.random.default_rng(self.looks).uniform(0, 0.3)
        return replace(face, opening=float(moves), width=0.8 + 0.1 * float(np.sin(self.looks)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three films under three lines: Ana in two of the same picture, then somebody else while Ana speaks."""
    made = tmp_path_factory.mktemp("project")
    for name, seed in (("one", 1), ("two", 1), ("three", 5)):
        write_film(made / "media" / f"{name}.mp4", 30, seed)
    sound = tone(3.6, 700) * np.repeat(np.random.default_rng(1).uniform(0.1, 1, 90), 1920)  # another loudness a frame
    write_wav(made / "media" / "talk.wav", sound.astype(np.float32))
    shown = [clip(n, 0, 30, available=frames(0, 30), url=f"media/{n}.mp4") for n in ("one", "two", "three")]
    for each in shown:
        each.metadata["speaker"] = "Ana"
    talk = clip("talk", 0, 90, available=frames(0, 90), url="media/talk.wav")
    timeline = otio.schema.Timeline("programme")
    timeline.tracks.extend([track("V1", shown), track("A1", [talk], "Audio")])
    otio.adapters.write_to_file(timeline, str(made / "PROJECT.otio"))
    times = ("00:00:00,100 --> 00:00:01,100", "00:00:01,300 --> 00:00:02,300", "00:00:02,500 --> 00:00:03,500")
    lines = [f"{n}\n{time}\nUno.\n" for n, time in enumerate(times, 1)]
    write_lines(made / "LINES.es.srt").write_text("\n".join(lines), encoding="utf-8")
    return made


@pytest.fixture
def project(folder: Path) -> DubProject:
    return opened(folder)


def in_step(project: DubProject, models: QuickModels, *places: int) -> None:
    """Let the mouths of these clips move with the sound."""
    from codub.dubbing.followed import clip_loudness, footage_key

    for place in places:
        job = project.plan.clips[place]
        faces = clip_faces(job.clip, models)  # type: ignore[arg-type]
        loud = clip_loudness(job.clip, job.shots[0].audio_parts[0].clip, models)  # type: ignore[arg-type]
        assert loud is not None
        (seen,) = faces.tracks
        moved = replace(faces, tracks=(replace(seen, openings=(loud - loud.min()) / 30),))
        key = ("faces", *footage_key(job.clip), models.landmarks.name)
        models.memory.forget(key)
        models.memory.recall(key, lambda moved=moved: moved)


class Resting(OneFace):
    """Somebody who listens."""

    def _face(self) -> FaceLandmarks:
        return replace(super()._face(), opening=0.02)


def test_other_clips_of_the_speaker_are_known(project: DubProject) -> None:
    models = QuickModels()
    models.landmarks = Resting()
    in_step(project, models, 0, 1)
    one, two, three = (job.clip for job in project.plan.clips)
    seen = Appearances(project.plan.seen, NO_CAST, models)  # type: ignore[arg-type]
    assert [found.clip.name for found in seen.besides("Ana", three)] == ["one", "two"]
    assert [found.clip.name for found in seen.besides("Ana", one)] == ["two"]
    assert seen.besides("Ben", two) == ()


def test_who_was_pointed_at_is_known(project: DubProject) -> None:
    models = QuickModels()
    models.landmarks = Listening()
    two = project.plan.clips[1].clip
    told = replace(NO_CAST, faces=(FaceChoice(2, str(two.media.absolute()), 5, (0.5, 0.4)),))
    (found,) = Appearances(project.plan.seen, told, models).besides("Ana", project.plan.clips[2].clip)  # type: ignore[arg-type]
    assert found.clip == two


def test_somebody_else_in_the_picture_is_left_alone(project: DubProject) -> None:
    """In the third clip Ana is off screen: another face, whose mouth moves without the sound."""
    models = QuickModels()
    models.landmarks = Listening()
    in_step(project, models, 0, 1)
    speakers = SpeakerFaces(NO_CAST, project.plan, models)  # type: ignore[arg-type]
    speaks = {}
    for job in project.plan.clips:
        (shot,) = job.shots
        from codub.dubbing.followed import clip_loudness

        sound = clip_loudness(job.clip, shot.audio_parts[0].clip, models)  # type: ignore[arg-type]
        (face,) = speakers.of(shot, job.clip).weigh(job.clip, sound, range(30), models)  # type: ignore[arg-type]
        speaks[job.clip.name] = face.speaks
    assert speaks == {"one": True, "two": True, "three": False}
    assert "does not look like the speaker in other clips" in face.reason


def test_another_clip_lends_a_mouth_only_if_it_is_the_same_person(project: DubProject) -> None:
    models = QuickModels()
    models.landmarks = Listening()
    in_step(project, models, 0, 2)
    jobs = project.plan.clips
    speakers = SpeakerFaces(NO_CAST, project.plan, models)  # type: ignore[arg-type]
    lent = []
    for place in (0, 1):
        track = replace(clip_faces(jobs[place].clip, models).tracks[0], openings=np.full(30, 0.2, np.float32))  # type: ignore[arg-type]
        lent.append(speakers.of(jobs[place].shots[0], jobs[place].clip).references(jobs[place].clip, track, models))  # type: ignore[arg-type]
    assert not any("three.mp4" in origin for references in lent for origin in references.origins)
    assert any("one.mp4" in origin for origin in lent[1].origins)
