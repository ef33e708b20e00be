"""Writes optimizers.json: 50 steps of PyTorch's optimizers, in f64, on fixed gradients that are exact in f32.

With Debian's python3-torch: python3 test/golden/optimizers.py | npx prettier --parser json > test/golden/optimizers.json
"""

import json

import numpy
import torch

STEPS, RATE = 50, 0.125
# One scale a parameter. Each keeps its sign, so that sums do not cancel and relative errors can be bounded.
SCALES = numpy.array([1.0, -1.0, 0.01, -300.0, 1e-4, -1e-7, 2e4, 0.5])

draw = numpy.random.default_rng(7)
gradients = (draw.uniform(0.05, 2.0, (STEPS, len(SCALES))) * SCALES).astype(numpy.float32)
gradients[3] = 0
gradients[:10, 7] = 0

MAKERS = [
    ("sgd", {}, lambda p: torch.optim.SGD(p, lr=RATE)),
    ("momentum", {"momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9)),
    ("adagrad", {"initialAccumulator": 0, "epsilon": 1e-10}, lambda p: torch.optim.Adagrad(p, lr=RATE)),
    (
        "adagrad",
        {"initialAccumulator": 0.5, "epsilon": 1e-3},
        lambda p: torch.optim.Adagrad(p, lr=RATE, initial_accumulator_value=0.5, eps=1e-3),
    ),
    ("adam", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, lambda p: torch.optim.Adam(p, lr=RATE)),
    (
        "adam",
        {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
        lambda p: torch.optim.Adam(p, lr=RATE, betas=(0.5, 0.9), eps=1e-3),
    ),
]


def trajectory(make):
    weights = torch.zeros(len(SCALES), dtype=torch.float64, requires_grad=True)
    optimizer = make([weights])
    path = []
    for gradient in gradients:
        weights.grad = torch.tensor(gradient.astype(numpy.float64))
        optimizer.step()
        path.append(weights.detach().tolist())
    return path


print(
    json.dumps(
        {
            "source": f"PyTorch {torch.__version__}, f64",
            "learningRate": RATE,
            "gradients": gradients.astype(numpy.float64).tolist(),
            "runs": [
                {"optimizer": name, "settings": settings, "weights": trajectory(make)}
                for name, settings, make in MAKERS
            ],
        }
    )
)
