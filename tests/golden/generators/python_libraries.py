"""What Python's JSON libraries write, over every body: style <TAB> body <TAB> base64 of the bytes."""
import base64
import json
import pathlib
from typing import Any

import orjson
import rapidjson
import ujson
from pydantic import TypeAdapter

BODIES = pathlib.Path(__file__).parent.parent / "bodies"
ANY = TypeAdapter(Any)
WRITERS = {
    "orjson": lambda body: orjson.dumps(orjson.loads(body)),
    "orjson-indent-2": lambda body: orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2),
    "pydantic": lambda body: ANY.dump_json(json.loads(body)),
    "ujson": lambda body: ujson.dumps(ujson.loads(body)).encode(),
    "ujson-slashes": lambda body: ujson.dumps(ujson.loads(body), escape_forward_slashes=False).encode(),
    "ujson-unicode": lambda body: ujson.dumps(ujson.loads(body), ensure_ascii=False).encode(),
    "rapidjson": lambda body: rapidjson.dumps(rapidjson.loads(body)).encode(),
}

for file in sorted(BODIES.iterdir()):
    for name, write in WRITERS.items():
        print(name, file.name, base64.b64encode(write(file.read_bytes())).decode(), sep="\t")
