"""Rational-quadratic splines: invertible, increasing, the identity outside, with the slope they say."""

import torch

from codub.speech.hierspeechpp.spline import BOUND, PARAMETERS, spline


def _case():
    generator = torch.Generator().manual_seed(0)
    values = torch.linspace(-6, 6, 97, dtype=torch.float64).reshape(1, 1, -1)
    row = 2 * torch.randn(PARAMETERS, generator=generator, dtype=torch.float64)
    return values, row.expand(1, 1, 97, -1)


def test_the_inverse_undoes_it():
    values, parameters = _case()
    there, log_slope = spline(values, parameters)
    back, log_inverse = spline(there, parameters, inverse=True)
    torch.testing.assert_close(back, values)
    torch.testing.assert_close(log_inverse, -log_slope)


def test_it_increases_and_leaves_what_is_outside_alone():
    values, parameters = _case()
    there, log_slope = spline(values, parameters)
    assert (there.diff() > 0).all()
    outside = values.abs() > BOUND
    assert torch.equal(there[outside], values[outside])
    assert (log_slope[outside] == 0).all()


def test_the_slope_is_the_derivative():
    values, parameters = _case()
    values = values.clone().requires_grad_()
    there, log_slope = spline(values, parameters, 0.5)
    (slope,) = torch.autograd.grad(there.sum(), values)
    torch.testing.assert_close(slope.log(), log_slope.detach())


def test_zero_parameters_differ_from_the_identity_by_the_softplus_alone():
    values = torch.linspace(-BOUND, BOUND, 11)[None, None]
    there, _ = spline(values, torch.zeros(1, 1, 11, PARAMETERS))
    torch.testing.assert_close(there, values)  # knots on the diagonal stay there whatever the slopes
