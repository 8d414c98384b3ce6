"""The face of the paper's own space: latents through its speech modules, two steps of each stage, one space only."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.made_faces import FRAMES, made_face

from codub import weights
from codub.errors import LatentSpaceError, UsageError, WeightsError
from codub.face.generator import GeneratorConfig
from codub.face.loading import load_face_generator
from codub.latent import EMBEDDED, HIERSPEECHPP, SpeechLatent
from codub.speech.hierspeechpp.network import TextToVecNetwork, TtvSize
from codub.training.face import load_stages, stages_of, train_face, train_stage
from codub.training.face_cache import FaceCache, FaceData
from codub.training.face_data import FaceSampler
from codub.training.face_latents import SILENCE_NAME, fill, kinds
from codub.training.face_material import our_material
from codub.training.face_placing import SamplingConfig
from codub.training.face_resynthesis import Resynthesis
from codub.training.face_stage import FaceStage, LossConfig
from codub.training.grid import GridClip
from codub.training.loop import LoopConfig
from codub.training.sync import SyncStage

TINY = GeneratorConfig(space="hierspeechpp", channels=1024, window=4, size=32, widths=(8, 16, 16), code=16, dropout=0.0)
SILENCE = np.full(1024, 0.5, np.float32)


class Ear:
    """Energy of every 20 ms, spread over 1024 channels."""

    def features(self, samples: np.ndarray) -> np.ndarray:
        count = len(samples) // 320
        energy = np.sqrt((samples[: count * 320].reshape(count, 320) ** 2).mean(1))
        return np.outer(np.linspace(-1, 1, 1024), energy).astype(np.float32)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Resynthesis:
    def sound(film: GridClip) -> np.ndarray:
        rng = np.random.default_rng(len(film.name))
        return (0.1 * rng.standard_normal(48_000)).astype(np.float32)

    monkeypatch.setattr(GridClip, "sound", sound)
    torch.manual_seed(0)
    network = TextToVecNetwork(TtvSize(channels=8, style=8, text_layers=1, posterior_layers=2, decoder_layers=2))
    return Resynthesis(Ear(), network.eval(), SILENCE)


FILM = GridClip("s1", "one", Path("one.mp4"), "bin blue")


def test_a_film_is_read_with_its_own_timing_and_another_drawing_is_another_latent(reader: Resynthesis) -> None:
    heard, first, again, second = (
        reader.heard(FILM),
        reader.predicted(FILM, 0),
        reader.predicted(FILM, 0),
        reader.predicted(FILM, 1),
    )
    assert heard.shape == first.shape == second.shape == (1024, 150)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 1e-3
    assert np.abs(first - heard).max() > 1e-3


def test_a_change_of_the_sound_changes_what_is_made_near_it(reader: Resynthesis) -> None:
    """The way through the TTV's latent keeps the timing: a change at one place stays round it."""
    heard = reader.heard(FILM)
    changed = heard.copy()
    changed[:, 75] += 1
    samples = np.zeros(48_000, np.float32)
    moved = np.abs(reader.resynthesized(changed, samples, 0) - reader.resynthesized(heard, samples, 0)).max(0)
    # Two WaveNets of two layers of kernel 5 reach 4 vectors each.
    assert moved[75 - 8 : 75 + 9].max() > 1e-4
    assert moved[: 75 - 8].max() < 1e-6
    assert moved[75 + 9 :].max() < 1e-6


def test_the_cache_keeps_every_space_apart(reader: Resynthesis, tmp_path: Path) -> None:
    cache = FaceCache(tmp_path, HIERSPEECHPP)
    told: list[str] = []
    fill([FILM], cache, lambda fraction, what: told.append(what), reader)
    assert kinds(HIERSPEECHPP) == ("sound", "text", "text-2", "text-3")
    assert kinds(EMBEDDED) == ("sound", "text", "text-2", "text-3", "text-4")
    assert sorted(path.parent.name for path in tmp_path.rglob("s1-one.npy")) == [
        f"hierspeechpp-{kind}" for kind in sorted(kinds(HIERSPEECHPP))
    ]
    np.testing.assert_array_equal(cache.load_latent("text", SILENCE_NAME)[:, 0], SILENCE)
    assert told == ["hearing s1-one", *["reading s1-one"] * 3]
    fill([FILM], cache, lambda fraction, what: told.append(what))  # nothing is missing: no models are asked for
    assert len(told) == 4


def data() -> FaceData:
    clips, held_out = (made_face("a-1", "a", 0), made_face("b-1", "b", 1)), (made_face("c-1", "c", 3),)
    latents: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in kinds(HIERSPEECHPP)}
    for clip in (*clips, *held_out):
        spoken = np.interp((np.arange(24) + 0.5) / 2 - 0.5, np.arange(FRAMES), clip.opening)
        for scale, kind in enumerate(latents, 1):
            latents[kind][clip.name] = (scale * np.outer(np.linspace(-1, 1, 1024), spoken)).astype(np.float32)
    return FaceData(clips, held_out, latents, SILENCE)


