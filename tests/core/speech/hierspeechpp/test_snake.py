"""The anti-aliased snake against SciPy's resampling, and what it is for."""

import numpy as np
import torch
from golden_fill import fill
from scipy.signal import firwin, upfirdn

from codub.speech.hierspeechpp.snake import AntiAliasedSnake, low_pass


def test_the_low_pass_is_a_kaiser_windowed_sinc():
    # Half the doubled band, a transition of 0.3: Kaiser's formulas with 12 taps, as SciPy designs them.
    expected = firwin(12, 0.5, window=("kaiser", 4.663800), scale=True)
    np.testing.assert_allclose(low_pass().numpy().ravel(), expected, atol=1e-7)


def test_it_is_what_its_three_steps_are():
    snake = fill(AntiAliasedSnake(3))
    x = torch.randn(2, 3, 21, generator=torch.Generator().manual_seed(0))
    alpha, beta = snake.act.alpha.detach().double().exp().numpy(), snake.act.beta.detach().double().exp().numpy()
    taps = low_pass().double().numpy().ravel()
    expected = np.empty(x.shape)
    for b in range(2):
        for c in range(3):
            edged = np.pad(x[b, c].double().numpy(), 5, mode="edge")
            doubled = 2 * upfirdn(taps, edged, up=2)[15:-15][: 2 * 21]
            bent = doubled + np.sin(alpha[c] * doubled) ** 2 / beta[c]
            # upfirdn convolves with the taps turned round; they are symmetric
            expected[b, c] = upfirdn(taps, np.pad(bent, (5, 6), mode="edge"), down=1)[11::2][:21]
    np.testing.assert_allclose(snake(x).detach().numpy(), expected, atol=1e-5)


def test_overtones_above_the_band_do_not_fold_back():
    """The overtone of a tone at 0.4 of the rate would appear at 0.2 of it; twelve taps keep most of it away."""
    times = torch.arange(400)
    tone = torch.sin(2 * torch.pi * 0.4 * times)[None, None]
    snake = AntiAliasedSnake(1)
    made = snake(tone)[0, 0, 100:300].detach()
    naive = snake.act(tone)[0, 0, 100:300].detach()

    def at(signal: torch.Tensor, frequency: float) -> float:
        wave = torch.exp(2j * torch.pi * frequency * torch.arange(len(signal)))
        return float((signal * wave).mean().abs())

    assert at(made, 0.2) < 0.5 * at(naive, 0.2)
    assert at(made, 0.4) > 0.3 * at(naive, 0.4)
