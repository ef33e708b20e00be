"""exp, log and log1p to 340 digits with Python's decimal module, rounded once to f64; writes numeric.json beside this file."""
import json
import pathlib
import platform
import random
from decimal import Decimal, getcontext

getcontext().prec = 340
getcontext().Emin = -(10**6)
draw = random.Random(1)

small = [draw.choice([-1, 1]) * 2.0 ** draw.uniform(-60, 0) for _ in range(150)]
exp_at = [draw.uniform(-745, 709.7) for _ in range(250)] + small + [709.782712893384, -745.1332191019411, -708.5, -744.5]
log_at = [2.0 ** draw.uniform(-1074, 1023) for _ in range(250)] + [1 + x / 2 for x in small]
log_at += [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 2.0, 0.5, 10.0, 1.4142135623730951, 0.7071067811865476]
log1p_at = small + [2.0 ** draw.uniform(0, 1000) for _ in range(100)] + [draw.uniform(-0.999, 3) for _ in range(150)]
log1p_at += [-1 + 2.0**-53, 1e-300, 1.0, 0.41421356237309515, -0.2928932188134524]


def table(function, arguments):
    return [[x, float(function(Decimal(x)))] for x in arguments]


golden = {
    "oracle": f"decimal module of Python {platform.python_version()}, 340 digits, rounded to the nearest f64",
    "exp": table(lambda x: x.exp(), exp_at),
    "log": table(lambda x: x.ln(), log_at),
    "log1p": table(lambda x: (1 + x).ln(), log1p_at),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")).replace("]],", "]],\n").replace("],[", "],\n[") + "\n")
