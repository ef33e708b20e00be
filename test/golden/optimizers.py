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


def ftrl(beta, l1, l2):
    """McMahan et al. 2013, algorithm 1, as printed (alpha is the rate); PyTorch has none."""

    class Ftrl:
        def __init__(self, weights):
            self.weights = weights[0]
            self.z = torch.zeros_like(self.weights)
            self.n = torch.zeros_like(self.weights)

        @torch.no_grad()
        def step(self):
            g = self.weights.grad
            sigma = ((self.n + g * g).sqrt() - self.n.sqrt()) / RATE
            self.z += g - sigma * self.weights
            self.n += g * g
            w = -(self.z - self.z.sign() * l1) / ((beta + self.n.sqrt()) / RATE + l2)
            self.weights.copy_(torch.where(self.z.abs() <= l1, torch.zeros_like(w), w))

    return Ftrl


ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
ADAM_B = {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}
ADAM_C = {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-1}
FTRL = {"l1": 0.75, "l2": 0.5}
optim = torch.optim
MAKERS = [
    ("sgd", {}, {}, lambda p: optim.SGD(p, lr=RATE)),
    ("momentum", {"momentum": 0.9}, {}, lambda p: optim.SGD(p, lr=RATE, momentum=0.9)),
    ("nesterov", {"momentum": 0.9}, {}, lambda p: optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True)),
    ("sgd", {}, {"l2": 0.25}, lambda p: optim.SGD(p, lr=RATE, weight_decay=0.25)),
    ("momentum", {"momentum": 0.5}, {"l2": 0.25}, lambda p: optim.SGD(p, lr=RATE, momentum=0.5, weight_decay=0.25)),
    ("adagrad", {"initialAccumulator": 0, "epsilon": 1e-10}, {}, lambda p: optim.Adagrad(p, lr=RATE)),
    (
        "adagrad",
        {"initialAccumulator": 0.5, "epsilon": 1e-3},
        {},
        lambda p: optim.Adagrad(p, lr=RATE, initial_accumulator_value=0.5, eps=1e-3),
    ),
    ("adam", ADAM, {}, lambda p: optim.Adam(p, lr=RATE)),
    ("adam", ADAM_B, {}, lambda p: optim.Adam(p, lr=RATE, betas=(0.5, 0.9), eps=1e-3)),
    ("adamw", ADAM, {"weightDecay": 0.01}, lambda p: optim.AdamW(p, lr=RATE)),
    ("adamw", ADAM_C, {"weightDecay": 0.5}, lambda p: optim.AdamW(p, lr=RATE, betas=(0.5, 0.9), eps=1e-1, weight_decay=0.5)),
    ("rmsprop", {"decay": 0.99, "epsilon": 1e-8}, {}, lambda p: optim.RMSprop(p, lr=RATE)),
    ("rmsprop", {"decay": 0.5, "epsilon": 1e-3}, {}, lambda p: optim.RMSprop(p, lr=RATE, alpha=0.5, eps=1e-3)),
    ("ftrl", {"beta": 1}, {}, ftrl(1, 0, 0)),
    ("ftrl", {"beta": 0.5}, FTRL, ftrl(0.5, **FTRL)),
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
            "source": f"PyTorch {torch.__version__} (ftrl: the paper), f64",
            "learningRate": RATE,
            "gradients": gradients.astype(numpy.float64).tolist(),
            "runs": [
                {"optimizer": name, "settings": settings, "penalties": penalties, "weights": trajectory(make)}
                for name, settings, penalties, make in MAKERS
            ],
        }
    )
)
