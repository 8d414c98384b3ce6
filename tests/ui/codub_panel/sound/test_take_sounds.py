from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from codub.dubbing.latents import write_latent
from codub.dubbing.record import LATENT, TakeRecord, delivery_settings
from codub.errors import CueError
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.speech.model import Delivery
from codub_panel.sound.take_sounds import take_sounds

SOUNDS = ("", "o", "l", "a", "")


@pytest.fixture
def take(session):
    spans = tuple(PhonemeSpan(name, i / 10, (i + 1) / 10) for i, name in enumerate(SOUNDS))
    curve = np.zeros(40, np.float32)
    latent = SpeechLatent(EMBEDDED, np.zeros((512, 20), np.float32), curve, curve, spans)
    settings = delivery_settings(Delivery(pitch=1.0), (0.05, 0.05, 0.1, 0.1, 0.0))
    with session.store.workspace() as work:
        write_latent(work / "l.safetensors", latent, Fraction(3, 2))
        record = TakeRecord(1, "es", "Hola.", "ANA", 0, "embedded", settings=settings)
        return session.store.add(record, {LATENT: work / "l.safetensors"})


def test_phonemes_and_words_of_a_take(session, take):
    sounds = take_sounds(session.store, take)
    assert sounds.at == Fraction(3, 2)
    assert [span.phoneme for span in sounds.spans] == list(SOUNDS)
    ((word),) = sounds.words
    assert (word.word, word.first, word.last) == ("Hola.", 1, 3)
    assert sounds.draggable


def test_a_dragged_boundary_is_a_delivery_over_the_takes_own(session, take):
    sounds = take_sounds(session.store, take)
    wanted = sounds.dragged((2, 2), 0.4)
    assert wanted == Delivery(pitch=1.0, durations=(0.05, 0.05, 0.2, None, None))
    session.set_delivery(1, wanted)
    assert session.line(1).delivery == wanted


def test_a_take_without_durations_says_so(session, take):
    old = replace(take, settings={})
    sounds = take_sounds(session.store, old)
    assert not sounds.draggable
    with pytest.raises(CueError, match="not known how long"):
        sounds.dragged((2, 2), 0.4)


def test_a_take_without_a_latent_has_no_sounds(session, take):
    assert take_sounds(session.store, replace(take, files=())) is None
