"""The plugin as a host meets it: through OTIO alone."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opentimelineio as otio
import pytest
from made_timelines import clip, project, track

from codub.timeline.clips import place_clips
from codub.timeline.cues import Cue
from codub.timeline.write import Dub, PictureTake, VoiceTake, write_dubbed
from otio_codub.hosts import open_in_codub, resolve


@pytest.fixture
def dubbed(tmp_path: Path) -> Path:
    made = project(
        tmp_path, [track("V1", [clip("one", 0, 50), clip("two", 0, 50)]), track("A1", [clip("talk")], "Audio")]
    )
    one, talk = (each for each in place_clips(made).clips if each.name in ("one", "talk"))
    cue = Cue(1, "Hola.", "es", "", Fraction(0), Fraction(1))
    voice = VoiceTake(cue, 1, tmp_path / "a.wav", Fraction(0), 48_000, 48_000)
    write_dubbed(
        made, Dub("es", (voice,), (PictureTake(one, tmp_path / "v.mov", {1: 1}),), muted=(talk,)), tmp_path / "d.otio"
    )
    return tmp_path / "d.otio"


def state(timeline: otio.schema.Timeline) -> tuple[str, bool, bool]:
    one, talk, lane = timeline.tracks[0][0], timeline.tracks[1][0], timeline.tracks[2]
    return one.active_media_reference_key, talk.enabled, lane.enabled


ORIGINAL, DUB = ("DEFAULT_MEDIA", True, False), ("dub_es_t01", False, True)


def test_the_hook_switches_the_whole_timeline(dubbed: Path) -> None:
    def read(show: str) -> otio.schema.Timeline:
        return otio.adapters.read_from_file(str(dubbed), hook_function_argument_map={"codub_show": show})

    assert state(otio.adapters.read_from_file(str(dubbed))) == DUB
    assert state(read("original")) == ORIGINAL
    assert state(read("es")) == DUB
    assert state(read("fr")) == DUB


def test_the_environment_speaks_for_hosts_that_pass_nothing(dubbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODUB_SHOW", "original")
    assert state(otio.adapters.read_from_file(str(dubbed))) == ORIGINAL


def test_the_linker_switches_the_media(dubbed: Path) -> None:
    def read(show: str) -> otio.schema.Timeline:
        return otio.adapters.read_from_file(
            str(dubbed), media_linker_name="codub_takes", media_linker_argument_map={"codub_show": show}
        )

    assert state(read("original"))[0] == "DEFAULT_MEDIA"
    assert state(read("es"))[0] == "dub_es_t01"
    assert state(read(""))[0] == "dub_es_t01"
    both = read("original").tracks[0][0].media_references()
    assert {key: each.target_url for key, each in both.items()} == {
        "DEFAULT_MEDIA": "media/one.mov",
        "dub_es_t01": "v.mov",
    }


def test_timelines_that_codub_never_saw_stay_as_they_are(tmp_path: Path) -> None:
    made = project(tmp_path, [track("V1", [clip("one")])])
    made.timeline.to_json_file(str(made.path))
    read = otio.adapters.read_from_file(
        str(made.path),
        media_linker_name="codub_takes",
        media_linker_argument_map={"codub_show": "es"},
        hook_function_argument_map={"codub_show": "original"},
    )
    assert read.to_json_string() == made.timeline.to_json_string()


def test_loading_the_plugin_loads_neither_torch_nor_qt(dubbed: Path) -> None:
    code = (
        "import sys, json, opentimelineio as otio\n"
        "otio.adapters.read_from_file(sys.argv[1], media_linker_name='codub_takes',"
        " media_linker_argument_map={'codub_show': 'es'}, hook_function_argument_map={'codub_show': 'es'})\n"
        "heavy = ('torch', 'transformers', 'PySide6', 'numpy', 'av')\n"
        "print(json.dumps([sorted(m for m in sys.modules if m.split('.')[0] in heavy),"
        " 'codub_takes' in otio.media_linker.available_media_linker_names(),"
        " 'codub_show' in otio.hooks.available_hookscript_names()]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(dubbed)], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [[], True, True]
    assert done.stderr == ""


def test_hosts_start_the_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command: started.append(command))
    monkeypatch.setenv("CODUB", "/opt/codub")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    open_in_codub.open_panel(Path("film.otio"))

    def export(path: str, kind: str) -> bool:
        Path(path).write_text(kind)
        return True

    timeline = SimpleNamespace(GetName=lambda: "Reel 1/2", Export=export)
    current = SimpleNamespace(GetCurrentTimeline=lambda: timeline, GetName=lambda: "../Show")
    app: Any = SimpleNamespace(
        EXPORT_OTIO="otio", GetProjectManager=lambda: SimpleNamespace(GetCurrentProject=lambda: current)
    )
    monkeypatch.setitem(sys.modules, "DaVinciResolveScript", SimpleNamespace(scriptapp=lambda _name: app))
    resolve.main()
    exported = tmp_path / "codub" / "_Show" / "Reel 1_2.otio"
    assert exported.read_text() == "otio"
    assert started == [["/opt/codub", "panel", "film.otio"], ["/opt/codub", "panel", str(exported)]]


def test_hosts_say_when_codub_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODUB", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="was not found"):
        open_in_codub.open_panel(Path("film.otio"))
