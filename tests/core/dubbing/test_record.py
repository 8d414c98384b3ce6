from dataclasses import replace
from fractions import Fraction

import pytest

from codub.dubbing.record import (
    ReviewState,
    TakeFile,
    TakeRecord,
    delivery_of,
    delivery_settings,
    given_durations,
)
from codub.speech.model import Delivery, Fit
from codub.speech.word_delivery import WordDelivery


def full_record() -> TakeRecord:
    return TakeRecord(
        cue=3,
        language="es",
        text="¿Dónde está?",
        speaker="ANA",
        seed=7,
        profile="embedded",
        take=2,
        start=Fraction(1001, 24000) * 37,
        duration=Fraction(7, 3),
        settings={"pace": 1.0, "face": "embedded", "steps": 3, "sharp": True, "reference": None},
        weights={"face-embedded.safetensors": "ab" * 32},
        fit=Fit(natural=2.4, wanted=2.0, spoken=2.1, scale=0.8, excess=0.1, syllables_over=1),
        scores={"secs": 0.71},
        files=(TakeFile("audio", "media/a.wav", "cd" * 32, 12),),
        parents=("dub_es_t01", "media/shot.mp4"),
        state=ReviewState.APPROVED,
        comment="good",
        starred=True,
    )


def test_a_record_comes_back_as_it_was():
    record = full_record()
    assert TakeRecord.from_json(record.to_json()) == record


def test_times_stay_exact():
    again = TakeRecord.from_json(full_record().to_json())
    assert again.start == Fraction(1001, 24000) * 37
    assert again.duration == Fraction(7, 3)


def test_reference_name_and_files_by_role():
    record = full_record()
    assert record.name == "dub_es_t02"
    assert record.file("audio") == record.files[0]
    assert record.file("video1") is None


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(),
        Delivery(1.1, -2.5, 3.0, 0.0, (None, 0.125, 0.075, None)),
        Delivery(variation=2, durations=(0.4,)),
        Delivery(original=0.5, pitches=(None, -2.0), words=(WordDelivery(3, 0.5, contour=((0.0, 1.0), (1.0, 2.0))),)),
    ],
)
def test_a_delivery_comes_back_from_the_settings(delivery: Delivery):
    record = replace(full_record(), settings={"style": "x", **delivery_settings(delivery, (0.05, 0.0, 0.1))})
    again = TakeRecord.from_json(record.to_json())
    assert delivery_of(again) == delivery
    assert given_durations(again) == (0.05, 0.0, 0.1)


def test_a_plain_delivery_leaves_nothing_to_say():
    assert delivery_settings(Delivery()) == {}
    assert delivery_of(full_record()) == Delivery()
    assert given_durations(full_record()) == ()


def test_creation_is_dated_in_utc():
    record = TakeRecord(cue=1, language="es", text="a", speaker="b", seed=0, profile="embedded")
    assert record.created.endswith("+00:00")
    assert record.version
    assert record.host


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cue": 1}', "not json"])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        TakeRecord.from_json(text)


def test_a_score_that_is_no_number_is_not_written():
    record = TakeRecord(
        cue=1, language="es", text="a", speaker="b", seed=0, profile="embedded", scores={"secs": float("nan")}
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        record.to_json()
