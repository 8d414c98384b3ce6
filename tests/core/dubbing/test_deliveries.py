"""Deliveries as a file: what was written comes back, what cannot be meant is refused by name."""

import json
from pathlib import Path

import pytest

from codub.dubbing.deliveries import delivery_from, delivery_values, read_deliveries
from codub.errors import UsageError
from codub.speech.model import Delivery
from codub.speech.word_delivery import WordDelivery


def test_a_file_is_read_by_cue(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text('{"4": {"pace": 1.1, "durations": [null, 0.2, 1]}, "7": {"pitch": -2}}', encoding="utf-8")
    assert read_deliveries(path) == {4: Delivery(pace=1.1, durations=(None, 0.2, 1.0)), 7: Delivery(pitch=-2.0)}


WORDS = Delivery(
    original=0.5, pitches=(None, 2.0), words=(WordDelivery(2, 0.4, contour=((0.0, -2.0), (1.0, 3.0)), emphasis=1.0),)
)


def test_yaml_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(
        "4:\n  original: 0.5\n  words: [{word: 2, pitch: 3, contour: [[0, -2], [1, 3]]}]\n", encoding="utf-8"
    )
    word = WordDelivery(2, pitch=3.0, contour=((0.0, -2.0), (1.0, 3.0)))
    assert read_deliveries(path) == {4: Delivery(original=0.5, words=(word,))}


@pytest.mark.parametrize(
    "delivery", [Delivery(), Delivery(1.2, 3.0, -1.0, 0.0, (None, 0.05)), Delivery(energy=4.0), WORDS], ids=str
)
def test_values_come_back(delivery: Delivery) -> None:
    assert delivery_from(json.loads(json.dumps(delivery_values(delivery))), "here") == delivery


def test_only_what_differs_is_said() -> None:
    assert delivery_values(Delivery()) == {}
    assert delivery_values(Delivery(pitch=1.0)) == {"pitch": 1.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "d.json' cannot be read"),
        ("{", "d.json' cannot be read"),
        ('{"four": {}}', "d.json' cannot be read"),
        (
            '{"4": {"speed": 2}}',
            r"'speed' in d.json, cue 4.*durations, energy, original, pace, pitch, pitches, variation, words",
        ),
        ('{"4": {"pace": "fast"}}', "cue 4: pace is 'fast'"),
        ('{"4": {"pace": 9}}', "pace of 9 is out of bounds"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_deliveries(path)
