"""The ablation's document: every row by its title, its place in each measure, and what it was trained with."""

import json
import math

import pytest

from codub.evaluation import lip_figures
from codub.evaluation.lip_figures import FaceReport, LipFigures
from codub.jobs.ablation import Ablation
from codub.training.face_ablation import load_rows

pytestmark = pytest.mark.usefixtures("few_draws")
ORDER = ("real", "ttv", "no-sync", "full")  # worst to best in what is made up here


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lip_figures, "DRAWS", 20)


def report(psnr: float, distance: float) -> FaceReport:
    names = ("mouth_ssim", "crop_psnr", "crop_ssim", "copied_psnr", "copied_ssim", "copied_distance", "correlation")
    alike = dict.fromkeys((*names, "opening_ratio", "sharpness"), 1.0)
    clip = LipFigures("a-1", "a", 10, mouth_psnr=psnr, distance=distance, flicker=math.nan, **alike)
    return FaceReport((clip,))


def ablation() -> Ablation:
    reports = {
        name: {"sound": report(31 - i, 1 + i), "text": report(30 + i, 1 - i / 10)} for i, name in enumerate(ORDER)
    }
    return Ablation(load_rows(), reports)


def test_rows_are_put_in_order_for_each_drive() -> None:
    tables = ablation().tables()
    assert tables["text"].head[1:] == (
        "Stage one on real features",
        "Stage one on TTV features",
        "Two stages, the second without sync",
        "Full",
    )
    text, sound = ({cells[0]: cells[1:] for cells in tables[drive].rows} for drive in ("text", "sound"))
    assert text["mouth PSNR, dB"] == ("30.0 (4)", "31.0 (3)", "32.0 (2)", "33.0 (1)")
    assert text["LMD, pixels of 96"] == ("1.00 (4)", "0.90 (3)", "0.80 (2)", "0.70 (1)")
    assert sound["mouth PSNR, dB"] == ("31.0 (1)", "30.0 (2)", "29.0 (3)", "28.0 (4)")


def test_the_document_says_what_was_trained() -> None:
    made = ablation()
    row = made.rows["full"]
    assert (
        f"{row.first.loop.steps} steps of the first stage and {row.second.loop.steps} of the second" in made.markdown()
    )
    assert made.markdown().count("| mouth PSNR, dB |") == 2
    held = json.loads(json.dumps(made.plain(), allow_nan=False))
    assert held["ttv"]["title"] == "Stage one on TTV features"
    assert [r["drive"] for r in held["real"]["reports"]] == ["sound", "text"]
