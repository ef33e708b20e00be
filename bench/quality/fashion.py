"""Fashion-MNIST: accuracy on its own 10,000 test images, of a linear model and of a network with two hidden layers.

    python3 bench/quality/fashion.py [--seeds 0,1,2] [--models softmax,network]

Needs data/sets (scripts/fetch-datasets.py, called for `fashion` where it is not there) and a build. Trained on the
60,000 training images, in the order of the source. Ends with an error where an
accuracy is below its bound.

All but the network's size and epochs are millrace's defaults, which docs/defaults.md says more of.
"""

import argparse
import itertools
import subprocess
import sys
import time

from command import ROOT, millrace

SETS = ROOT / "data" / "sets"
FOLDER = SETS / "fashion"
TRAINING_IMAGES = 60_000
NETWORK = ["--hidden", "256,128", "--epochs", "12"]
MODELS = {
    # name: (more options of train, least accuracy)
    "softmax": ([], 0.84),
    "network": (NETWORK, 0.885),
}


def files():
    """Paths of the training images and of the test images."""
    train, test = FOLDER / "train.csv", FOLDER / "test.csv"
    if not (train.exists() and test.exists()):
        source = SETS / "fashion.csv"
        if not source.exists():
            subprocess.run([sys.executable, ROOT / "scripts" / "fetch-datasets.py", "fashion"], check=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        with source.open() as lines:
            header = next(lines)
            for path, images in ((train, itertools.islice(lines, TRAINING_IMAGES)), (test, lines)):
                beside = path.with_suffix(".tmp")
                with beside.open("w") as out:
                    out.write(header)
                    out.writelines(images)
                beside.rename(path)
    return train, test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--models", default=",".join(MODELS))
    given = parser.parse_args()
    train, test = files()
    below = False
    print("| model | options | seed | test accuracy | at least | test loss | epochs | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name in given.models.split(","):
        options, least = MODELS[name]
        for seed in given.seeds.split(","):
            model = FOLDER / f"{name}.safetensors"
            started = time.perf_counter()
            summary = millrace(
                "train", train, "--target", "label", "--seed", seed, "--quiet", "-o", model, *options
            )
            seconds = time.perf_counter() - started
            metrics = millrace("evaluate", model, test)["metrics"]
            accuracy, loss = metrics["accuracy"], metrics["loss"]
            below |= not accuracy >= least
            cells = (name, " ".join(options), seed, f"{accuracy:.4f}", least, f"{loss:.4f}", summary["epochs"])
            print("|", " | ".join(map(str, cells)), f"| {seconds:.1f} |", flush=True)
    if below:
        sys.exit("An accuracy is below its bound.")


if __name__ == "__main__":
    main()
