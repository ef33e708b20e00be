"""Writes event-files.json: the messages of TensorBoard's event files as protobufjs reads a schema.

They are those of the package tensorboard 2.21.0 (event.proto, summary.proto, histogram.proto, tensor.proto and what these refer to).
Copyright The TensorFlow Authors, Apache License 2.0.

With tensorboard: python3 test/golden/event-files.py | npx prettier --parser json > test/golden/event-files.json
"""
import json
import sys
from importlib.metadata import version

from tensorboard.compat.proto import event_pb2

TYPES = 'double float int64 uint64 int32 fixed64 fixed32 bool string group message bytes uint32 enum sfixed32 sfixed64 sint32 sint64'.split()
messages = {}


def nested(descriptor):
    """`tensorboard.Summary.Value` → what holds it, and its own name."""
    return descriptor.full_name.split('.')


def enum(descriptor):
    return {'values': {value.name: value.number for value in descriptor.values}}


def field(descriptor):
    kind = TYPES[descriptor.type - 1]
    if kind == 'message':
        add(descriptor.message_type)
        kind = descriptor.message_type.full_name
    if kind == 'enum':
        add_enum(descriptor.enum_type)
        kind = descriptor.enum_type.full_name
    result = {'type': '.' + kind if '.' in kind else kind, 'id': descriptor.number}
    if descriptor.is_repeated:
        result['rule'] = 'repeated'
        result['options'] = {'packed': descriptor.is_packed}
    return result


def put(names, value):
    level = messages
    for name in names[:-1]:
        level = level.setdefault(name, {}).setdefault('nested', {})
    level.setdefault(names[-1], {}).update(value)


def add_enum(descriptor):
    put(nested(descriptor), enum(descriptor))


seen = set()


def add(descriptor):
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    oneofs = {one.name: {'oneof': [field.name for field in one.fields]} for one in descriptor.oneofs}
    fields = {one.name: field(one) for one in descriptor.fields}
    put(nested(descriptor), {'fields': fields, **({'oneofs': oneofs} if oneofs else {})})


add(event_pb2.Event.DESCRIPTOR)
json.dump({'source': f'tensorboard {version("tensorboard")}', 'nested': messages}, sys.stdout)
