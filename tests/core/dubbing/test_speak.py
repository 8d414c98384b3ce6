"""A cue becomes a line: in its window, at its sample, as loud as the original."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from made_dubs import QuickEar, QuickModels, made_latent, tone
from made_timelines import clip, frames, project, track

from codub.dubbing.plan import make_plan
from codub.dubbing.shots import Shot
from codub.dubbing.speak import Line, original_line, read_cue, speak_recording, spoken_line
from codub.dubbing.target import Target
from codub.errors import CueError, MediaError
from codub.latent import EMBEDDED, SpeechLatent
from codub.media.audio import write_wav
from codub.media.loudness import speech_level
from codub.speech.activity import Interval
from codub.speech.model import Delivery, Fit, Speech, SpokenLine, Style
from codub.speech.phonemes import phonemize
from codub.speech.saying import say
from codub.timeline.cues import Cue

F = Fraction
ONE, TWO = F(1), F(2)
STYLE = Style(EMBEDDED, np.zeros(256, np.float32))


def shot(folder: Path, start: Fraction = ONE, end: Fraction = TWO, text: str = "Hola.", level: float = 0.02) -> Shot:
    write_wav(folder / "media" / "talk.wav", tone(5.0, level=level))
    talk = clip("talk", 0, 125, available=frames(0, 125), url="media/talk.wav")
    made = project(folder, [track("V1", [clip("one", 0, 125)]), track("A1", [talk], "Audio")])
    return make_plan(made, [Cue(1, text, "es", "Ana", start, end)]).shots[0]


def models() -> Any:
    return QuickModels()


def speak(shot: Shot, style: Style, models: Any, *told: Any) -> Line:
    cue = read_cue(shot, style, models, *told)
    return spoken_line(cue, *say(models.voice.synthesizer, [cue.reading]))


def test_the_line_lies_in_whole_frames_and_begins_at_its_sample(tmp_path: Path) -> None:
    start, end = F(1) + F(7, 1000), F(2) + F(13, 1000)
    line = speak(shot(tmp_path, start, end), STYLE, models(), 0)
    assert (line.placed.start, line.placed.end) == (F(1), F(2) + F(1, 25))
    assert len(line.placed.samples) == 26 * 1920
    assert line.at == line.placed.spoken_from == start
    first = int(np.flatnonzero(np.abs(line.placed.samples) > 1e-6)[0])
    assert abs(first - 7 * 48) <= 3  # samples: the fade begins from nothing
    assert line.end == start + line.latent.duration


def test_a_line_that_is_too_long_is_kept_whole(tmp_path: Path) -> None:
    made = models()
    latent = made_latent(1.5)
    made.voice.ttv.speak = lambda *_: SpokenLine(latent, Fit(1.9, 1.0, 1.5, 0.8, 0.5, 2))
    line = speak(shot(tmp_path), STYLE, made, 0)
    assert (line.placed.start, line.placed.end) == (F(1), F(5, 2) + F(1, 50))  # up to the frame that holds its end
    assert line.placed.lost == 0
    assert line.fit is not None
    assert line.fit.syllables_over == 2


def test_a_line_that_is_shorter_leaves_silence_behind_it(tmp_path: Path) -> None:
    made = models()
    latent = made_latent(0.5)
    made.voice.ttv.speak = lambda *_: SpokenLine(latent, Fit(0.5, 1.0, 0.5, 1.25))
    line = speak(shot(tmp_path), STYLE, made, 0)
    assert line.placed.end == 2
    assert not line.placed.samples[24_100:].any()


@pytest.mark.parametrize("level", [0.01, 0.05, 0.2])
def test_the_line_is_as_loud_as_the_original(tmp_path: Path, level: float) -> None:
    one = shot(tmp_path, level=level)
    line = speak(one, STYLE, models(), 0)
    original = original_line(one.audio_parts)
    assert original is not None
    wanted = speech_level(original.samples, 48_000)
    assert speech_level(line.placed.samples, 48_000) == pytest.approx(wanted, abs=0.5)


def test_the_original_line_is_cut_from_its_media(tmp_path: Path) -> None:
    one = shot(tmp_path)
    original = original_line(one.audio_parts)
    assert original is not None
    np.testing.assert_allclose(original.samples, tone(5.0, level=0.02)[48_000:96_000], atol=1e-6)
    assert original_line(()) is None


def test_window_style_seed_and_delivery_reach_the_voice(tmp_path: Path) -> None:
    made, asked = models(), []
    speaks = made.voice.ttv.speak
    made.voice.ttv.speak = lambda *given: asked.append(given) or speaks(*given)
    slow = Delivery(pace=0.9)
    speak(shot(tmp_path, F(1), F(5, 2), "¿Qué tal?"), STYLE, made, 7, slow)
    ((written, *others),) = asked
    assert (written.text, written.language, *others) == ("¿Qué tal?", "es", STYLE, 1.5, 7, slow)


def test_energy_is_heard_over_the_matched_level(tmp_path: Path) -> None:
    plain, louder, softer = (
        speak(shot(tmp_path), STYLE, models(), 0, Delivery(energy=energy)).placed.samples for energy in (0, 6, -6)
    )
    original = original_line(shot(tmp_path).audio_parts)
    assert original is not None
    assert speech_level(plain, 48_000) == pytest.approx(speech_level(original.samples, 48_000), abs=0.5)
    np.testing.assert_allclose(louder, plain * 10 ** (6 / 20), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(softer, plain * 10 ** (-6 / 20), rtol=1e-4, atol=1e-6)


def test_nothing_to_say_costs_its_cue_only(tmp_path: Path) -> None:
    with pytest.raises(CueError, match="nothing to speak"):
        speak(shot(tmp_path, text="..."), STYLE, models(), 0)


def test_a_line_of_which_nothing_is_heard_is_no_take(tmp_path: Path) -> None:
    made = models()
    made.voice.synthesizer.synthesize = lambda *_: Speech(np.zeros(24_000, np.float32), 24_000)
    with pytest.raises(CueError, match=r"'Hola.' was spoken as silence.*--seed"):
        speak(shot(tmp_path), STYLE, made, 0)


def test_a_recording_is_heard_for_the_face_and_kept_for_the_ear(tmp_path: Path) -> None:
    performance = np.concatenate([tone(0.4, 200, 0.3), tone(0.4, 500, 0.3)])
    soundfile.write(tmp_path / "mine.wav", performance, 48_000, "FLOAT")
    heard: list[np.ndarray] = []
    made = models()
    made.speech_encoder = SimpleNamespace(encode=lambda s: heard.append(s) or made_latent(0.8, 1, "sound"))
    line = speak_recording(shot(tmp_path), tmp_path / "mine.wav", made)
    assert len(heard[0]) == round(0.8 * 16_000)
    assert (line.latent.origin, line.fit) == ("sound", None)
    middle = slice(2000, 36_000)  # away from the fades
    gain = 10 ** (line.placed.gain_db / 20)
    np.testing.assert_allclose(line.placed.samples[middle], performance[middle] * gain, atol=1e-4)


def converted(
    folder: Path, ear: QuickEar, monkeypatch: pytest.MonkeyPatch, understood: str = ""
) -> tuple[Line, SpeechLatent]:
    """The line of a performance said in another voice, and what that voice was given to say."""
    monkeypatch.setattr("codub.speech.condition.speech_intervals", lambda samples: [Interval(0, len(samples) / 16_000)])
    soundfile.write(folder / "mine.wav", tone(0.75, 200, 0.3), 48_000, "FLOAT")
    made, given = models(), []
    made.speech_encoder, say = ear, made.voice.synthesizer.synthesize
    made.understood = lambda samples, language: understood
    made.voice.synthesizer.synthesize = lambda latent, style: given.append(latent) or say(latent, style)
    line = speak_recording(shot(folder, text="Si no."), folder / "mine.wav", made, Target(STYLE))
    return line, given[0]


def saying(text: str) -> QuickEar:
    """Hears this text in 0.75 s."""
    said = phonemize(text, "es").symbols
    return QuickEar(said, [3, *[3] * len(said), 27 - 3 * len(said)])


def test_a_converted_recording_of_the_cues_text_is_said_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, latent = converted(tmp_path, saying("Si no."), monkeypatch, understood="Un mes.")
    heard = made_latent(0.75, 9, "sound")
    assert latent.features.shape == heard.features.shape
    assert set(np.unique(latent.features)) <= set(range(1, 20))  # the text's own
    np.testing.assert_array_equal(latent.energy, heard.energy)
    assert [span.phoneme for span in latent.spans if span.phoneme in "sino"] == list("sino")
    assert not any("cue's text" in note for note in line.notes)


def test_a_converted_recording_of_other_words_is_said_with_those_that_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, latent = converted(tmp_path, saying("Mas."), monkeypatch, understood="Mas.")
    assert [span.phoneme for span in latent.spans if span.phoneme in "mas"] == list("mas")
    assert line.notes[-1].endswith("does not say the cue's text: the voice says 'Mas.'.")


@pytest.mark.parametrize("understood", ["", "Si no."])
def test_a_converted_recording_that_nobody_understands_is_said_as_it_was_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, understood: str
) -> None:
    line, latent = converted(tmp_path, saying("Mas."), monkeypatch, understood)
    np.testing.assert_array_equal(latent.features, made_latent(0.75, 9, "sound").features)
    assert line.notes[-1].endswith("does not say the cue's text: the voice says the sounds that are heard.")


def test_a_silent_or_missing_recording_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mute.wav", np.zeros(9_600, np.float32), 48_000)
    with pytest.raises(CueError, match=r"mute.wav' is silent"):
        speak_recording(shot(tmp_path), tmp_path / "mute.wav", models())
    with pytest.raises(MediaError):
        speak_recording(shot(tmp_path), tmp_path / "absent.wav", models())
