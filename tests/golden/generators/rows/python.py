"""What Python makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed."""
import base64
import collections
import html
import json
import pathlib
import textwrap
import urllib.parse

TEXTS = pathlib.Path(__file__).parent.parent.parent / "texts"
ANY = {
    "str(body)": lambda body: str(body),
    "str(bytearray(body))": lambda body: str(bytearray(body)),
    "str(list(body))": lambda body: str(list(body)),
    "str(tuple(body))": lambda body: str(tuple(body)),
    "json.dumps(list(body))": lambda body: json.dumps(list(body)),
    "body.hex()": lambda body: body.hex(),
    "body.hex(' ')": lambda body: body.hex(" "),
    "body.hex(':')": lambda body: body.hex(":"),
    "b64encode": lambda body: base64.b64encode(body),
    "encodebytes": lambda body: base64.encodebytes(body),
    "urlsafe_b64encode": lambda body: base64.urlsafe_b64encode(body),
    "json.dumps(b64encode)": lambda body: json.dumps(base64.b64encode(body).decode()),
    "decode('latin-1')": lambda body: body.decode("latin-1"),
    "decode('ascii', 'ignore')": lambda body: body.decode("ascii", "ignore"),
    "decode('ascii', 'replace')": lambda body: body.decode("ascii", "replace"),
    "decode('utf-8', 'ignore')": lambda body: body.decode("utf-8", "ignore"),
    "decode('utf-8', 'replace')": lambda body: body.decode("utf-8", "replace"),
    "str({})": lambda body: str({}),
    "str(None)": lambda body: str(None),
    "b''.join(body.splitlines())": lambda body: b"".join(body.splitlines()),
    "body.strip()": lambda body: body.strip(),
    "body.rstrip()": lambda body: body.rstrip(),
    "body[:100]": lambda body: body[:100],
    "body[:77]": lambda body: body[:77],
    "body.ljust(4096, b'\\0')": lambda body: body.ljust(4096, b"\0"),
}
TEXT = {
    "repr(text)": repr,
    "encode('unicode_escape')": lambda text: text.encode("unicode_escape"),
    "decode('unicode_escape')": lambda text: text.encode().decode("unicode_escape", "replace"),
    "lower": lambda text: text.lower(),
    "html.unescape(escape)": lambda text: html.unescape(text),
    "json.dumps(text)": json.dumps,
    "quote(text)": urllib.parse.quote,
    "quote_plus(text)": urllib.parse.quote_plus,
    "quote(text, safe='')": lambda text: urllib.parse.quote(text, safe=""),
    "html.escape(text)": html.escape,
    "html.escape(text, quote=False)": lambda text: html.escape(text, quote=False),
    "encode('ascii', 'ignore')": lambda text: text.encode("ascii", "ignore"),
    "encode('ascii', 'replace')": lambda text: text.encode("ascii", "replace"),
    "encode('ascii', 'xmlcharrefreplace')": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "encode('ascii', 'backslashreplace')": lambda text: text.encode("ascii", "backslashreplace"),
    "encode('latin-1', 'ignore')": lambda text: text.encode("latin-1", "ignore"),
    "encode('latin-1', 'replace')": lambda text: text.encode("latin-1", "replace"),
    "encode('cp1252', 'replace')": lambda text: text.encode("cp1252", "replace"),
    "encode('utf-16')": lambda text: text.encode("utf-16"),
    "encode('utf-16-le')": lambda text: text.encode("utf-16-le"),
    "encode('utf-16-be')": lambda text: text.encode("utf-16-be"),
    "encode('utf-32-le')": lambda text: text.encode("utf-32-le"),
    "encode('utf-8-sig')": lambda text: text.encode("utf-8-sig"),
    "text[:len(text) - 3]": lambda text: text[: len(text) - 3],
    "body[:len(text)]": lambda text: text.encode()[: len(text)],
    "splitlines joined": lambda text: "\n".join(text.splitlines()),
    "lines stripped and joined": lambda text: "".join(line.strip() for line in text.splitlines()),
    "dedent": lambda text: "\n".join(line.lstrip() for line in text.split("\n")),
    "expandtabs": lambda text: text.replace("\n", "\r\n"),
    "chunks decoded with ignore": lambda text: "".join(
        text.encode()[at : at + 100].decode("utf-8", "ignore") for at in range(0, len(text.encode()), 100)
    ),
    "one seam with replace": lambda text: text.encode()[: text.encode().index("é".encode()) + 1].decode(errors="replace")
    + text.encode()[text.encode().index("é".encode()) + 1 :].decode(errors="replace"),
}


