"""The wav2vec 2.0 front end, against the published layer and transformers' own 24-layer model."""

import pytest
import torch
from golden_fill import arrays, filled, needs_golden, off_by, published_keys
from transformers import Wav2Vec2Config, Wav2Vec2ForPreTraining

from codub.errors import WeightsError
from codub.speech.hierspeechpp.fused_w2v import FusedW2v
from codub.speech.hierspeechpp.w2v import W2vSize, load_w2v, own_name, padded

SMALL = W2vSize(width=32, heads=4, inner=64, convolved=16, reach=16, groups=4)


@pytest.fixture(scope="module")
def whole():
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        hidden_size=32,
        num_hidden_layers=9,
        num_attention_heads=4,
        intermediate_size=64,
        conv_dim=(16,) * 7,
        feat_extract_norm="layer",
        conv_bias=True,
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        codevector_dim=32,
        proj_codevector_dim=32,
        num_codevectors_per_group=8,
    )
    return Wav2Vec2ForPreTraining(config).eval()


def _old_names(state):
    renamed = {}
    for key, value in state.items():
        key = key.replace("parametrizations.weight.original0", "weight_g")
        renamed[key.replace("parametrizations.weight.original1", "weight_v")] = value
    return renamed


@torch.no_grad()
def test_features_are_the_seventh_layers_of_the_whole_model(whole):
    samples = torch.randn(2, 5000)
    hidden = whole(padded(samples), output_hidden_states=True).hidden_states[7]
    for state in (whole.state_dict(), _old_names(whole.state_dict()), whole.wav2vec2.state_dict()):
        made = load_w2v(state, SMALL)(samples)
        assert made.shape == (2, 32, 16)
        torch.testing.assert_close(made, hidden.transpose(1, 2))


@torch.inference_mode()
@pytest.mark.parametrize("samples", [1, 5000, 90000])
def test_the_fused_form_hears_alike(whole, samples):
    torch.manual_seed(samples)
    sound = torch.randn(2, samples)
    front = load_w2v(whole.state_dict(), SMALL)
    assert off_by(FusedW2v(front)(sound), front(sound)) < 1e-4


@needs_golden
def test_features_have_the_published_numbers():
    golden = arrays("w2v")
    shapes = published_keys("wav2vec2_mms300m_shape")
    needed = {key: shape for key, shape in shapes.items() if own_name(key) is not None}
    assert len(shapes) - len(needed) == 17 * 16 + 10  # layers 8 to 24; norm, mask, quantiser and projections
    state = {key: filled(key, torch.empty(shape, device="meta")) for key, shape in needed.items()}
    front = load_w2v({**state, **{key: torch.empty(0) for key in shapes.keys() - needed.keys()}})
    samples = golden["in_audio"][None]
    assert torch.equal(padded(samples), golden["in_padded"])
    assert off_by(front(samples), golden["out_layer7"]) < 1e-4
    assert off_by(FusedW2v(front)(samples), golden["out_layer7"]) < 1e-4


@pytest.mark.parametrize(("samples", "vectors"), [(1, 4), (1279, 4), (1280, 8), (4000, 16)])
def test_the_padding_makes_whole_blocks_of_four_vectors(whole, samples, vectors):
    assert load_w2v(whole.state_dict(), SMALL)(torch.randn(1, samples)).shape == (1, 32, vectors)


def test_foreign_weights_are_refused(whole):
    state = whole.state_dict()
    with pytest.raises(WeightsError, match="mms-300m shape"):
        load_w2v(state)
    missing = {key: value for key, value in state.items() if "layers.3.attention.q_proj.bias" not in key}
    with pytest.raises(WeightsError) as raised:
        load_w2v(missing, SMALL)
    assert "layers.3.attention.q_proj.bias is missing" in str(raised.value.cause)
    with pytest.raises(WeightsError) as raised:
        load_w2v({**state, "decoder.weight": torch.zeros(1)}, SMALL)
    assert "decoder.weight is unknown" in str(raised.value.cause)
