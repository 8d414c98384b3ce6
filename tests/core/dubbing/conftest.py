"""A small project on disk and a store with made-up takes of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_dubs import opened, tone, write_film, write_lines, write_one_film_twice

from codub.dubbing.record import AUDIO, TakeRecord, picture_clip_name, picture_role
from codub.dubbing.takes import TakesStore, takes_folder
from codub.media.audio import write_wav

Add = Callable[..., TakeRecord]


@pytest.fixture(scope="session")
def film_media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    write_film(folder / "one.mp4", 45, seed=1)
    write_wav(folder / "talk.wav", tone(3.2, level=0.1))
    return folder


@pytest.fixture
def film(tmp_path: Path, film_media: Path) -> Path:
    """PROJECT.otio with one film twice, of 45 and of 35 frames, over 3.2 seconds of sound; and its lines."""
    shutil.copytree(film_media, tmp_path / "media")
    write_one_film_twice(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Uno.", "Dos.", "Tres.")
    write_lines(tmp_path / "LINES.fr.srt", "Un.", "Deux.", "Trois.")
    return tmp_path


@pytest.fixture
def kept(film: Path) -> Iterator[TakesStore]:
    with TakesStore.open(takes_folder(film / "DUBBED.otio")) as made:
        yield made


@pytest.fixture
def add(film: Path, kept: TakesStore) -> Add:
    """Puts a take, whose files hold their own names, into the store, chosen."""

    def add_take(cue: int, language: str = "es", *, shows: str = "", **changes: Any) -> TakeRecord:
        plan = opened(film, language).plan
        shot = next(shot for shot in plan.shots if shot.cue.number == cue)
        start, end = shot.whole_frames(shot.cue.start, shot.cue.end)
        place = shot.parts[0].clip
        role, line = picture_role(place.address), f"{cue}:{len(kept.list(cue, language)) + 1}"
        settings = {
            "line": line,
            f"{role}.clip": picture_clip_name(place),
            f"{role}.lines": f"{line} {shows}".strip(),
            "silenced": f"{shot.cue.start} {shot.cue.end}",
        }
        record = TakeRecord(
            cue, language, shot.cue.text, "", 3, "embedded", start=start, duration=end - start, settings=settings
        )
        with kept.workspace() as work:
            for name in ("a.wav", "v.mp4"):
                (work / name).write_bytes(line.encode())
            record = kept.add(replace(record, **changes), {AUDIO: work / "a.wav", role: work / "v.mp4"})
        return kept.select(cue, record.take, language)

    return add_take
