"""The paper's Table 3 as four differences: alike but for what they ablate, and nothing trained twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.made_faces import FRAMES, made_face

from codub.errors import UsageError
from codub.face.generator import GeneratorConfig
from codub.face.loading import load_face_generator
from codub.training.face_ablation import ROWS, AblationRow, load_rows, train_rows
from codub.training.face_cache import FaceData
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage
from codub.training.loop import LoopConfig
from codub.training.sync import FRAMES as SYNC_FRAMES
from codub.training.sync import SyncStage

TINY = GeneratorConfig(window=3, size=32, widths=(8, 16, 16), code=16)
TWO = LoopConfig(steps=2, checkpoint_every=2, note_every=1)


def test_rows_differ_in_what_they_ablate_only() -> None:
    rows = load_rows()
    assert list(rows) == ["real", "ttv", "no-sync", "full"]
    full = rows["full"]
    assert full.first.losses.sync_kind == "stabilized"
    assert full.second.losses.sync_kind == "vanilla"
    assert (full.first.sampling.text_share, full.second.sampling.text_share) == (0, 1)
    assert rows["real"].first == rows["no-sync"].first == full.first
    assert rows["ttv"].first == replace(full.first, sampling=replace(full.first.sampling, text_share=1.0))
    assert rows["no-sync"].second == replace(full.second, losses=replace(full.second.losses, sync=0.0))
    assert rows["real"].second.sampling.text_share == 0
    assert rows["ttv"].second.sampling.text_share == 1
    assert len({row.steps for row in rows.values()}) == 1


def test_scale_makes_all_rows_shorter(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("title: x\nscale: 0.1\nfirst: {loop: {steps: 200}}\nsecond: {loop: {steps: 5}}\n")
    for row in load_rows(base).values():
        assert (row.first.loop.steps, row.second.loop.steps, row.sync.loop.steps) == (20, 2, 140)


def test_rows_with_other_steps_are_refused(tmp_path: Path) -> None:
    longer = tmp_path / "longer.yaml"
    longer.write_text("first: {loop: {steps: 9999}}\n")
    with pytest.raises(UsageError, match="same conditions"):
        load_rows("ablation", [*ROWS, longer])


def tiny(row: AblationRow) -> AblationRow:
    """The row with two steps of a tiny network."""

    def shrunk(stage: FaceStage) -> FaceStage:
        sampling = replace(stage.sampling, groups=2, frames=SYNC_FRAMES)
        return replace(stage, loop=TWO, generator=TINY, sampling=sampling, precision="float32")

    sampling = SamplingConfig(groups=2, frames=2 * SYNC_FRAMES, consecutive=True, text_share=0.5)
    return replace(row, sync=SyncStage(loop=TWO, sampling=sampling), first=shrunk(row.first), second=shrunk(row.second))


def made_data() -> FaceData:
    clips = (made_face("a-1", "a", 0), made_face("b-1", "b", 1), made_face("x", "portrait", 0, source="a-1"))
    rng = np.random.default_rng(0)
    latents = {
        kind: {clip.name: rng.standard_normal((512, 2 * FRAMES)).astype(np.float32) for clip in clips[:2]}
        for kind in ("sound", "text")
    }
    return FaceData(clips, (), latents)


def test_two_steps_of_every_row_share_what_is_alike(tmp_path: Path) -> None:
    rows = {name: tiny(row) for name, row in load_rows().items()}
    told: list[tuple[float, str]] = []
    made = train_rows(rows, made_data(), tmp_path, lambda fraction, what: told.append((fraction, what)))
    for path in made.values():
        assert load_face_generator(path).size == 32
    firsts = sorted(path.parent.name for path in tmp_path.glob("*/first"))
    assert firsts == ["real", "ttv"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    differing = {path.read_bytes() for path in made.values()}
    assert len(differing) == 4

    told.clear()
    again = train_rows(rows, made_data(), tmp_path, lambda fraction, what: told.append((fraction, what)))
    assert again == made
    assert not any("step" in what for _, what in told)  # nothing is trained again
