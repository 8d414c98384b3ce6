"""The adapter reads its inputs at the right times."""

import torch

from codub.speech.adapter import SpeechAdapter, _paired, _unpaired, sampled


def test_sampling_a_ramp_gives_the_time_of_each_vectors_middle() -> None:
    ramp = torch.arange(50, dtype=torch.float32)[None, None] / 50  # the time at which each state stands
    read = sampled(ramp, 39, 1.25)[0, 0]
    torch.testing.assert_close(read, (torch.arange(39) + 0.5) / 40)


def test_the_last_value_repeats_beyond_the_end() -> None:
    assert sampled(torch.tensor([[[0.0, 1.0]]]), 4, 1.0)[0, 0].tolist() == [0.5, 1.0, 1.0, 1.0]


def test_pairs_come_apart_in_the_order_in_which_they_were_joined() -> None:
    values = torch.arange(24.0).reshape(1, 3, 8)
    assert torch.equal(_unpaired(_paired(values)), values)
    assert _paired(values)[0, :2, 0].tolist() == [0.0, 1.0]


def test_a_vector_depends_only_on_sound_near_it() -> None:
    torch.manual_seed(0)
    adapter = SpeechAdapter(phonemes=5, heard=8, mel=4, features=6, width=16).eval()
    heard, mel = torch.randn(1, 200, 8), torch.randn(1, 4, 400)
    before = adapter(heard, mel, 160)
    changed = heard.clone()
    changed[:, :20] = 0.0
    after = adapter(changed, mel, 160)
    same = (before.features == after.features).all(dim=1)[0]
    assert not same[0]
    assert same[56:].all()  # 20 positions are 16 vectors, and each hears 38 to either side


def test_normalised_outputs_come_in_the_targets_scale() -> None:
    adapter = SpeechAdapter(phonemes=5, heard=8, mel=4, features=6, width=16).eval()
    heard, mel = torch.randn(1, 50, 8), torch.randn(1, 4, 100)
    plain = adapter(heard, mel, 40)
    adapter.feature_mean.fill_(3.0)
    adapter.feature_scale.fill_(2.0)
    adapter.prosody_mean.copy_(torch.tensor([5.0, -1.0]))
    scaled = adapter(heard, mel, 40)
    torch.testing.assert_close(scaled.features, plain.features * 2 + 3)
    torch.testing.assert_close(scaled.log_f0, plain.log_f0 + 5)
    torch.testing.assert_close(scaled.energy, plain.energy - 1)
    assert scaled.log_f0.shape == scaled.energy.shape == scaled.voicing.shape == (1, 80)
