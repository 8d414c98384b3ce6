"""A profile says which weights it needs, which are here, and where the missing ones come from."""

from pathlib import Path

import pytest
from made_dubs import write_weights

from codub import imported, weights
from codub.dubbing.keep import fingerprints
from codub.dubbing.needs import needs, require_weights, weights_lines
from codub.dubbing.profile import load_profile
from codub.errors import WeightsError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def put(*names: str) -> None:
    for name in names:
        file = imported.IMPORTED[name].file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())


def test_all_that_is_missing_is_named_with_where_it_comes_from(home: Path) -> None:
    profile = load_profile("hierspeechpp")
    with pytest.raises(WeightsError) as caught:
        require_weights(profile)
    assert "face-mesh, resemblyzer, ttv, synthesizer, speechsr48k, face-hierspeechpp" in caught.value.message
    assert "codub weights fetch; " in caught.value.fix
    assert "codub weights fetch hierspeechpp says where each is" in caught.value.fix
    write_weights(home, profile.needs)
    put(*profile.imports)
    require_weights(profile)


def test_a_recording_needs_the_speech_encoder_too(home: Path) -> None:
    profile = load_profile("hierspeechpp")
    write_weights(home, profile.needs)
    put(*profile.imports)
    with pytest.raises(WeightsError, match="lacks the weights mms-300m"):
        require_weights(profile, recording=True)
    put("mms-300m")
    require_weights(profile, recording=True)


def test_the_embedded_profile_asks_for_nothing_by_hand(home: Path) -> None:
    profile = load_profile("embedded")
    assert not any(need.by_hand for need in needs(profile, recording=True))
    write_weights(home, profile.needs)
    require_weights(profile)
    assert weights_lines(profile) == [f"  weights of 'embedded': {', '.join(profile.needs)} here"]


def test_the_plan_lists_what_is_here_and_how_to_get_the_rest(home: Path) -> None:
    put("ttv")
    lines = weights_lines(load_profile("hierspeechpp"))
    assert lines[0] == "  weights of 'hierspeechpp': ttv here"
    missing = next(line for line in lines if "synthesizer" in line)
    assert missing.startswith("  ! missing: synthesizer (hierarchical synthesizer")
    assert missing.endswith("then: codub weights import hierspeechpp_v1.1_ckpt.pth")
    assert any("codub weights fetch resemblyzer" in line for line in lines)


def test_a_take_names_the_imported_weights_it_was_made_with(home: Path) -> None:
    profile = load_profile("hierspeechpp")
    write_weights(home, profile.needs)
    put(*profile.imports, *profile.imports_for_recordings)
    found = fingerprints(profile)
    for name in profile.imports:
        assert found[f"{name}.safetensors"] == weights.sha256_of(imported.find(name))
    assert "mms-300m.safetensors" not in found
    assert "mms-300m.safetensors" in fingerprints(profile, recording=True)
    record = imported.ImportRecord("ttv", "x", "t.pth", "0", "ab" * 32, 1, None, None, "", "2026", "1", "MIT", "x")
    imported.write_record(imported.IMPORTED["ttv"].record_file, record)
    assert fingerprints(profile)["ttv.safetensors"] == "ab" * 32  # as imported: no file is read whole for a take
