"""Losses and gradients of single rows from scikit-learn; writes losses.json beside this file.

scikit-learn halves the squared error and Huber's loss, which are doubled here: ours is (z - y)^2. It leaves out of the
Poisson, gamma and Tweedie losses what does not depend on z; with constant_to_optimal_zero they are half the deviance, as
ours are. The hinge losses are those of SGDClassifier, whose classes are -1 and 1.
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn._loss import (
    HalfBinomialLoss,
    HalfGammaLoss,
    HalfMultinomialLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HalfTweedieLoss,
    HuberLoss,
    PinballLoss,
)
from sklearn.linear_model._sgd_fast import Hinge, SquaredHinge

random = np.random.default_rng(1)
weights = random.uniform(0, 3, 12)

z = random.normal(0, 3, 12)
y = random.normal(0, 3, 12)
value, gradient = HalfSquaredError().loss_gradient(y, z, weights)
squared = dict(z=z, y=y, weight=weights, loss=2 * value, gradient=2 * gradient, prediction=z)

z = np.concatenate([random.normal(0, 5, 8), [0.0, 30.0, -30.0, 2.5]])
y = np.array([0.0, 1.0] * 6)
value, gradient = HalfBinomialLoss().loss_gradient(y, z, weights)
prediction = HalfBinomialLoss().predict_proba(z)[:, 1]
logistic = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=prediction)

z = random.normal(0, 3, (12, 5))
y = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 2.0, 3.0, 4.0, 2.0, 2.0])
multinomial = HalfMultinomialLoss(n_classes=5)
value, gradient = multinomial.loss_gradient(y, z, weights)
softmax = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=multinomial.predict_proba(z))

cases = dict(squared=squared, logistic=logistic, softmax=softmax)

z = random.normal(0, 3, 12)
y = random.normal(0, 3, 12)
for delta in (0.7, 2.5):
    huber = HuberLoss(delta=delta)
    huber.closs.delta = delta
    value, gradient = huber.loss_gradient(y, z, weights)
    case = dict(z=z, y=y, weight=weights, loss=2 * value, gradient=2 * gradient, prediction=z)
    cases[f"huber {delta}"] = case | dict(settings=dict(huberDelta=delta))
for q in (0.1, 0.5, 0.9):
    value, gradient = PinballLoss(quantile=q).loss_gradient(y, z, weights)
    case = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=z)
    cases[f"quantile {q}"] = case | dict(settings=dict(quantile=q))

z = random.normal(0, 2, 12)
positive = random.gamma(1.5, 2, 12)
counts = random.poisson(2, 12).astype(float)
amounts = np.where(np.arange(12) % 3 == 0, 0.0, positive)


def deviance(loss, y, settings={}):
    value, gradient = loss.loss_gradient(y, z, weights)
    value += weights * loss.constant_to_optimal_zero(y)
    prediction = loss.link.inverse(z)
    case = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=prediction)
    return case | dict(settings=settings)


cases["poisson"] = deviance(HalfPoissonLoss(), counts)
cases["gamma"] = deviance(HalfGammaLoss(), positive)
for p in (1.1, 1.5, 1.9):
    cases[f"tweedie {p}"] = deviance(HalfTweedieLoss(power=p), amounts, dict(tweediePower=p))

z = random.normal(0, 2, 12)
y = np.array([0.0, 1.0] * 6)
for name, hinge in {"hinge": Hinge(1.0), "squared-hinge": SquaredHinge(1.0)}.items():
    sides = 2 * y - 1
    value = weights * [hinge.py_loss(p, side) for p, side in zip(z, sides)]
    gradient = weights * [hinge.py_dloss(p, side) for p, side in zip(z, sides)]
    cases[name] = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=z)


def plain(column):
    return column if isinstance(column, dict) else np.asarray(column).tolist()


cases = {name: {key: plain(column) for key, column in case.items()} for name, case in cases.items()}
golden = {"oracle": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(golden, indent=1) + "\n")
