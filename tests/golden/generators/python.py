"""json.dumps as it is commonly called, over every body: style <TAB> body <TAB> base64 of the bytes."""
import base64
import json
import pathlib

BODIES = pathlib.Path(__file__).parent.parent / "bodies"
LAYOUTS = {
    "": {},
    "-compact": {"separators": (",", ":")},
    "-indent-2": {"indent": 2},
    "-indent-4": {"indent": 4},
}

for file in sorted(BODIES.iterdir()):
    value = json.loads(file.read_bytes())
    for layout, options in LAYOUTS.items():
        for unicode in (False, True):
            for sort in (False, True):
                name = "python" + layout + ("-unicode" if unicode else "") + ("-sorted" if sort else "")
                text = json.dumps(value, ensure_ascii=not unicode, sort_keys=sort, **options)
                print(name, file.name, base64.b64encode(text.encode()).decode(), sep="\t")
    for name, options in {
        "python-indent-1": {"indent": 1},
        "python-comma-space": {"separators": (", ", ":")},
        "python-colon-space": {"separators": (",", ": ")},
    }.items():
        print(name, file.name, base64.b64encode(json.dumps(value, **options).encode()).decode(), sep="\t")
