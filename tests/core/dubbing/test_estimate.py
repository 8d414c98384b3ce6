"""What a dub will take grows with what there is to do."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from made_timelines import clip, project, track

from codub.dubbing import estimate as module
from codub.dubbing.estimate import Estimate, estimate, relative_speed
from codub.dubbing.plan import make_plan
from codub.dubbing.profile import Profile, load_profile
from codub.dubbing.shots import Plan
from codub.timeline.cues import Cue

PROFILE = Profile("embedded", "embedded", "kokoro", "whisper", "face-embedded.safetensors")


def planned(folder: Path, *, frames: int = 100, seconds: float = 2.0, speakers: int = 1) -> Plan:
    film = [track("V1", [clip(f"c{n}", 0, frames) for n in range(speakers)])]
    length = Fraction(frames, 25)
    cues = [Cue(n + 1, "Hola.", "es", f"S{n}", n * length, n * length + Fraction(seconds)) for n in range(speakers)]
    return make_plan(project(folder, film), cues)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Speed and size of picture that the estimate is told."""
    facts: dict[str, Any] = {"speed": 1.0, "width": 360, "height": 288}
    video = SimpleNamespace(require_video=lambda: SimpleNamespace(width=facts["width"], height=facts["height"]))
    monkeypatch.setattr("codub.media.probe.probe", lambda path: video)
    monkeypatch.setattr(module, "relative_speed", lambda: facts["speed"])
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return facts


def cost(plan: Plan, **changes: Any) -> Estimate:
    return estimate(plan, PROFILE, **({"takes": 1, "voices_cached": 0, "fit_seconds": 0.0} | changes))


def test_seconds_follow_frames_and_speech(tmp_path: Path) -> None:
    short, longer = cost(planned(tmp_path, frames=100)), cost(planned(tmp_path, frames=300))
    assert longer.seconds - short.seconds == pytest.approx(200 * module.FACE_PER_FRAME / module.BUSY_CORES)
    said = cost(planned(tmp_path, seconds=3.0))
    assert said.seconds - short.seconds == pytest.approx(module.COSTS["kokoro"].per_second / module.BUSY_CORES)
    assert short.memory == longer.memory  # pictures stream


def test_every_take_costs_the_same_and_loading_counts_once(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    one, two, three = (cost(plan, takes=n).seconds for n in (1, 2, 3))
    assert three - two == pytest.approx(two - one)
    assert one == pytest.approx(two - one + module.COSTS["kokoro"].loading / module.BUSY_CORES)


def test_larger_pictures_cost_time_and_memory(tmp_path: Path, machine: dict[str, Any]) -> None:
    plan = planned(tmp_path)
    small = cost(plan)
    machine.update(width=3840, height=2160)
    large = cost(plan)
    assert large.seconds > 5 * small.seconds
    assert large.memory - small.memory == module.FRAMES_HELD * 3 * (3840 * 2160 - 360 * 288)


def test_a_voice_is_fitted_once_and_not_again(tmp_path: Path) -> None:
    plan = planned(tmp_path, speakers=3)
    unfitted = cost(plan)
    assert cost(plan, fit_seconds=60.0).seconds == pytest.approx(unfitted.seconds + 180)
    assert cost(plan, fit_seconds=60.0, voices_cached=2).seconds == pytest.approx(unfitted.seconds + 60)
    assert cost(plan, fit_seconds=60.0, voices_cached=9).seconds == pytest.approx(unfitted.seconds)


def test_each_profile_has_its_own_costs_and_the_papers_fits_no_voice(tmp_path: Path) -> None:
    plan, paper = planned(tmp_path, speakers=3), load_profile("hierspeechpp")
    other = estimate(plan, paper, takes=1, voices_cached=0, fit_seconds=60.0)
    costs = module.COSTS
    assert other.memory - cost(plan).memory == costs["hierspeechpp"].memory - costs["kokoro"].memory
    assert other.seconds == estimate(plan, paper, takes=1, voices_cached=0, fit_seconds=0.0).seconds
    heard = estimate(plan, paper, takes=1, voices_cached=0, fit_seconds=0.0, recording=True)
    assert heard.memory - other.memory == costs["hierspeechpp"].hearing > 0
    assert all(load_profile(name).voice in costs for name in ("embedded", "hierspeechpp"))


def test_a_machine_twice_as_fast_takes_half_as_long(tmp_path: Path, machine: dict[str, Any]) -> None:
    plan = planned(tmp_path)
    usual = cost(plan).seconds
    machine["speed"] = 2.0
    assert cost(plan).seconds == pytest.approx(usual / 2)


def test_this_machines_speed_is_a_sane_number() -> None:
    assert 0.01 < relative_speed() < 1000
