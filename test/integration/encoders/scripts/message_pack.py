"""Reads values of MessagePack in base64, a line for each; writes each again, in base64, and tells its types."""
import base64
import sys

import msgpack


def tell(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{key.encode().hex()}:{tell(element)}" for key, element in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(tell, value)) + "]"
    if isinstance(value, bytes):
        return "bytes " + value.hex()
    if isinstance(value, str):
        return "text " + value.encode().hex()
    if isinstance(value, float):
        return "number " + (str(int(value)) if value.is_integer() else value.hex())
    if isinstance(value, int) and not isinstance(value, bool):
        return f"number {value}"
    return str(value)


for line in sys.stdin:
    value = msgpack.unpackb(base64.b64decode(line))
    print(base64.b64encode(msgpack.packb(value)).decode(), tell(value), sep="\t")
