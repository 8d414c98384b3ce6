"""A studio opens a project once, notices what changed, and narrows a plan to the lines asked for."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from made_dubs import write_lines

from codub.dubbing import studio as module
from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.request import DubRequest
from codub.dubbing.studio import Studio
from codub.errors import UsageError


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[DubRequest]:
    """Requests for which a project was really opened."""
    asked: list[DubRequest] = []

    def spy(request: DubRequest) -> DubProject:
        asked.append(request)
        return open_project(request)

    monkeypatch.setattr(module, "open_project", spy)
    return asked


def request(film: Path, **changes: object) -> DubRequest:
    return replace(DubRequest(film / "PROJECT.otio", film / "LINES.es.srt", film / "DUBBED.otio"), **changes)


@pytest.mark.parametrize("cues", [(1,), (3,), (1, 2), (3, 1), ()])
def test_a_narrowed_plan_is_the_plan_of_these_cues(film: Path, cues: tuple[int, ...]) -> None:
    narrow, straight = Studio().project(request(film, cues=cues)), open_project(request(film, cues=cues))
    assert narrow.plan.shots == straight.plan.shots
    assert narrow.plan.clips == straight.plan.clips
    assert narrow.plan.sounds == straight.plan.sounds
    assert narrow.plan.references == straight.plan.references
    assert narrow.cues == straight.cues
    assert narrow.notes == straight.notes


def test_an_unknown_cue_is_refused(film: Path) -> None:
    with pytest.raises(UsageError, match="no cue 9"):
        Studio().project(request(film, cues=(9,)))


def test_a_project_is_opened_once_until_one_of_its_files_changes(film: Path, opened: list[DubRequest]) -> None:
    studio = Studio()
    for cues in ((1,), (2,), ()):
        studio.project(request(film, cues=cues, seed=len(cues)))
    assert len(opened) == 1
    write_lines(film / "LINES.es.srt", "Uno mismo.", "Dos.", "Tres.")
    assert studio.project(request(film, cues=(1,))).plan.shots[0].cue.text == "Uno mismo."
    assert len(opened) == 2
    os.utime(film / "PROJECT.otio", ns=(1, 1))
    studio.project(request(film))
    studio.project(request(film, language="fr", lines=film / "LINES.fr.srt"))
    assert len(opened) == 4


def test_the_store_stays_open_and_is_opened_anew_when_it_is_gone(film: Path) -> None:
    studio = Studio()
    store = studio.store(request(film))
    assert studio.store(request(film)) is store
    other = studio.store(request(film, output=film / "OTHER.otio"))
    assert other is not store
    assert other.folder == film / "OTHER.codub"
    studio.close()
    assert studio.store(request(film)).list() == ()
    studio.close()
