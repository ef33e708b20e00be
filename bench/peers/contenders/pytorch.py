"""PyTorch: an IterableDataset over pandas chunks, Adam; categories are an EmbeddingBag of width 1, added to the scores."""
import sys

import torch
from rows import Categories, Scaler, chunks, categories, job, log_loss, numbers, say

# Two threads wait for each other in OpenBLAS: one is the faster on small matrices.
torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
torch.manual_seed(0)
state = {}


class Rows(torch.utils.data.IterableDataset):
    """Mini-batches of rows, as tensors."""

    def __init__(self, path, size):
        self.path, self.size = path, size

    def __iter__(self):
        for x, frame, labels in chunks(self.path):
            if not state:
                state.update(scaler=Scaler(x), encoder=Categories(frame) if categories else None)
            x = torch.from_numpy(state["scaler"](x))
            indices = torch.from_numpy(state["encoder"](frame)) if categories else x[:, :0]
            y = torch.from_numpy(labels)
            for i in range(0, len(y), self.size):
                yield x[i : i + self.size], indices[i : i + self.size], y[i : i + self.size]


class Model(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        units, layers = [len(numbers), *job["hidden"]], []
        for before, after in zip(units, units[1:]):
            layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
        self.dense = torch.nn.Sequential(*layers, torch.nn.Linear(units[-1], 1))
        self.values = torch.nn.EmbeddingBag(size, 1, mode="sum", sparse=True) if size else None
        if size:
            torch.nn.init.zeros_(self.values.weight)

    def forward(self, x, indices):
        z = self.dense(x).squeeze(1)
        return z if self.values is None else z + self.values(indices).squeeze(1)


model, optimizers, count = None, [], 0
loss_of = torch.nn.BCEWithLogitsLoss()
rate = 0.002 if job["hidden"] else 0.01
for _ in range(job["epochs"]):
    for x, indices, y in torch.utils.data.DataLoader(Rows(job["train"], job["batchSize"]), batch_size=None):
        if model is None:
            model = Model(state["encoder"].size if categories else 0)
            optimizers = [torch.optim.Adam(model.dense.parameters(), lr=rate)]
            if categories:
                optimizers.append(torch.optim.SparseAdam(list(model.values.parameters()), lr=rate))
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss_of(model(x, indices), y).backward()
        for optimizer in optimizers:
            optimizer.step()
        count += len(y)
say(trained=True, rows=count)
if job["score"]:
    total = scored = 0
    with torch.no_grad():
        for x, indices, y in Rows(job["heldOut"], 8192):
            total += log_loss(torch.sigmoid(model(x, indices)).numpy(), y.numpy())
            scored += len(y)
    say(heldOutLoss=total / scored, versions={"PyTorch": torch.__version__})
