"""Activations and their slopes by PyTorch's autograd in f64, layer norm, and tanh and Φ to 50 digits by mpmath; writes
activations.json beside this file."""
import json
import pathlib
import random

import mpmath
import torch
import torch.nn.functional as F

mpmath.mp.dps = 50
draw = random.Random(1)
arguments = [draw.uniform(-6, 6) for _ in range(40)] + [-30.0, -12.5, -1e-3, 1e-5, 0.625, 20.0]
functions = {
    "relu": F.relu,
    "leaky-relu": F.leaky_relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "silu": F.silu,
}


def table(function):
    z = torch.tensor(arguments, dtype=torch.float64, requires_grad=True)
    a = function(z)
    a.sum().backward()
    return [list(row) for row in zip(arguments, a.tolist(), z.grad.tolist())]


def layer_norm():
    generator = torch.Generator().manual_seed(2)
    rand = lambda *size: torch.randn(*size, dtype=torch.float64, generator=generator).requires_grad_()
    z, gain, shift, dy = rand(3, 7), rand(7), rand(7), rand(3, 7).detach()
    y = F.layer_norm(z, (7,), gain, shift)
    y.backward(dy)
    tensors = dict(z=z, gain=gain, shift=shift, dy=dy, y=y, dz=z.grad, dgain=gain.grad, dshift=shift.grad)
    return {name: tensor.flatten().tolist() for name, tensor in tensors.items()}


numeric_at = [draw.uniform(-9, 9) for _ in range(150)] + [draw.uniform(-37, -3) for _ in range(60)]
numeric_at += [draw.choice([-1, 1]) * 2.0 ** draw.uniform(-40, 3) for _ in range(100)] + [0.999999, 1.0, 2.999999, 3.0]
golden = {
    "oracle": f"PyTorch {torch.__version__}; mpmath {mpmath.__version__}, 50 digits",
    "activations": {name: table(function) for name, function in functions.items()},
    "layerNorm": layer_norm(),
    "tanh": [[x, float(mpmath.tanh(x))] for x in numeric_at],
    "normalDistribution": [[x, float(mpmath.ncdf(x))] for x in numeric_at],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")).replace("]],", "]],\n").replace("],[", "],\n[") + "\n")
