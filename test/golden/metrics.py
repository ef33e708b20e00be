"""Writes metrics.json: scikit-learn's metrics of fixed rows, weighted and not; all inputs are exact in f32.

With scikit-learn: python3 test/golden/metrics.py | npx prettier --parser json > test/golden/metrics.json
"""

import json

import numpy
import sklearn
from sklearn import metrics

ROWS = 100
draw = numpy.random.default_rng(11)


def f32(values):
    return numpy.asarray(values, dtype=numpy.float32).astype(numpy.float64)


def binary(weights):
    labels = (draw.uniform(size=ROWS) < 0.3).astype(float)
    p = f32(1 / (1 + numpy.exp(-draw.normal(labels * 1.5 - 1, 2.5))))
    p[10:30] = f32(numpy.round(p[10:30], 1))
    p[30:36] = f32(p[30:36] * 1e-6)
    auc = metrics.roc_auc_score(labels, p, sample_weight=weights)
    accuracy = metrics.accuracy_score(labels, p > 0.5, sample_weight=weights)
    brier = metrics.brier_score_loss(labels, p, sample_weight=weights)
    scores = ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)
    of_second = {name: score(labels, p > 0.5, sample_weight=weights) for name, score in scores}
    return "binary", 1, p, labels, {"auc": auc, "accuracy": accuracy, "brier": brier, **of_second}


def scores(weights):
    labels = (draw.uniform(size=ROWS) < 0.3).astype(float)
    z = f32(draw.normal(labels * 1.5 - 1, 2.5))
    z[10:30] = f32(numpy.round(z[10:30], 1))
    z[30:36] = f32(z[30:36] * 1e4)
    auc = metrics.roc_auc_score(labels, z, sample_weight=weights)
    accuracy = metrics.accuracy_score(labels, z > 0, sample_weight=weights)
    scores = ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)
    of_second = {name: score(labels, z > 0, sample_weight=weights) for name, score in scores}
    return "score", 1, z, labels, {"auc": auc, "accuracy": accuracy, **of_second}


def classes(weights):
    labels = draw.integers(0, 4, ROWS).astype(float)
    p = draw.dirichlet(numpy.ones(4), ROWS)
    p[numpy.arange(ROWS), labels.astype(int)] += draw.uniform(0, 0.5, ROWS)
    p = f32(p / p.sum(axis=1, keepdims=True))
    accuracy = metrics.accuracy_score(labels, p.argmax(axis=1), sample_weight=weights)
    scores = ("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)
    options = {"average": "macro", "sample_weight": weights, "zero_division": 0}
    macro = {name: score(labels, p.argmax(axis=1), **options) for name, score in scores}
    return "classes", 4, p, labels, {"accuracy": accuracy, **macro}


def numbers(weights):
    labels = f32(draw.normal(500, 3, ROWS))
    predictions = f32(labels + draw.normal(0.5, 2, ROWS))
    squared = metrics.mean_squared_error(labels, predictions, sample_weight=weights)
    absolute = metrics.mean_absolute_error(labels, predictions, sample_weight=weights)
    r2 = metrics.r2_score(labels, predictions, sample_weight=weights)
    return "number", 1, predictions, labels, {"rmse": squared**0.5, "mae": absolute, "r2": r2}


cases = []
for family in (binary, classes, numbers, scores):
    for weights in (numpy.ones(ROWS), f32(draw.exponential(size=ROWS) * (draw.uniform(size=ROWS) < 0.9))):
        task, outputs, predictions, labels, expected = family(weights)
        cases.append(
            {
                "task": task,
                "outputs": outputs,
                "predictions": predictions.ravel().tolist(),
                "labels": labels.tolist(),
                "weights": weights.tolist(),
                "expected": {name: float(value) for name, value in expected.items()},
            }
        )
print(json.dumps({"source": f"scikit-learn {sklearn.__version__}", "cases": cases}))
