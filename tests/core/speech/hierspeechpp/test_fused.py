"""The fused forms give the plain ones' values: whole or in tiles, at every end, at any length."""

import pytest
import torch
from golden_fill import arrays, fill, needs_golden, off_by
from torch import nn

from codub.speech.hierspeechpp import fused_generator, tiles
from codub.speech.hierspeechpp.amp import AmpBlock, mean_of
from codub.speech.hierspeechpp.fused_amp import QUICK_CHANNELS, FusedTrio
from codub.speech.hierspeechpp.fused_generator import FusedGenerator, FusedSource
from codub.speech.hierspeechpp.fused_snake import FusedSnake
from codub.speech.hierspeechpp.fused_speechsr import FusedSpeechSR, neighbours
from codub.speech.hierspeechpp.fused_synthesizer import fuse, lower_precision
from codub.speech.hierspeechpp.generator import WaveformGenerator
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer, blend
from codub.speech.hierspeechpp.snake import AntiAliasedSnake
from codub.speech.hierspeechpp.source import SourceNetwork
from codub.speech.hierspeechpp.speechsr import SpeechSR
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize
from codub.speech.hierspeechpp.tiles import (
    WHOLE,
    Chain,
    around,
    at_once,
    channels_last,
    spans,
    tile_places,
    tiled,
)

NEAR = 3e-5  # a third of what is asked for
TINY = SynthesizerSize(
    features=12, latent=8, style=16, bins=9, width=64, narrow=2, prior_layers=2, posterior_layers=2, bands=4
)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture
def short_tiles(monkeypatch):
    """Tiles so short that a second of sound has many."""
    monkeypatch.setattr(tiles, "TILE_VALUES", 1)
    monkeypatch.setattr(tiles, "TILE_WIDTH", 150)


@pytest.mark.parametrize("length", [1, 2, 3, 8, 40])
@torch.inference_mode()
def test_a_snake_as_written(length):
    plain = fill(AntiAliasedSnake(16))
    x = torch.randn(2, 16, length)
    assert (FusedSnake(plain)(channels_last(x), WHOLE)[:, :, 0] - plain(x)).abs().max() < 1e-5
    assert (FusedSnake(plain, 1 / 3)(channels_last(3 * x), WHOLE)[:, :, 0] - plain(x)).abs().max() < 1e-5


@torch.inference_mode()
def test_strong_and_weak_snakes():
    """exp(6) turns a value 400 times as far; exp(-6) hardly at all, and divides by little."""
    plain = AntiAliasedSnake(4)
    plain.act.alpha.data = torch.tensor([-6.0, -2.0, 2.0, 6.0])
    plain.act.beta.data = torch.tensor([6.0, -2.0, 2.0, -1.0])
    x = torch.randn(1, 4, 30)
    exact = plain.double()(x.double())
    assert off_by(FusedSnake(plain)(channels_last(x), WHOLE)[:, :, 0], exact) < 1e-4


@pytest.mark.parametrize("length", [1, 90, 91, 149, 400])
@torch.inference_mode()
def test_a_trio_whole_and_in_tiles(length, short_tiles):
    blocks = nn.ModuleList(fill(AmpBlock(8, kernel)) for kernel in (3, 7, 11))
    x = torch.randn(2, 8, length)
    expected = 3 * mean_of(list(blocks), x)
    trio = FusedTrio(list(blocks))
    assert trio.reach == 90
    assert off_by(trio(channels_last(x), WHOLE)[:, :, 0], expected) < NEAR
    assert off_by(tiled(trio, channels_last(x))[:, :, 0], expected) < NEAR


@pytest.mark.parametrize("length", [1, 89, 400])
@torch.inference_mode()
def test_a_trio_of_many_channels(length, short_tiles):
    """Its long convolutions have fewer multiplications, in tiles as well."""
    blocks = [fill(AmpBlock(QUICK_CHANNELS, kernel)) for kernel in (3, 7, 11)]
    trio = FusedTrio(blocks)
    assert [conv.quick is not None for block in trio.blocks for conv in block.convs] == 6 * [False] + 12 * [True]
    x = torch.randn(2, QUICK_CHANNELS, length)
    expected = 3 * mean_of(blocks, x)
    assert off_by(trio(channels_last(x), WHOLE)[:, :, 0], expected) < NEAR
    assert off_by(tiled(trio, channels_last(x))[:, :, 0], expected) < NEAR


@torch.inference_mode()
def test_what_lies_beyond_a_tiles_reach_is_not_read():
    trio = FusedTrio([AmpBlock(8, kernel) for kernel in (3, 7, 11)])
    chain = Chain([trio, FusedSnake(AntiAliasedSnake(8))])
    x = channels_last(torch.randn(1, 8, 500))
    read, edges, keep = around(slice(200, 300), 500, chain.reach)
    assert (read.start, read.stop, edges.left, edges.right) == (105, 395, False, False)
    torch.testing.assert_close(chain(x[..., read], edges)[..., keep], chain(x, WHOLE)[..., 200:300])


