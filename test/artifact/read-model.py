"""Reads a model file as the published safetensors format says, with nothing but Python's own library, and prints it
as JSON; then writes it again beside, in another order and without padding, as another program might. Where Python has the
package safetensors, that must read the same."""

import json
import struct
import sys

path, out = sys.argv[1:]
with open(path, "rb") as file:
    content = file.read()
(length,) = struct.unpack("<Q", content[:8])
header = json.loads(content[8 : 8 + length].decode("utf-8"))
data = content[8 + length :]
metadata = header.pop("__metadata__")

tensors = {}
for name, entry in header.items():
    assert entry["dtype"] == "F32"
    begin, end = entry["data_offsets"]
    values = struct.unpack("<%df" % ((end - begin) // 4), data[begin:end])
    tensors[name] = {"shape": entry["shape"], "values": values}
try:
    from safetensors.numpy import load_file
except ImportError:
    pass
else:
    for name, array in load_file(path).items():
        assert list(array.shape) == tensors[name]["shape"]
        assert array.ravel().tolist() == list(tensors[name]["values"])
print(
    json.dumps(
        {
            "aligned": length % 8 == 0,
            "loss": metadata["loss"],
            "schema": json.loads(metadata["schema"]),
            "provenance": json.loads(metadata["provenance"]),
            "tensors": tensors,
        }
    )
)

entries, parts, at = {}, [], 0
for name in sorted(tensors, reverse=True):
    part = struct.pack("<%df" % len(tensors[name]["values"]), *tensors[name]["values"])
    offsets = [at, at + len(part)]
    entries[name] = {"shape": tensors[name]["shape"], "data_offsets": offsets, "dtype": "F32"}
    parts.append(part)
    at += len(part)
entries["__metadata__"] = metadata
text = json.dumps(entries, indent=1).encode("utf-8")
with open(out, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
