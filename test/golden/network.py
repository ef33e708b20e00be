"""Writes network.json: what a small network of fixed weights predicts, in NumPy's f64, and how far f32 may be from it.

With NumPy 2: python test/golden/network.py | npx prettier --parser json > test/golden/network.json
"""

import json

import numpy

HIDDEN, EMBEDDING, EPSILON = [5, 6], 3, 1e-5
NUMBERS = [{"name": "a", "mean": 0.5, "scale": 2.0}, {"name": "b", "mean": -1.0, "scale": 0.25}]
CATEGORIES = [{"name": "colour", "values": ["blue", "green", "red"]}, {"name": "size", "values": ["large", "small"]}]
# The largest relative error of one rounding to f32.
U = 2.0**-24

draw = numpy.random.default_rng(11)


def weights(*shape):
    """Numbers that are exact in f32."""
    return draw.uniform(-1, 1, shape).astype(numpy.float32).astype(float)


layers, inputs = [], len(NUMBERS) + EMBEDDING * len(CATEGORIES)
for units in [*HIDDEN, 1]:
    layer = {"weights": weights(inputs, units), "bias": weights(units)}
    if len(layers) < len(HIDDEN):
        layer |= {"gain": weights(units), "shift": weights(units)}
    layers.append(layer)
    inputs = units
embeddings = [weights(len(column["values"]) + 1, EMBEDDING) for column in CATEGORIES]

rows = []
for i in range(24):
    numbers = [draw.integers(-32, 32) / 16 for _ in NUMBERS]
    # The place behind the values is that of a missing one.
    places = [int(draw.integers(0, len(column["values"]) + 1)) for column in CATEGORIES]
    rows.append((numbers, places, int(draw.integers(0, 2))))


def affine(x, error, w, b):
    """x·W + b. Of n products and a bias, each is rounded and then added: n + 2 roundings of the sum of their sizes."""
    sizes = numpy.abs(x) @ numpy.abs(w) + numpy.abs(b)
    return x @ w + b, error @ numpy.abs(w) + (len(x) + 2) * U * sizes


def layer_norm(z, error, gain, shift):
    """(z − mean) / √(variance + ε)·gain + shift, by the biased variance. Errors to first order, with 1 % for the others."""
    n = len(z)
    mean = z.mean()
    distance = z - mean
    distance_error = error + error.mean() + (n + 1) * U * numpy.abs(z).mean() + U * numpy.abs(distance)
    variance = (distance**2).mean() + EPSILON
    variance_error = (2 * numpy.abs(distance) * distance_error).mean() + (n + 4) * U * variance
    root = variance**0.5
    normal = distance / root
    # The root, the division and the product with the gain are rounded, then the sum.
    normal_error = distance_error / root + numpy.abs(normal) * (variance_error / (2 * variance) + 4 * U)
    y = normal * gain + shift
    return y, 1.01 * (normal_error * numpy.abs(gain) + U * (numpy.abs(normal * gain) + numpy.abs(y)))


def score(numbers, places):
    dense = [(x - column["mean"]) / column["scale"] for x, column in zip(numbers, NUMBERS)]
    x = numpy.concatenate([dense, *(rows[place] for rows, place in zip(embeddings, places))])
    error = U * numpy.abs(x)
    for layer in layers:
        x, error = affine(x, error, layer["weights"], layer["bias"])
        if "gain" in layer:
            x, error = layer_norm(x, error, layer["gain"], layer["shift"])
            # A relu takes no error further from 0.
            x = numpy.maximum(x, 0)
    return x[0], error[0]


def text(numbers, places, label):
    names = [[*column["values"], ""][place] for column, place in zip(CATEGORIES, places)]
    return ",".join([*map(str, numbers), *names, ["no", "yes"][label]])


scores = [score(numbers, places) for numbers, places, _ in rows]
z, errors = (numpy.array(column) for column in zip(*scores))
p = 1 / (1 + numpy.exp(-z))
losses = numpy.logaddexp(0, numpy.where([label for *_, label in rows], -z, z))
header = ",".join([column["name"] for column in [*NUMBERS, *CATEGORIES]] + ["y"])
golden = {
    "source": f"NumPy {numpy.__version__}",
    "network": {"hidden": HIDDEN, "activation": "relu", "layerNorm": True, "embedding": EMBEDDING},
    "numbers": NUMBERS,
    "categories": CATEGORIES,
    "layers": [{name: part.ravel().tolist() for name, part in layer.items()} for layer in layers],
    "categoryWeights": numpy.concatenate(embeddings).ravel().tolist(),
    "csv": [header, *(text(*row) for row in rows)],
    # The slope of p is p·(1 − p), and of the loss at most 1. The kernel's sigmoid is off by up to 2.5 units in the last
    # place (5 roundings), its loss by up to 4 (8 roundings).
    "probabilities": [{"value": v, "error": e * 0.25 + 5 * U * v} for v, e in zip(p, errors)],
    "loss": {"value": losses.mean(), "error": errors.mean() + 8 * U * losses.mean()},
}
print(json.dumps(golden))