@pytest.fixture
def two_threads():
    own = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(own)


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_threads_with_tiles_of_their_own_change_nothing(mode, short_tiles, two_threads):
    plain = fill(SpeechSR(48_000))
    sound = 0.3 * torch.randn(1, 1, 700)
    with mode():
        made = FusedSpeechSR(plain)(sound)
        assert off_by(made, plain(sound)) < NEAR
    assert torch.get_num_threads() == 2


def test_an_error_in_a_thread_is_not_lost(two_threads):
    def fail(place: slice) -> None:
        raise ValueError(f"at {place.start}")

    with torch.no_grad(), pytest.raises(ValueError, match="at 0"):
        at_once(fail, spans(10, 5))
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(
    ("length", "threads", "count"), [(384_000, 1, 47), (384_000, 2, 46), (5_000, 2, 2), (900, 2, 1)]
)
def test_every_thread_has_as_many_tiles(length, threads, count, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert len(tile_places(length, 32, torch.device("cpu"))) == count


def test_spans_cover_a_length_once():
    for length in (1, 5, 149, 1000):
        places = spans(length, 100)
        assert [i for place in places for i in range(place.start, place.stop)] == list(range(length))


@pytest.mark.parametrize("rate", [24_000, 48_000])
@pytest.mark.parametrize("samples", [1, 2, 3, 101, 400])
@torch.inference_mode()
def test_speechsr_in_tiles_is_the_whole(rate, samples, short_tiles):
    plain = fill(SpeechSR(rate))
    sound = 0.3 * torch.randn(2, 1, samples)
    expected = plain(sound)
    made = FusedSpeechSR(plain)(sound)
    assert made.shape == expected.shape
    assert off_by(made, expected) < NEAR


@torch.inference_mode()
def test_tiles_of_a_long_sound_interpolate_where_the_whole_does():
    """In float32 the places of new samples are off by more the later they are; the tiles must be off alike."""
    plain = SpeechSR(48_000)
    fused = FusedSpeechSR(plain)
    sound = torch.randn(1, 1, 150_001)
    whole = nn.functional.interpolate(plain.dec.conv_pre(sound), 450_003, mode="linear", align_corners=False)
    lower, share = neighbours(150_001, 450_003, sound)
    late = slice(449_000, 450_003)
    torch.testing.assert_close(
        fused._raised(sound, lower[late], share[late])[:, :, 0], whole[:, :, late], atol=1e-5, rtol=1e-5
    )


@needs_golden
@pytest.mark.parametrize("rate", [24, 48])
@torch.inference_mode()
def test_the_golden_sound_of_fused_speechsr(rate):
    golden = arrays("sr")
    made = FusedSpeechSR(fill(SpeechSR(1000 * rate)))(golden["in_audio_16k"])
    assert off_by(made, golden[f"out_fill_{rate}k"]) < 1e-4


@pytest.mark.parametrize("frames", [1, 2, 30])
@torch.inference_mode()
def test_generator_and_source_network(frames, short_tiles):
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dec, self.sn = WaveformGenerator(TINY), SourceNetwork(TINY)

    plain = fill(Both())
    latent, style = torch.randn(2, TINY.latent, frames), torch.randn(2, TINY.style, 1)
    pitch = plain.sn.features(latent, style)
    assert off_by(FusedSource(plain.sn).features(latent, style), pitch) < NEAR
    assert off_by(FusedGenerator(plain.dec)(latent, pitch, style), plain.dec(latent, pitch, style)) < NEAR


@torch.inference_mode()
def test_a_long_line_in_chunks_is_the_whole(monkeypatch):
    fused = FusedGenerator(fill(WaveformGenerator(TINY)))
    assert fused.reach == 38
    frames = 200
    given = (torch.randn(1, TINY.latent, frames), torch.randn(1, TINY.pitch, 4 * frames), torch.randn(1, TINY.style, 1))
    whole = fused(*given)
    monkeypatch.setattr(fused_generator, "CHUNK", 50)
    assert off_by(fused(*given), whole) < NEAR


@needs_golden
@torch.inference_mode()
def test_the_golden_line_of_the_fused_synthesizer():
    golden = arrays("synth")
    network = fuse(fill(HierarchicalSynthesizer()))
    assert not hasattr(network, "enc_q")
    mel, features = golden["A_in_style_mel"], golden["A_in_w2v"]
    style = blend(network.style(mel, torch.ones(2, 1, mel.shape[2])), 0.8)
    frames = features.shape[2]
    mask, none = torch.ones(1, 1, frames), torch.zeros(1, 192, frames)
    made = network(features, golden["A_in_f0"], mask, style, none)
    assert off_by(made, golden["A_out_audio"]) < 1e-4
    # The stated tolerance of the lower precision, on the same line.
    sound = lower_precision(network, torch.bfloat16)(features, golden["A_in_f0"], mask, style, none)
    error = (sound - golden["A_out_audio"]).square().mean().sqrt() / golden["A_out_audio"].std()
    assert 1e-4 < error < 0.03
