"""scikit-learn: partial_fit over pandas chunks; SGDClassifier, or MLPClassifier where there are hidden layers."""
import numpy as np
import scipy.sparse
import sklearn
from rows import Categories, Scaler, chunks, categories, job, log_loss, say
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

CLASSES = np.array([0, 1])
if job["hidden"]:
    model = MLPClassifier(job["hidden"], batch_size=job["batchSize"], learning_rate_init=0.002, random_state=0)
else:
    model = SGDClassifier(loss="log_loss", alpha=1e-7, learning_rate="invscaling", eta0=0.05, power_t=0.25, random_state=0)

scaler = encoder = None


def features(x, frame):
    if not categories:
        return scaler(x)
    indices = encoder(frame)
    rows, columns = indices.shape
    ones = np.ones(rows * columns, np.float32)
    starts = np.arange(0, rows * columns + 1, columns)
    sparse = scipy.sparse.csr_matrix((ones, indices.ravel(), starts), (rows, encoder.size))
    return scipy.sparse.hstack([scipy.sparse.csr_matrix(scaler(x)), sparse], format="csr") if x.shape[1] else sparse


count = 0
for _ in range(job["epochs"]):
    for x, frame, labels in chunks(job["train"]):
        if scaler is None:
            scaler, encoder = Scaler(x), Categories(frame)
        model.partial_fit(features(x, frame), labels, classes=CLASSES)
        count += len(labels)
say(trained=True, rows=count)
if job["score"]:
    total = scored = 0
    for x, frame, labels in chunks(job["heldOut"]):
        total += log_loss(model.predict_proba(features(x, frame))[:, 1], labels)
        scored += len(labels)
    say(heldOutLoss=total / scored, versions={"scikit-learn": sklearn.__version__})
