"""The style of a voice in this stack: both encoders' reading of one prompt."""

import numpy as np
import pytest
import torch

from codub.errors import LatentSpaceError
from codub.latent import EMBEDDED, HIERSPEECHPP
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.style import SOUND_PART, TTV_PART, part, style_of
from codub.speech.hierspeechpp.style_encoder import StyleEncoder
from codub.speech.model import Style


def test_a_style_holds_what_each_encoder_reads():
    torch.manual_seed(0)
    ttv, synthesizer = StyleEncoder().eval(), StyleEncoder().eval()
    samples = 0.1 * np.random.default_rng(0).standard_normal(8000).astype(np.float32)
    style = style_of(samples, ttv, synthesizer, "two clips")
    assert (style.space, style.vector.shape, style.vector.dtype) == (HIERSPEECHPP, (512,), np.float32)
    assert style.origin == "two clips"
    mel = log_mel(torch.from_numpy(samples)[None])
    for encoder, own in ((ttv, TTV_PART), (synthesizer, SOUND_PART)):
        with torch.inference_mode():
            torch.testing.assert_close(part(style, own)[:, :, 0], encoder(mel, torch.ones(1, 1, 25)))


def test_another_voices_style_is_refused():
    with pytest.raises(LatentSpaceError, match="'embedded'"):
        part(Style(EMBEDDED, np.zeros(256, dtype=np.float32)), TTV_PART)
