"""Losses and gradients of single rows from scikit-learn; writes losses.json beside this file.

scikit-learn halves none of these but the squared error, which is doubled here: ours is (z - y)^2.
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn._loss import HalfBinomialLoss, HalfMultinomialLoss, HalfSquaredError

random = np.random.default_rng(1)
weights = random.uniform(0, 3, 12)

z = random.normal(0, 3, 12)
y = random.normal(0, 3, 12)
value, gradient = HalfSquaredError().loss_gradient(y, z, weights)
squared = dict(z=z, y=y, weight=weights, loss=2 * value, gradient=2 * gradient, prediction=z)

z = np.concatenate([random.normal(0, 5, 8), [0.0, 30.0, -30.0, 2.5]])
y = np.array([0.0, 1.0] * 6)
value, gradient = HalfBinomialLoss().loss_gradient(y, z, weights)
prediction = HalfBinomialLoss().predict_proba(z)[:, 1]
logistic = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=prediction)

z = random.normal(0, 3, (12, 5))
y = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 2.0, 3.0, 4.0, 2.0, 2.0])
multinomial = HalfMultinomialLoss(n_classes=5)
value, gradient = multinomial.loss_gradient(y, z, weights)
softmax = dict(z=z, y=y, weight=weights, loss=value, gradient=gradient, prediction=multinomial.predict_proba(z))

cases = {
    name: {key: np.asarray(column).tolist() for key, column in case.items()}
    for name, case in dict(squared=squared, logistic=logistic, softmax=softmax).items()
}
golden = {"oracle": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(golden, indent=1) + "\n")
