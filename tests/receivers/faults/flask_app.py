"""A right handler of Cost Katana's deliveries in Flask, and the ways in which FAULT makes it wrong: one at a time.
GET /effects prints what it did, POST /reset forgets it."""

import hashlib
import hmac
import json
import os
import threading
import time

from flask import Flask, Response, request

FAULT = os.environ.get("FAULT", "")
SECRET = os.environ["HANDLER_SECRET"].encode()
LOCK = threading.Lock()

app = Flask(__name__)
effects = []
seen = set()


def same(given, right):
    if FAULT == "fails-on-non-ascii":
        return hmac.compare_digest(given, right)
    if FAULT == "compares-shorter":
        return len(given) > 0 and all(a == b for a, b in zip(given, right))
    return hmac.compare_digest(given.encode("latin-1", "replace"), right.encode())


def written(body):
    try:
        return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return body


def is_signed(body):
    if FAULT == "fails-without-signature":
        header = request.environ["HTTP_X_COSTKATANA_SIGNATURE"]
    else:
        header = request.headers.get("X-CostKatana-Signature", "")
    stamp = request.headers.get("X-CostKatana-Timestamp", "")
    if FAULT == "verifies-nothing":
        return True
    if FAULT == "writes-json-again":
        body = written(body)
    right = hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not header.startswith("sha256="):
        return False
    if not same(header[len("sha256=") :], right):
        return False
    if FAULT == "no-time":
        return True
    try:
        return abs(time.time() * 1000 - int(stamp)) <= 300_000
    except ValueError:
        return False


@app.get("/effects")
def show():
    return Response("".join(f"{line}\n" for line in effects), mimetype="text/plain")


@app.post("/reset")
def reset():
    effects.clear()
    seen.clear()
    return "", 204


@app.post("/hook")
def hook():
    body = request.get_data()
    if FAULT == "refuses-charset" and request.headers.get("Content-Type") != "application/json":
        return "", 415
    if not is_signed(body):
        return "", 401
    try:
        event = json.loads(body)
    except ValueError:
        return "", 400
    if FAULT != "fails-on-lists" and not isinstance(event, dict):
        return "", 400
    identity = event["event_id"]
    if FAULT == "counts-twice":
        effects.append(identity)
        return "", 204
    if FAULT == "looks-then-writes":
        if identity in seen:
            return "", 204
        time.sleep(0.02)
        seen.add(identity)
        effects.append(identity)
        return "", 204
    with LOCK:
        if identity not in seen:
            effects.append(identity)
            seen.add(identity)
    return "", 204


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
