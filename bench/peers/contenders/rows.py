"""What the Python programs share: the job, chunks of a CSV from pandas, what they say, the log loss."""
import json
import math
import sys

import numpy as np
import pandas as pd

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)

CHUNK_ROWS = 100_000
numbers, categories, target = job["numbers"], job["categories"], job["target"]


def chunks(path):
    """Numbers as f32, categories as texts, labels."""
    kinds = {name: np.float32 for name in [*numbers, target]} | {name: str for name in categories}
    reader = pd.read_csv(
        path, chunksize=CHUNK_ROWS, dtype=kinds, usecols=[*numbers, *categories, target], keep_default_na=True
    )
    for chunk in reader:
        yield chunk[numbers].to_numpy(), chunk[categories], chunk[target].to_numpy()


class Scaler:
    """Mean 0 and deviation 1, by the first chunk; a missing number becomes 0."""

    def __init__(self, x):
        self.mean = np.nanmean(x, axis=0) if x.shape[1] else np.zeros(0, np.float32)
        deviation = np.nanstd(x, axis=0) if x.shape[1] else np.ones(0, np.float32)
        self.scale = np.where(deviation > 0, deviation, 1).astype(np.float32)

    def __call__(self, x):
        return np.nan_to_num((x - self.mean) / self.scale, copy=False)


class Categories:
    """Texts to indices: hashed, or by the values of the first chunk; index 0 of a column is for all others."""

    def __init__(self, frame):
        self.bits = job["hashBits"]
        self.first, self.size = [], 0
        self.values = []
        if self.bits is not None:
            self.size = 1 << self.bits
            return
        for name in categories:
            values = pd.Index(frame[name].fillna("").unique())
            self.first.append(self.size)
            self.values.append(values)
            self.size += len(values) + 1

    def __call__(self, frame):
        indices = np.empty((len(frame), len(categories)), np.int64)
        for i, name in enumerate(categories):
            column = frame[name].fillna("")
            if self.bits is None:
                indices[:, i] = self.values[i].get_indexer(column) + 1 + self.first[i]
            else:
                codes, values = pd.factorize(column)
                hashes = pd.util.hash_array(np.asarray(values, dtype=object), hash_key=f"{i:016d}")
                indices[:, i] = (hashes & np.uint64(self.size - 1)).astype(np.int64)[codes]
        return indices


def say(**what):
    # NaN is no JSON: null, as JavaScript writes it.
    known = {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in what.items()}
    print(json.dumps(known), flush=True)


def log_loss(probabilities, labels):
    p = np.clip(np.asarray(probabilities, np.float64), 1e-7, 1 - 1e-7)
    return -np.where(labels == 1, np.log(p), np.log(1 - p)).sum()
