"""How wide and deep the synthesizer is: the published size, and whatever a test or an experiment makes of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SynthesizerSize:
    """The defaults are the published checkpoint's.

    `features` channels of a w2v vector, `latent` of a latent frame, `style` of the style vector; `bins` of the linear
    spectrum. `width` channels enter the waveform generator's first stage and halve at each; half of it enters the
    source network; `narrow` leave the posterior's first convolution and double at each stage. Layers are those of one
    WaveNet stack. `bands` is what the prosody head tells.
    """

    features: int = 1024
    latent: int = 192
    style: int = 256
    bins: int = 641
    width: int = 512
    narrow: int = 16
    prior_layers: int = 8
    posterior_layers: int = 16
    heads: int = 2
    bands: int = 20

    @property
    def pitch(self) -> int:
        """Channels of the source network's features."""
        return self.width // 8


PUBLISHED = SynthesizerSize()

SAMPLES_PER_FRAME = 320  # 16 kHz over 50 Hz
PITCH_PER_FRAME = 4  # F0 at 200 Hz over 50 Hz
SAMPLE_RATE = 16_000
