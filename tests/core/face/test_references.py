import numpy as np

from codub.face.pointing import FaceBox
from codub.face.references import FaceReferences, references_of_stills, with_shut_mouth, with_stills
from codub.face.still import FaceStill


def test_smaller_crops_show_the_same() -> None:
    y, x = np.mgrid[:160, :160]
    picture = np.stack([x, y, x * 0 + 100], axis=2).astype(np.uint8)
    small = FaceReferences(picture[None]).at(80)[0].astype(float)
    np.testing.assert_allclose(small[10, 20, :2], [40.5, 20.5], atol=0.6)


def a_still(level: int, opening: float, size: int = 80, width: float = 0.8) -> FaceStill:
    crop = np.full((size, size, 3), level, np.uint8)
    return FaceStill(crop, opening, width, FaceBox(0, 0, 0, 1, 1), f"film.mov:{level}")


def levels(references: FaceReferences) -> list[int]:
    return [round(float(crop.mean())) for crop in references.crops]


def test_stills_serve_for_the_kind_they_show_and_repeat() -> None:
    shut, half, wide = a_still(10, 0.0), a_still(20, 0.2, 120), a_still(30, 0.4)
    several = references_of_stills([wide, shut, half], 3)
    assert several.crops.shape == (3, 120, 120, 3)
    assert levels(several) == [10, 30, 20]
    assert several.origin == "closed film.mov:10, open film.mov:30, between film.mov:20"
    assert levels(references_of_stills([half], 5)) == [20] * 5
    assert levels(references_of_stills([half, shut], 5))[:2] == [10, 20]
    round_one, broad = a_still(40, 0.2, width=0.6), a_still(50, 0.2, width=1.0)
    assert levels(references_of_stills([half, broad, wide, round_one, shut], 5)) == [10, 30, 20, 40, 50]


def test_single_kinds_are_replaced_and_said() -> None:
    found = references_of_stills([a_still(10, 0.0), a_still(20, 0.2), a_still(30, 0.4)], 3)
    changed = with_stills(found, {"open": a_still(250, 0.4, 160), "spread": a_still(1, 0.2)})
    assert changed.crops.shape == (3, 160, 160, 3)
    assert levels(changed) == [10, 250, 20]
    assert changed.origin == "closed film.mov:10, open film.mov:250, between film.mov:20"
    plain = FaceReferences(found.crops[:1])
    assert levels(with_stills(plain, {"between": a_still(250, 0.4)})) == [10]


class Darker:
    """A silent face that leaves a mark."""

    def shut(self, crop: np.ndarray) -> np.ndarray:
        return crop // 2


def test_a_mouth_that_is_never_shut_is_shut_by_the_silent_face() -> None:
    opened = references_of_stills([a_still(100, 0.3), a_still(60, 0.2, 120)], 3)
    made = with_shut_mouth(opened, Darker())
    assert levels(made) == [30, 100, 100]
    assert made.crops.shape == opened.crops.shape
    assert made.origins[0] == "film.mov:60 shut by the silent face"
    assert made.openings == (0.0, 0.3, 0.3)
    alone = with_shut_mouth(references_of_stills([a_still(100, 0.3)], 5), Darker())
    assert levels(alone) == [50, 100, 100, 100, 100]


def test_without_need_or_network_the_mouth_stays() -> None:
    shut = references_of_stills([a_still(10, 0.02), a_still(30, 0.4)], 3)
    assert with_shut_mouth(shut, Darker()) is shut
    opened = references_of_stills([a_still(30, 0.4)], 3)
    assert with_shut_mouth(opened, None).origins[0] == "film.mov:30 not shut"
    assert levels(with_shut_mouth(opened, None)) == [30, 30, 30]
