"""Trains the network of bench/networks with PyTorch: reads commands, one a line, from stdin, answers in JSON lines."""
import json
import sys
import time

import torch

setting = json.loads(sys.stdin.readline())
torch.set_num_threads(setting["threads"])
with open(setting["file"], "rb") as file:
    numbers = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
position = 0


def take(*shape):
    global position
    count = torch.Size(shape).numel()
    position += count
    return numbers[position - count : position].reshape(shape).clone()


batches, rows, sizes = setting["batches"], setting["rows"], setting["sizes"]
x, y = take(batches, rows, sizes[0]), take(batches, rows, 1)
layers = []
for inputs, outputs in zip(sizes, sizes[1:]):
    layer = torch.nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.copy_(take(inputs, outputs).T)
        layer.bias.copy_(take(outputs))
    layers += [layer, torch.nn.ReLU()]
model = torch.nn.Sequential(*layers[:-1])
optimizer = torch.optim.Adam(model.parameters(), lr=setting["learningRate"])
loss_of = torch.nn.BCEWithLogitsLoss()
step = 0
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    for step in range(step, step + int(line)):
        optimizer.zero_grad()
        loss = loss_of(model(x[step % batches]), y[step % batches])
        loss.backward()
        optimizer.step()
    step += 1
    print(json.dumps({"loss": loss.item(), "seconds": time.perf_counter() - started}), flush=True)
