import numpy as np
import pytest
from made_looks import EYES, face

from codub.face.crop import lower_face_of_eyes
from codub.face.likeness import agreement
from codub.face.looks import looks


def test_light_does_not_matter_and_the_place_does_not() -> None:
    transform = lower_face_of_eyes(*EYES)
    known = looks(face(1), transform)
    darker = (face(1) * 0.6).astype(np.uint8)
    assert agreement(known, looks(darker, transform)) == pytest.approx(1, abs=0.01)
    moved = np.roll(face(1), (15, 30), axis=(0, 1))
    assert agreement(known, looks(moved, lower_face_of_eyes(*(EYES + np.array([30, 15]))))) == pytest.approx(
        1, abs=0.01
    )
    assert agreement(known, looks(face(2), transform)) < 0.5


def test_a_mouth_that_moves_changes_nothing() -> None:
    transform = lower_face_of_eyes(*EYES)
    spoken = face(1)
    spoken[110:140] = 0  # lips and chin
    assert agreement(looks(face(1), transform), looks(spoken, transform)) == pytest.approx(1, abs=1e-6)
