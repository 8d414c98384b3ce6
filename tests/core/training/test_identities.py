"""A made-up person has the portrait's skin and the film's lips."""

from pathlib import Path

import numpy as np
import pytest

from codub.training.face_clips import WIDE, WIDE_SIZE, FaceClip, load_clip, save_clip
from codub.training.identities import FACE_OVAL, INNER_LIPS, Portrait, load_portrait, made_up, read_portraits


def places(points: np.ndarray) -> np.ndarray:
    return ((points - 0.5) / WIDE + 0.5) * WIDE_SIZE


def mesh(opening: float) -> np.ndarray:
    """468 points in the lower-face window: a filled disc of a face, its inner lips an ellipse `opening` high."""
    rng = np.random.default_rng(4)
    angle, radius = rng.uniform(0, 2 * np.pi, 468), 0.42 * np.sqrt(rng.uniform(0.25, 1, 468))
    points = 0.5 + np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None]
    ring = np.linspace(0, 2 * np.pi, len(FACE_OVAL), endpoint=False)
    points[list(FACE_OVAL)] = 0.5 + 0.45 * np.stack([np.sin(ring), -np.cos(ring)], 1)
    ring = np.linspace(np.pi, 3 * np.pi, len(INNER_LIPS), endpoint=False)
    points[list(INNER_LIPS)] = 0.5 + np.stack([0.12 * np.cos(ring), opening * np.sin(ring)], 1)
    return points.astype(np.float32)


@pytest.fixture(scope="module")
def clip() -> FaceClip:
    """Red skin with a black mouth that opens."""
    openings = np.array([0.01, 0.06, 0.12], np.float32)
    points = np.stack([mesh(float(o)) for o in openings])
    crops = np.full((3, WIDE_SIZE, WIDE_SIZE, 3), (200, 80, 80), np.uint8)
    rows, columns = np.mgrid[:WIDE_SIZE, :WIDE_SIZE] + 0.5
    for crop, wide in zip(crops, openings, strict=True):
        across, down = (columns - 50) / (0.12 / WIDE * WIDE_SIZE), (rows - 50) / (float(wide) / WIDE * WIDE_SIZE)
        crop[across**2 + down**2 < 1] = 0
    return FaceClip("film", "s", "film", 0, crops, points, openings)


def test_skin_of_the_portrait_lips_of_the_film(clip: FaceClip) -> None:
    still = np.full((320, 320, 3), (90, 160, 90), np.uint8)
    portrait = Portrait("p", still, mesh(0.05) * 320)
    made = made_up(clip, portrait, 0, 3, name="x")
    assert (made.person, made.source, made.first) == ("p", "film", 0)
    # Beside the mouth, inside the face: the portrait's green.
    np.testing.assert_allclose(made.crops[0, 50, 68], (90, 160, 90), atol=4)
    # The dark of the mouth opens as in the film.
    dark = (made.crops[..., 1] < 60).sum((1, 2))
    true = (clip.crops[..., 0] < 60).sum((1, 2))
    np.testing.assert_allclose(dark, true, rtol=0.35, atol=40)
    assert dark[0] < dark[1] < dark[2]


def test_part_of_a_film_knows_where_it_begins(clip: FaceClip) -> None:
    portrait = Portrait("p", np.full((320, 320, 3), 128, np.uint8), mesh(0.05) * 320)
    made = made_up(clip, portrait, 1, 2, name="x")
    assert (made.first, len(made)) == (1, 2)
    np.testing.assert_array_equal(made.opening, clip.opening[1:])


def test_clip_survives_its_file(clip: FaceClip, tmp_path: Path) -> None:
    save_clip(tmp_path / "c.npz", clip)
    back = load_clip(tmp_path / "c.npz")
    assert (back.name, back.person, back.source, back.first) == ("film", "s", "film", 0)
    np.testing.assert_array_equal(back.crops, clip.crops)


def test_real_portraits_have_level_eyes(corpora: Path) -> None:
    found = read_portraits(corpora)
    assert len(found) == 544
    portrait = load_portrait(*found[0])
    right, left = portrait.points[[33, 133]].mean(0), portrait.points[[362, 263]].mean(0)
    assert abs(right[1] - left[1]) < 6
    assert 78 < left[0] - right[0] < 98