def drop(value, gone):
    if isinstance(value, dict):
        return {key: drop(item, gone) for key, item in value.items() if not gone(item)}
    return [drop(item, gone) for item in value] if isinstance(value, list) else value


JSON = {
    "str(data)": str,
    "json.dumps(dict(sorted(data.items())))": lambda data: json.dumps(dict(sorted(data.items()))),
    "str(data).replace": lambda data: str(data).replace("'", '"'),
    "str(data).replace, None and True too": lambda data: str(data).replace("'", '"').replace("None", "null").replace("True", "true"),
    "str(list(data.items()))": lambda data: str(list(data.items())),
    "str(data.items())": lambda data: str(data.items()),
    "json.dumps(data).replace(' ', '')": lambda data: json.dumps(data).replace(" ", ""),
    "json.dumps with separators=(', ', ':')": lambda data: json.dumps(data, separators=(", ", ":")),
    "json.dumps with separators=(',', ': ')": lambda data: json.dumps(data, separators=(",", ": ")),
    "json.dumps with indent=1": lambda data: json.dumps(data, indent=1),
    "json.dumps of three members": lambda data: json.dumps({key: data[key] for key in ("id", "type", "amount")}),
    "''.join(values)": lambda data: "".join(str(item) for item in data.values()),
    "keys and values, sorted and joined": lambda data: "&".join(f"{key}={data[key]}" for key in sorted(data)),
    "OrderedDict": lambda data: str(collections.OrderedDict(data)),
    "urlencode(data)": urllib.parse.urlencode,
    "urlencode(data, doseq=True)": lambda data: urllib.parse.urlencode(data, doseq=True),
    "json.dumps without nulls": lambda data: json.dumps(drop(data, lambda item: item is None)),
    "json.dumps without empty": lambda data: json.dumps(drop(data, lambda item: item in (None, "", [], {}))),
    "json.dumps(data).encode('ascii', 'ignore')": lambda data: json.dumps(data, ensure_ascii=False).encode("ascii", "ignore"),
    "json.dumps(json.dumps(data))": lambda data: json.dumps(json.dumps(data)),
    "str(json.dumps(data).encode())": lambda data: str(json.dumps(data).encode()),
    "b64encode(json.dumps(data))": lambda data: base64.b64encode(json.dumps(data).encode()),
    "json.dumps(data['customer'])": lambda data: json.dumps(data["customer"]),
    "str(data['customer'])": lambda data: str(data["customer"]),
    "json.dumps({'data': data})": lambda data: json.dumps({"data": data}),
    "json.dumps without id": lambda data: json.dumps({key: item for key, item in data.items() if key != "id"}),
}
FORM = {
    "urlencode(parse_qsl)": lambda text: urllib.parse.urlencode(urllib.parse.parse_qsl(text)),
    "urlencode(parse_qsl, keep_blank_values)": lambda text: urllib.parse.urlencode(urllib.parse.parse_qsl(text, keep_blank_values=True)),
    "urlencode(dict(parse_qsl))": lambda text: urllib.parse.urlencode(dict(urllib.parse.parse_qsl(text))),
    "urlencode(sorted(parse_qsl))": lambda text: urllib.parse.urlencode(sorted(urllib.parse.parse_qsl(text, keep_blank_values=True))),
    "json.dumps(dict(parse_qsl))": lambda text: json.dumps(dict(urllib.parse.parse_qsl(text))),
    "json.dumps(parse_qs)": lambda text: json.dumps(urllib.parse.parse_qs(text, keep_blank_values=True)),
    "str(parse_qs)": lambda text: str(urllib.parse.parse_qs(text, keep_blank_values=True)),
    "str(dict(parse_qsl))": lambda text: str(dict(urllib.parse.parse_qsl(text, keep_blank_values=True))),
    "unquote(text)": urllib.parse.unquote,
    "unquote_plus(text)": urllib.parse.unquote_plus,
}


def show(name, file, made):
    print(name, file.name, base64.b64encode(made if isinstance(made, bytes) else made.encode()).decode(), sep="\t")


for file in sorted(TEXTS.iterdir()):
    body = file.read_bytes()
    for name, make in ANY.items():
        show(name, file, make(body))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        continue
    for name, make in TEXT.items():
        if name != "one seam with replace" or "é" in text:
            show(name, file, make(text))
    if file.suffix == ".json" and "customer" in text:
        for name, make in JSON.items():
            show(name, file, make(json.loads(text)))
    if file.name == "form.txt":
        for name, make in FORM.items():
            show(name, file, make(text))
