"""Handlers that each make one of the commonest mistakes, and the same as the remedy has them: POST /KIND/wrong and
/KIND/right. Each logs what it computed, and refuses what differs."""
import hashlib
import hmac
import json
import os
import urllib.parse

from flask import Flask, request

app = Flask(__name__)
KEY = os.environ["SECRET"]


def computed(key=KEY, body=None):
    body = request.get_data() if body is None else body.encode()
    stamp = request.headers["X-CostKatana-Timestamp"].encode()
    return "sha256=" + hmac.new(key.encode(), stamp + b"." + body, hashlib.sha256).hexdigest()


WRONG = {
    "body.reserialised": lambda: computed(body=json.dumps(request.get_json())),
    "body.double-encoded": lambda: computed(body=f"{request.get_data()}"),
    "secret.empty": lambda: computed(key=os.environ.get("NOT_SET", "")),
    "secret.quoted": lambda: computed(key=f'"{KEY}"'),
    "secret.url-encoded": lambda: computed(key=urllib.parse.quote(KEY)),
    "signature.case": lambda: "sha256=" + computed()[7:].upper(),
}


@app.post("/<kind>/<how>")
def hook(kind, how):
    own = WRONG[kind]() if how == "wrong" else computed()
    print(f"computed {own}", flush=True)
    return "", 200 if own == request.headers["X-CostKatana-Signature"] else 401


app.run(port=int(os.environ["PORT"]))
