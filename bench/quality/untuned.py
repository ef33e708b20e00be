"""Untuned millrace against scikit-learn's defaults on real data: the table in docs/defaults.md.

    python3 bench/quality/untuned.py [--split 11] [--sets letter,spam] [--columns linear,hidden] [--no-fit]
        [-- more options of train]

Needs numpy, pandas and scikit-learn, data/sets (scripts/fetch-datasets.py) and a build. A tenth of the rows (a fifth
where there are fewer than 5,000; of Fashion-MNIST its own 10,000 test images), drawn from the split's number, is held
out; both see the same files. scikit-learn gets what millrace makes of a CSV: numbers standardised, missing ones the
mean with an indicator, categories one-hot; the target of a regression is standardised for it, as millrace does.
Its losses are kept in data/sets/split, because some take minutes. The loss is the log loss, or for numbers the mean
squared error, of the held-out rows.

The defaults of millrace were chosen on DEVELOPMENT, splits 1 and 2, but for one look at the table (docs/defaults.md).
Per cent: above (+) or below (-) the loss of the better of scikit-learn's two.
"""

import argparse
import json
import platform
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from command import ROOT, millrace
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SETS = ROOT / "data" / "sets"
SPLITS = SETS / "split"
TABLE = {
    # name: target
    "flights": "late",
    "diamonds": "price",
    "shuttle": "Class",
    "fashion": "label",
    "movielens": "rating",
    "letter": "lettr",
    "spam": "type",
    "insurance": "CARAVAN",
    "digits": "target",
}
DEVELOPMENT = {
    "satellite": "classes",
    "income": "INCOME",
    "churn": "churn",
    "credit": "Status",
    "houses": "Sale_Price",
    "vowel": "Class",
    "diabetes": "target",
    "cancer": "target",
    "wine": "target",
}
TARGETS = TABLE | DEVELOPMENT
# What scikit-learn's MLP has by default.
HIDDEN = "100"


def split_files(name, split):
    """Paths of the training rows and of the held-out rows, both in a random order."""
    train, test = (SPLITS / f"{name}-{split}-{part}.csv" for part in ("train", "test"))
    if not test.exists():
        SPLITS.mkdir(parents=True, exist_ok=True)
        frame = pd.read_csv(SETS / f"{name}.csv", dtype=str, keep_default_na=False)
        rows = len(frame)
        order = np.random.default_rng(split).permutation(rows)
        held_out = np.zeros(rows, bool)
        if name == "fashion":
            held_out[60_000:] = True
        else:
            held_out[order[: rows // (10 if rows >= 5_000 else 5)]] = True
        frame.iloc[order[~held_out[order]]].to_csv(train, index=False)
        frame.iloc[order[held_out[order]]].to_csv(test, index=False)
    return train, test


def encoder(features):
    numbers = features.select_dtypes("number").columns
    categories = features.columns.difference(numbers)
    return make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), categories),
    )


def sklearn_losses(name, split, fit=True):
    """Held-out loss of each of scikit-learn's models, from the file that keeps them or fitted now."""
    kept = SPLITS / f"{name}-{split}-sklearn.json"
    losses = json.loads(kept.read_text()) if kept.exists() else {}
    if not fit:
        return losses
    files = split_files(name, split)
    train, test = (pd.read_csv(file) for file in files)
    target = TARGETS[name]
    number = pd.api.types.is_numeric_dtype(train[target]) and train[target].nunique() > 2
    y, expected = train.pop(target), test.pop(target)
    models = (
        {"mean": None, "Ridge": Ridge(), "MLPRegressor": MLPRegressor(random_state=0)}
        if number
        else {"mean": None, "LogisticRegression": LogisticRegression(), "MLPClassifier": MLPClassifier(random_state=0)}
    )
    for model_name, model in models.items():
        if model_name in losses:
            continue
        started = time.perf_counter()
        if model is None and number:
            loss = float(np.mean((expected - y.mean()) ** 2))
        elif model is None:
            shares = y.value_counts(normalize=True)
            loss = float(np.mean(-np.log(expected.map(shares))))
        else:
            if number:
                model = TransformedTargetRegressor(model, transformer=StandardScaler())
            with warnings.catch_warnings():
                # Defaults are compared, converged or not.
                warnings.simplefilter("ignore", ConvergenceWarning)
                fitted = make_pipeline(encoder(train), model).fit(train, y)
            loss = (
                mean_squared_error(expected, fitted.predict(test))
                if number
                else log_loss(expected, fitted.predict_proba(test), labels=fitted.classes_)
            )
        losses[model_name] = loss
        print(f"  {name} {model_name}: {loss:.5g} ({time.perf_counter() - started:.1f} s)", file=sys.stderr, flush=True)
        kept.write_text(json.dumps(losses))
    return losses


def millrace_loss(name, split, more):
    """Held-out loss, and seconds of the training run."""
    train, test = split_files(name, split)
    model = SPLITS / f"{name}-{split}.safetensors"
    summary = millrace("train", train, "--target", TARGETS[name], "--quiet", "-o", model, *more)
    return millrace("evaluate", model, test)["metrics"]["loss"], summary["seconds"]


def row(name, split, columns, more, fit):
    losses = sklearn_losses(name, split, fit)
    mean = losses.pop("mean")
    best = min(losses, key=losses.get)
    kinds = [[loss for model, loss in losses.items() if model.startswith("MLP") == mlp] for mlp in (False, True)]
    cells = [name, f"{mean:.5g}", *(f"{kind[0]:.5g}" if kind else "not fitted" for kind in kinds)]
    for column in columns:
        hidden = [] if column == "linear" else ["--hidden", HIDDEN]
        loss, seconds = millrace_loss(name, split, [*hidden, *more])
        cells.append(f"{loss:.5g} ({100 * (loss / losses[best] - 1):+.1f} %, {seconds:.1f} s)")
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", type=int, default=11)
    parser.add_argument("--sets", default=",".join(TABLE))
    parser.add_argument("--columns", default="linear,hidden")
    parser.add_argument("--no-fit", dest="fit", action="store_false", help="use scikit-learn's losses that are kept")
    parser.add_argument("more", nargs="*")
    given = parser.parse_args()
    columns = [column for column in given.columns.split(",") if column]
    sets = DEVELOPMENT if given.sets == "development" else given.sets.split(",")
    names = ("numpy", "pandas", "scikit-learn")
    print(f"python {platform.python_version()},", ", ".join(f"{name} {version(name)}" for name in names))
    print("\n| data | mean | sklearn linear | sklearn MLP |" + "".join(f" millrace {name} |" for name in columns))
    print("|---|" + "---|" * (3 + len(columns)))
    for name in sets:
        print(row(name, given.split, columns, given.more, given.fit), flush=True)


if __name__ == "__main__":
    main()
