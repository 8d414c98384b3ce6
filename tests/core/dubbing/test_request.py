"""What cannot mean anything is refused before anything is started."""

from pathlib import Path
from typing import Any

import pytest

from codub.dubbing.request import DubRequest
from codub.errors import UsageError


def request(folder: Path = Path(), **changes: Any) -> DubRequest:
    values = {"project": folder / "P.otio", "lines": folder / "L.es.srt", "output": folder / "D.otio", **changes}
    return DubRequest(**values)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("LINES.es.srt", "es"),
        ("show.s01e02.fr.vtt", "fr"),
        ("lines.pt-BR.ass", "pt-BR"),
        ("lines.es-419.srt", "es-419"),
        ("lines.srt", None),
        ("lines.final.srt", None),
        ("lines.v2.srt", None),
    ],
)
def test_the_language_is_in_the_name_or_must_be_stated(name: str, language: str | None) -> None:
    asked = request(lines=Path("a.b") / name)
    if language is None:
        with pytest.raises(UsageError, match=r"language of '.*' is not known.*--language es"):
            asked.spoken_language()
    else:
        assert asked.spoken_language() == language


def test_a_stated_language_counts_more_than_the_name() -> None:
    assert request(language="it").spoken_language() == "it"


def test_an_ordinary_request_is_accepted(tmp_path: Path) -> None:
    request(tmp_path).check()
    request(tmp_path, output=tmp_path / "D.OTIO").check()


@pytest.mark.parametrize("name", ["D.edl", "D", "D.otioz", "D.otio.bak"])
def test_another_format_than_otio_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"not an .otio file"):
        request(tmp_path, output=tmp_path / name).check()


def test_the_users_own_timeline_is_never_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"never modified in place.*-o"):
        request(tmp_path, output=tmp_path / "P.otio").check()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="never modified in place"):
        request(tmp_path, output=Path("P.otio")).check()


def test_a_dubbed_timeline_may_be_dubbed_further(tmp_path: Path) -> None:
    (tmp_path / "P.codub").mkdir()
    request(tmp_path, output=tmp_path / "P.otio").check()


@pytest.mark.parametrize("cues", [(), (1, 2)])
def test_a_recording_belongs_to_one_cue(tmp_path: Path, cues: tuple[int, ...]) -> None:
    (tmp_path / "r.wav").touch()
    with pytest.raises(UsageError, match="belongs to one cue"):
        request(tmp_path, recording=tmp_path / "r.wav", cues=cues).check()
    request(tmp_path, recording=tmp_path / "r.wav", cues=(2,)).check()


def test_a_recording_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"r.wav' does not exist"):
        request(tmp_path, recording=tmp_path / "r.wav", cues=(2,)).check()
