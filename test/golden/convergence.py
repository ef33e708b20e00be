"""Writes convergence.json: what scikit-learn's solvers converge to, and the data they saw.

    python3 test/golden/convergence.py > test/golden/convergence.json    (then prettier)

Every case is the minimum of mean loss + (l2 / 2)·|w|² without a penalty on the intercept, on features scaled to mean 0 and
population deviation 1, as millrace scales them. How l2 becomes scikit-learn's strength, for n training rows:

    LogisticRegression   C·Σ loss + |w|²/2                        C = 1 / (l2·n)
    SVC, linear kernel   C·Σ hinge + |w|²/2                       C = 1 / (l2·n); SGDClassifier(loss="hinge", alpha=l2)
                         has the same minimum, but only comes near it; LinearSVC penalises the intercept
    Ridge                Σ (ŷ − y)² + alpha·|w|²                  millrace divides y by its deviation s, so that w is w/s:
                         both sides times s² give alpha = n·l2/2
    PoissonRegressor     mean half deviance + alpha·|w|²/2        millrace divides y by its mean s, which divides the
    GammaRegressor                                                Poisson loss by s and leaves the others as they are,
                         and moves the intercept by log s: alpha = l2·s, and l2 for gamma
    QuantileRegressor                                             has an L1 penalty only: alpha = l2 = 0

Weights are for scaled features and y in its own units; `heldOut` is the mean loss of the held-out rows in those units.
Data: diabetes (`body`: its first four columns), breast cancer (its first ten columns) and wine of scikit-learn; every fourth row is held out.
"""

import json
import sys

import numpy as np
import scipy.stats
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import (
    GammaRegressor,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
)
from sklearn.svm import SVC

L2 = 0.01


def data(load, columns, names=None):
    bunch = load(as_frame=True)
    features = bunch.data.iloc[:, :columns]
    # Six digits: written as text, both see the same numbers.
    x = np.array([[float(f"{value:.6g}") for value in row] for row in features.to_numpy()])
    y = bunch.target.to_numpy() if names is None else np.array(names)[bunch.target.to_numpy()]
    return [f"x{i}" for i in range(columns)], x, y


DATA = {
    "diabetes": data(lambda **how: load_diabetes(scaled=False, **how), 10),
    # Without the blood serums, which are nearly collinear: subgradients get along such valleys only slowly.
    "body": data(lambda **how: load_diabetes(scaled=False, **how), 4),
    "cancer": data(load_breast_cancer, 10, ["a", "b"]),
    "wine": data(load_wine, 13, ["a", "b", "c"]),
}


def pinball(q):
    return lambda y, z: np.maximum(q * (y - z), (1 - q) * (z - y))


def logistic(y, z):
    return np.logaddexp(0, z) - (y == "b") * z


def softmax(y, z):
    picked = z[np.arange(len(y)), np.searchsorted(["a", "b", "c"], y)]
    return np.logaddexp.reduce(z, axis=1) - picked


# What is minimised, and what is reported, for a row with the score z (of Poisson and gamma the log of the mean).
LOSSES = {
    "squared": lambda y, z: (y - z) ** 2,
    "quantile": pinball(0.5),
    "poisson": lambda y, z: np.exp(z) - y + y * (np.log(y) - z),
    "gamma": lambda y, z: y / np.exp(z) - 1 - np.log(y) + z,
    "hinge": lambda y, z: np.maximum(0, 1 - (2 * (y == "b") - 1) * z),
    "logistic": logistic,
    "softmax": softmax,
}


def cases():
    tight = {"tol": 1e-12, "max_iter": 100_000}
    for name, dataset, options, make in [
        ("LogisticRegression", "cancer", {"loss": "logistic", "l2": L2},
         lambda n, s: LogisticRegression(C=1 / (L2 * n), **tight)),
        ("LogisticRegression", "wine", {"loss": "softmax", "l2": L2},
         lambda n, s: LogisticRegression(C=1 / (L2 * n), **tight)),
        ("Ridge", "diabetes", {"loss": "squared", "l2": L2}, lambda n, s: Ridge(n * L2 / 2)),
        ("PoissonRegressor", "diabetes", {"loss": "poisson", "l2": L2},
         lambda n, s: PoissonRegressor(alpha=L2 * s, solver="newton-cholesky", **tight)),
        ("GammaRegressor", "diabetes", {"loss": "gamma", "l2": L2},
         lambda n, s: GammaRegressor(alpha=L2, solver="newton-cholesky", **tight)),
        ("QuantileRegressor", "body", {"loss": "quantile", "quantile": 0.5, "l2": 0},
         lambda n, s: QuantileRegressor(quantile=0.5, alpha=0)),
        ("QuantileRegressor", "body", {"loss": "quantile", "quantile": 0.9, "l2": 0},
         lambda n, s: QuantileRegressor(quantile=0.9, alpha=0)),
        ("SVC", "cancer", {"loss": "hinge", "l2": L2}, lambda n, s: SVC(kernel="linear", C=1 / (L2 * n), tol=1e-10)),
    ]:
        _, x, y = DATA[dataset]
        held_out = np.arange(len(x)) % 4 == 3
        scaled = (x - x[~held_out].mean(0)) / x[~held_out].std(0)
        train = y[~held_out]
        s = train.mean() if options["loss"] == "poisson" else 1
        model = make(len(train), s).fit(scaled[~held_out], train)
        weights, intercept = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        z = scaled @ weights.T + intercept
        z = z if options["loss"] == "softmax" else z[:, 0]
        loss = pinball(options["quantile"]) if "quantile" in options else LOSSES[options["loss"]]
        yield {
            "model": name,
            "data": dataset,
            "options": options,
            "weights": weights.tolist(),
            "intercept": intercept.tolist(),
            "heldOut": loss(y[held_out], z[held_out]).mean(),
        }


json.dump(
    {
        "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
        "data": {
            name: {"columns": [*columns, "y"], "rows": [[*map(float, row), value] for row, value in zip(x, y.tolist())]}
            for name, (columns, x, y) in DATA.items()
        },
        "cases": list(cases()),
    },
    sys.stdout,
)
