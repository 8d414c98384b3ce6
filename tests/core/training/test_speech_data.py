"""What the speech encoder is trained on, from made and from real corpora."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from codub.errors import UsageError
from codub.speech.inventory import INVENTORY, PAUSE
from codub.training.microphones import worse_microphone
from codub.training.speech_data import Recording, label_row, recordings, teacher_clips


def test_silence_inside_the_last_sound_is_a_pause() -> None:
    energy = np.array([-9.0] * 4 + [5.0] * 8 + [-9.0] * 6, dtype=np.float32)
    row = label_row(["m", "a", "."], [2, 2, 4, 1, 0], energy)
    assert [INVENTORY[n] for n in row] == [PAUSE] * 2 + ["m"] * 2 + ["a"] * 2 + [PAUSE] * 3


def test_labels_follow_durations() -> None:
    row = label_row(["n", "o"], [1, 2, 3, 1])
    assert [INVENTORY[n] for n in row] == [PAUSE, "n", "n", "o", "o", "o", PAUSE]


def test_clips_say_who_is_held_out(tmp_path: Path) -> None:
    rows = [
        {"id": "0", "lang": "en", "speaker": s, "text": "x", "phonemes": ["a"], "durations_25ms": [1, 2, 1]}
        for s in ("af_sky", "af_heart", "am_adam+bm_george@0.5")
    ]
    (tmp_path / "teacher").mkdir()
    (tmp_path / "teacher" / "clips.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert [clip.held_out for clip in teacher_clips(tmp_path)] == [False, True, True]


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no teacher clips"):
        teacher_clips(tmp_path)
    with pytest.raises(UsageError, match="no recordings"):
        recordings(tmp_path)


def test_nobody_kept_for_tests_is_trained_on(corpora: Path) -> None:
    speakers = {recording.speaker for recording in recordings(corpora, of_one_speaker=20)}
    assert not speakers & {"s2", "s3", "s17", "s20", "s23", "s32", "1998", "2414", "3005", "3331", "533"}
    assert {"s1", "s4", "kathleen"} <= speakers


def test_a_recording_is_heard_faster_and_higher(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000), 16_000)
    plain = Recording("a", "someone", "ah", file)
    faster = plain.at(1.25)
    assert plain.at(1.0) is plain
    assert faster.name != plain.name
    sound = faster.samples()
    assert len(sound) == 12_800
    assert np.abs(np.fft.rfft(sound)).argmax() * 16_000 / 12_800 == 250
    assert len(plain.samples()) == 16_000


def test_a_worse_microphone_keeps_length_and_stays_in_range() -> None:
    clean = np.sin(np.arange(16_000) / 7).astype(np.float32)
    changed = 0
    for seed in range(20):
        worse = worse_microphone(clean, np.random.default_rng(seed))
        assert worse.shape == clean.shape
        assert worse.dtype == np.float32
        assert np.abs(worse).max() <= 1.0
        changed += not np.allclose(worse / np.abs(worse).max(), clean / np.abs(clean).max(), atol=1e-3)
    assert changed > 10
    again = worse_microphone(clean, np.random.default_rng(3))
    np.testing.assert_array_equal(again, worse_microphone(clean, np.random.default_rng(3)))
