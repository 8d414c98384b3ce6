"""Training of the style encoder on made ears: it learns where it draws, and a killed run ends like one that was not."""

from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import UsageError
from codub.speech.kokoro.voice_table import VoiceTable, voice_names
from codub.speech.kokoro.voices import named_voice
from codub.speech.style_examples import ASSET, read_heard
from codub.speech.style_listening import Piece
from codub.training.loop import LoopConfig, read_metrics, run
from codub.training.style_encoder import Stranger, StyleEncoderTask, StyleEncoderTraining

NAMES = voice_names(blends=40)
STYLES = np.stack([named_voice(name)[:128] for name in NAMES])


class MadeEars:
    """Hear a bent function of the style: straight among the stock voices' blends, bent where strangers are."""

    def __init__(self) -> None:
        self._slope = np.random.default_rng(0).standard_normal((128, 24)).astype(np.float32)

    def heard(self, piece: Piece, acoustic: np.ndarray) -> np.ndarray:
        raw = np.abs((acoustic - STYLES.mean(axis=0)) @ self._slope * 2 + 1)
        return np.asarray(raw / np.linalg.norm(raw), np.float32)


def pieces() -> list[Piece]:
    return [Piece(torch.zeros(1, 512, 80), torch.full((1, 160), 200.0), torch.zeros(1, 160))]


def strangers(count: int = 12) -> list[Stranger]:
    random = np.random.default_rng(1)
    spread = STYLES.std(axis=0)
    styles = STYLES.mean(axis=0) + 0.6 * spread * random.standard_normal((count, 128)).astype(np.float32)
    return [Stranger(MadeEars().heard(pieces()[0], style), 120.0 + 10 * (n % 12)) for n, style in enumerate(styles)]


def task(steps: int) -> StyleEncoderTask:
    ears = MadeEars()
    table = VoiceTable(
        NAMES,
        np.stack([ears.heard(pieces()[0], style) for style in STYLES]),
        np.random.default_rng(2).uniform(100, 240, len(NAMES)).astype(np.float32),
    )
    settings = StyleEncoderTraining(
        LoopConfig(steps=steps, checkpoint_every=4, note_every=1), relearn=4, vectors=16, held_out=4
    )
    return StyleEncoderTask(settings, table, strangers(), pieces(), ears)


def test_two_steps_hear_two_styles_and_leave_an_encoder(tmp_path: Path) -> None:
    trained = task(2)
    assert run(trained, LoopConfig(steps=2, checkpoint_every=2, note_every=1), tmp_path) == 2
    heard = read_heard(tmp_path / ASSET)
    assert heard.acoustic.shape == (2, 128)
    assert heard.embeddings == pytest.approx(trained.heard().embeddings, abs=1e-3)  # half precision
    noted = read_metrics(tmp_path)
    assert {"likeness", "step"} <= set(noted[0])
    assert {"held_out", "promised"} <= set(noted[-1])


def test_what_is_heard_makes_forecasts_better() -> None:
    trained = task(80)
    for number in range(80):
        trained.step(number)
    before, after = trained.learned(0), trained.learned(80)
    ears, gains = MadeEars(), []
    for one in strangers():
        acoustic = before.map.invert(one.embedding, one.f0_hz)
        truth = ears.heard(pieces()[0], acoustic)
        cosines = [known.map.forecast(acoustic, one.f0_hz) for known in (before, after)]
        old, new = (float(raw @ truth / np.linalg.norm(raw)) for raw in cosines)
        gains.append(new - old)
    assert np.mean(gains) > 0.03


def test_a_killed_run_ends_like_one_that_was_not(tmp_path: Path) -> None:
    loop = LoopConfig(steps=10, checkpoint_every=4, note_every=1)
    whole = task(10)
    run(whole, loop, tmp_path / "a")

    class Killed(Exception):
        pass

    def kill(fraction: float, what: str) -> None:
        if fraction > 0.65:
            raise Killed

    with pytest.raises(Killed):
        run(task(10), loop, tmp_path / "b", kill)
    again = task(10)
    run(again, loop, tmp_path / "b")
    for name, value in whole.state().items():
        torch.testing.assert_close(again.state()[name], value)


def test_nobody_to_learn_from_is_said() -> None:
    with pytest.raises(UsageError, match="nobody"):
        StyleEncoderTask(StyleEncoderTraining(), VoiceTable((), np.zeros(0), np.zeros(0)), [], pieces(), MadeEars())