def stage(name: str, **changes: object) -> FaceStage:
    """A shipped stage at a tiny size and two steps."""
    (shipped,) = load_stages([name])
    small = replace(shipped, loop=LoopConfig(steps=2, checkpoint_every=1, note_every=1), generator=TINY)
    losses = replace(shipped.losses, adversarial_from=0.0)
    sampling = replace(shipped.sampling, groups=2)
    return replace(
        small, losses=losses, sampling=sampling, silent_references=0.0, precision="float32", warm_up=0.0, **changes
    )  # type: ignore[arg-type]


def test_the_shipped_stages_run_two_steps_each_and_make_a_face_of_this_space(tmp_path: Path) -> None:
    from codub.training.sync_training import train_expert

    held = data()
    small = SyncStage(
        loop=LoopConfig(steps=1, checkpoint_every=1, note_every=1),
        sampling=SamplingConfig(groups=2, frames=10, consecutive=True),
    )
    expert = train_expert(small, held, tmp_path / "sync", lambda fraction, what: None, "hierspeechpp", TINY.window)
    weights_file = None
    for name in stages_of("hierspeechpp"):
        shrunk = stage(name)
        weights_file = train_stage(
            shrunk, held, tmp_path / shrunk.name, weights_file, lambda fraction, what: None, expert
        )
    assert weights_file is not None
    generator = load_face_generator(weights_file, space=HIERSPEECHPP)
    pictures = np.full((3, 32, 32, 3), 128, np.uint8)
    motion = generator.generate(np.zeros((3, 1024, 4), np.float32), pictures, pictures)
    assert motion.flow.shape == (3, 3, 2, 32, 32)
    with pytest.raises(LatentSpaceError, match=r"\(512, 4\).*face trained for \(1024, 4\).*'hierspeechpp'"):
        generator.generate(np.zeros((3, 512, 4), np.float32), pictures, pictures)
    with pytest.raises(LatentSpaceError, match="trained for the space 'hierspeechpp', not for 'embedded'"):
        load_face_generator(weights_file, space=EMBEDDED)
    other = SpeechLatent(EMBEDDED, np.zeros((512, 4), np.float32), np.zeros(8, np.float32), np.zeros(8, np.float32), ())
    with pytest.raises(LatentSpaceError, match="'embedded' was given to a model of 'hierspeechpp'"):
        other.require(generator.space)


def test_further_drawings_of_the_text_are_drawn_too() -> None:
    held = data()
    config = SamplingConfig(groups=40, frames=1, text_share=1.0, silent_share=0.0, latent_noise=0, latent_jitter=0)
    latents = {
        kind: {clip.name: np.full((1024, 24), number, np.float32) for clip in held.clips}
        for number, kind in enumerate(kinds(HIERSPEECHPP))
    }
    batch = FaceSampler(held.clips, latents, HIERSPEECHPP, size=32, window=4, config=config, seed=0).batch(0)
    assert set(batch.windows.flatten().tolist()) == {1.0, 2.0, 3.0}  # the three texts; never the sound, which is 0


def test_the_window_spans_the_same_time_in_both_spaces() -> None:
    spans = {}
    for profile in ("embedded", "hierspeechpp"):
        for shipped in load_stages(stages_of(profile)):
            config = shipped.generator
            assert config.space == profile
            space = {"embedded": EMBEDDED, "hierspeechpp": HIERSPEECHPP}[profile]
            assert config.channels == space.channels
            spans.setdefault(profile, Fraction(config.window) / space.rate)
            assert spans[profile] == Fraction(config.window) / space.rate
    assert abs(spans["embedded"] - spans["hierspeechpp"]) < 1 / HIERSPEECHPP.rate


def test_without_the_speech_models_training_says_which_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    stages = load_stages(stages_of("hierspeechpp"))
    with pytest.raises(WeightsError, match=r"weights ttv, mms-300m are not.*Get ttv_lt960.*Get pytorch_model.bin"):
        train_face(stages, our_material(tmp_path), tmp_path / "cache", tmp_path / "out")


@pytest.mark.parametrize(
    ("configs", "said"),
    [
        ([], "No stage was given"),
        ([TINY, GeneratorConfig()], "spaces embedded, hierspeechpp"),
        ([replace(TINY, channels=512)], "takes 512 channels.*has 1024"),
    ],
)
def test_stages_that_do_not_belong_together_are_refused(
    configs: list[GeneratorConfig], said: str, tmp_path: Path
) -> None:
    stages = [FaceStage(generator=config, losses=LossConfig()) for config in configs]
    with pytest.raises(UsageError, match=said):
        train_face(stages, our_material(tmp_path), tmp_path / "cache", tmp_path / "out")
    with pytest.raises(UsageError, match=r"no stages for the profile 'other'.*embedded, hierspeechpp"):
        stages_of("other")
