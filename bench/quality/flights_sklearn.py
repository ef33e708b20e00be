"""What a converged linear model reaches on data/flights.csv: the number that millrace is compared with.

    python3 bench/quality/flights_sklearn.py [seed ...]

Needs numpy, pandas, scipy and scikit-learn. For each seed, 10 % of the rows are drawn at random and held out; each
encoding is fitted with LogisticRegression (L2 with C = 1, lbfgs, until its gradient is small) on the others. `mean` is
the log loss of predicting the share of late flights among the training rows. It moves with the draw by about 0.001,
and the losses of the models move with it, so compare differences from it.
"""

import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FLIGHTS = Path(__file__).resolve().parents[2] / "data" / "flights.csv"
AIRPORTS = ["origin", "destination"]
ENCODINGS = {
    # name: (standardised columns, one-hot columns)
    "numbers only": (["month", "dayofweek", "hour", "distance"], []),
    "numbers + airports": (["month", "dayofweek", "hour", "distance"], AIRPORTS),
    "numbers + airports, hour one-hot": (["month", "dayofweek", "distance"], ["hour", *AIRPORTS]),
    "distance + everything else one-hot": (["distance"], ["month", "dayofweek", "hour", *AIRPORTS]),
}


def encode(frame, train, numbers, categories):
    """Features as one sparse matrix; statistics and vocabularies come from the training rows."""
    scaled = StandardScaler().fit(frame.loc[train, numbers]).transform(frame[numbers])
    blocks = [sparse.csr_matrix(scaled)]
    if categories:
        encoder = OneHotEncoder(handle_unknown="ignore").fit(frame.loc[train, categories])
        blocks.append(encoder.transform(frame[categories]))
    return sparse.hstack(blocks, format="csr")


def main():
    seeds = [int(seed) for seed in sys.argv[1:]] or [1]
    names = ("numpy", "pandas", "scipy", "scikit-learn")
    print(f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in names))
    frame = pd.read_csv(FLIGHTS)
    target = frame["late"].to_numpy()
    print(f"{len(frame)} rows, {target.mean():.6f} late")
    for seed in seeds:
        held_out = np.random.default_rng(seed).random(len(frame)) < 0.1
        train = ~held_out
        y, expected = target[train], target[held_out]
        mean = log_loss(expected, np.full(len(expected), y.mean()))
        print(f"\nseed {seed}: {held_out.sum()} rows held out; mean {mean:.5f}")
        for name, (numbers, categories) in ENCODINGS.items():
            features = encode(frame, train, numbers, categories)
            start = time.perf_counter()
            model = LogisticRegression(max_iter=1000, tol=1e-5).fit(features[train], y)
            probability = model.predict_proba(features[held_out])[:, 1]
            print(
                f"  {name:36} loss {log_loss(expected, probability):.5f}"
                f"  auc {roc_auc_score(expected, probability):.5f}"
                f"  accuracy {accuracy_score(expected, probability > 0.5):.4f}"
                f"  brier {brier_score_loss(expected, probability):.5f}"
                f"  ({features.shape[1]} features, {model.n_iter_[0]} iterations,"
                f" {time.perf_counter() - start:.0f} s)",
                flush=True,
            )


if __name__ == "__main__":
    main()
