from pathlib import Path

import numpy as np
import pytest
import soundfile

from codub.errors import CueError
from codub.speech.reference import LEAST, LineSound, voice_reference

RATE = 16_000


@pytest.fixture(scope="module")
def speech(corpora: Path) -> np.ndarray:
    samples = soundfile.read(corpora / "speech/librispeech/1088-129236-0000.ogg", dtype="float32")[0]
    return np.asarray(0.5 * samples / np.abs(samples).max(), np.float32)


def noise(seconds: float, level: float) -> np.ndarray:
    return level * np.random.default_rng(0).standard_normal(int(seconds * RATE)).astype(np.float32)


def test_speech_is_taken_and_pauses_are_left(speech: np.ndarray) -> None:
    gap = np.zeros(2 * RATE, np.float32)
    reference = voice_reference([LineSound("cue 1", np.concatenate([gap, speech, gap]))], "ANNA")
    assert 0.8 * len(speech) / RATE < reference.seconds <= 12.0
    assert reference.seconds == len(reference.samples) / RATE
    assert reference.sources[0].start == pytest.approx(2, abs=0.5)
    assert reference.warnings == ()
    assert reference.median_f0_hz == pytest.approx(195, rel=0.1)  # YIN of the whole recording


def test_the_sources_say_where_the_samples_were(speech: np.ndarray) -> None:
    reference = voice_reference([LineSound("cue 1", speech)], "ANNA", wanted=3.0)
    source = reference.sources[0]
    cut = speech[int(source.start * RATE) : int(source.start * RATE) + len(reference.samples)]
    assert reference.seconds == pytest.approx(3.0, abs=0.01)
    assert np.array_equal(reference.samples[200:-200], cut[200:-200])


@pytest.mark.parametrize("snr", [10.0, 25.0])
def test_snr_is_estimated(speech: np.ndarray, snr: float) -> None:
    power = float(np.mean(speech**2))
    hiss = noise(2 + len(speech) / RATE, np.sqrt(power / 10 ** (snr / 10)))
    line = np.concatenate([np.zeros(2 * RATE, np.float32), speech])
    reference = voice_reference([LineSound("cue 1", line + hiss[: len(line)])], "ANNA")
    assert reference.snr_db == pytest.approx(snr, abs=2.5)
    assert any("above the sound around it" in warning for warning in reference.warnings) == (snr < 15)


def chords(seconds: float, level: float) -> np.ndarray:
    """Two chords in turn, held for a second each."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    for number, notes in enumerate(((0, 4, 7), (5, 9, 12))):
        for note in notes:
            hertz = 131 * 2 ** (note / 12)
            held = sum(np.sin(2 * np.pi * hertz * h * time) / h for h in range(1, 7))
            sound += (time.astype(int) % 2 == number) * held
    return np.asarray(level * sound / np.sqrt(np.mean(sound**2)), np.float32)


def test_music_under_a_voice_is_told_and_music_that_drowns_it_is_refused(speech: np.ndarray) -> None:
    line = np.concatenate([np.zeros(RATE, np.float32), speech, np.zeros(RATE, np.float32)])
    level = float(np.sqrt(np.mean(speech**2)))
    under = voice_reference([LineSound("cue 1", line + chords(len(line) / RATE, 0.3 * level))], "ANNA")
    assert any("Music is heard under the voice of 'ANNA'" in warning for warning in under.warnings)
    with pytest.raises(CueError, match=r"'ANNA' (is drowned in music|cannot be heard)"):
        voice_reference([LineSound("cue 1", line + chords(len(line) / RATE, 1.6 * level))], "ANNA")


def test_a_voice_that_is_drowned_in_noise_is_refused(speech: np.ndarray) -> None:
    line = np.concatenate([np.zeros(2 * RATE, np.float32), speech])
    level = float(np.sqrt(np.mean(speech**2)))
    with pytest.raises(CueError, match=r"'ANNA' (is drowned in noise: it stands|cannot be heard)"):
        voice_reference([LineSound("cue 1", line + noise(len(line) / RATE + 1, 1.1 * level)[: len(line)])], "ANNA")


def test_a_quiet_breath_between_the_words_is_no_noise(speech: np.ndarray) -> None:
    start = int(voice_reference([LineSound("x", speech)], "x").sources[0].start * RATE)
    short = voice_reference([LineSound("cue 1", speech[start : start + 3 * RATE])], "ANNA")
    assert not any("above" in warning for warning in short.warnings)


def test_a_clipped_line_is_used_only_when_it_must_be(speech: np.ndarray) -> None:
    clipped = LineSound("cue 1", np.clip(20 * speech, -1, 1))
    both = voice_reference([clipped, LineSound("cue 2", speech[: 3 * RATE])], "ANNA")
    assert {source.name for source in both.sources} == {"cue 2"}
    alone = voice_reference([clipped], "ANNA")
    assert any("clipping" in warning for warning in alone.warnings)


@pytest.mark.parametrize("sound", [np.zeros(5 * RATE, np.float32), noise(5, 0.05), np.zeros(0, np.float32)])
def test_without_speech_there_is_no_reference(sound: np.ndarray) -> None:
    with pytest.raises(CueError, match=r"'ANNA' cannot be heard: 0\.0 s of speech in cue 7"):
        voice_reference([LineSound("cue 7", sound)], "ANNA")


def test_too_little_speech_is_refused_and_little_is_warned_of(speech: np.ndarray) -> None:
    start = int(voice_reference([LineSound("x", speech)], "x").sources[0].start * RATE)
    with pytest.raises(CueError, match=f"at least {LEAST:.0f} s"):
        voice_reference([LineSound("cue 1", speech[start : start + RATE // 2])], "ANNA")
    short = voice_reference([LineSound("cue 1", speech[start : start + 2 * RATE])], "ANNA")
    assert any("speech only" in warning for warning in short.warnings)
