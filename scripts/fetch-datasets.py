"""Fetches real data sets and writes them as CSV, one file each, into data/sets (not committed; about 150 MB).

    python3 scripts/fetch-datasets.py [name ...]

Needs numpy, pandas, scikit-learn and rdata (pip), and apt-get and dpkg-deb: most sets are R data in packages of
Debian, which are downloaded and unpacked, not installed. `flights` is drawn from data/flights.csv
(scripts/make-flights.mjs). A file that is there is not made again. Rows keep the order of the source, except that
MovieLens' and the flights' are what they are sorted by: shuffle before you split. data/README.md names the sources.
"""

import gzip
import lzma
import subprocess
import sys
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import rdata
import sklearn.datasets

DATA = Path(__file__).resolve().parents[1] / "data"
SETS = DATA / "sets"
PACKAGES = DATA / "packages"


def unpacked(package):
    """The files of a Debian package, downloaded once."""
    folder = PACKAGES / package
    if not folder.exists():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=PACKAGES) as beside:
            subprocess.run(["apt-get", "download", package], cwd=beside, check=True, stdout=subprocess.DEVNULL)
            (archive,) = Path(beside).glob("*.deb")
            subprocess.run(["dpkg-deb", "-x", archive, Path(beside, "files")], check=True)
            Path(beside, "files").rename(folder)
    return folder


def converted(source):
    """R objects of a path or of bytes, as pandas and numpy have them."""
    with warnings.catch_warnings():
        # It says that bytes without a file name are taken for an RDS object, which they are.
        warnings.simplefilter("ignore")
        parse = rdata.parser.parse_file if isinstance(source, Path) else rdata.parser.parse_data
        return rdata.conversion.convert(parse(source))


def r_data(package, name):
    """A data frame of an R package: a file of its own, or an entry of the package's lazy-load database."""
    folder = unpacked(f"r-cran-{package}") / "usr/lib/R/site-library" / package / "data"
    file = folder / f"{name}.rda"
    if file.exists():
        return converted(file)[name]
    # Rdata.rdx says where an entry stands in Rdata.rdb; an entry is its length, u32 big endian, and the serialized
    # object, compressed by zlib, or by LZMA behind the letter Z.
    index = converted(gzip.decompress((folder / "Rdata.rdx").read_bytes()))
    offset, length = index["variables"][name]
    entry = (folder / "Rdata.rdb").read_bytes()[offset : offset + length]
    if entry[4:5] == b"Z":
        raw = lzma.decompress(entry[5:], lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
    else:
        raw = zlib.decompress(entry[4:])
    return converted(raw)


def bundled(load):
    """A data set that scikit-learn carries: its features and `target`, classes by name."""
    bunch = load(as_frame=True)
    frame = bunch.frame.copy()
    if "target_names" in bunch and bunch.target_names is not None:
        frame["target"] = np.asarray(bunch.target_names)[frame["target"].to_numpy()]
    return frame


def digits():
    frame = bundled(sklearn.datasets.load_digits)
    return frame.assign(target=[f"digit{name}" for name in frame["target"]])


def fashion_mnist():
    """60,000 training images and then 10,000 test images: 784 grey values 0 … 255 and the class 0 … 9."""
    folder = unpacked("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    parts = []
    for part in ("train", "t10k"):
        images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
        pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784)
        frame = pd.DataFrame(pixels, columns=[f"p{i}" for i in range(784)])
        parts.append(frame.assign(label=np.char.add("class", np.frombuffer(labels, np.uint8, offset=8).astype(str))))
    return pd.concat(parts, ignore_index=True)


def flights():
    """100,000 flights drawn from the three million, without their delay, of which `late` is made."""
    frame = pd.read_csv(DATA / "flights.csv").drop(columns="delay")
    return frame.iloc[np.sort(np.random.default_rng(0).choice(len(frame), 100_000, replace=False))]


def movielens():
    """Ratings by user and film; titles and genres belong to the film."""
    frame = r_data("dslabs", "movielens")[["userId", "movieId", "year", "timestamp", "rating"]]
    return frame.assign(
        userId="u" + frame["userId"].astype(int).astype(str), movieId="m" + frame["movieId"].astype(int).astype(str)
    )


MAKERS = {
    "flights": flights,
    "diamonds": lambda: r_data("ggplot2", "diamonds"),
    "shuttle": lambda: r_data("mlbench", "Shuttle"),
    "fashion": fashion_mnist,
    "movielens": movielens,
    "letter": lambda: r_data("mlbench", "LetterRecognition"),
    "spam": lambda: r_data("kernlab", "spam"),
    "satellite": lambda: r_data("mlbench", "Satellite"),
    "income": lambda: r_data("kernlab", "income"),
    "insurance": lambda: r_data("kernlab", "ticdata"),
    "churn": lambda: r_data("modeldata", "mlc_churn"),
    "credit": lambda: r_data("modeldata", "credit_data"),
    "houses": lambda: r_data("modeldata", "ames"),
    "vowel": lambda: r_data("mlbench", "Vowel"),
    "diabetes": lambda: bundled(sklearn.datasets.load_diabetes),
    "cancer": lambda: bundled(sklearn.datasets.load_breast_cancer),
    "wine": lambda: bundled(sklearn.datasets.load_wine),
    "digits": digits,
}


def main():
    SETS.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or MAKERS:
        file = SETS / f"{name}.csv"
        if not file.exists():
            frame = MAKERS[name]()
            beside = file.with_suffix(".tmp")
            frame.to_csv(beside, index=False)
            beside.rename(file)
            print(f"{name}: {len(frame)} rows, {len(frame.columns)} columns", flush=True)


if __name__ == "__main__":
    main()
