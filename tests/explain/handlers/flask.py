"""A Flask receiver as it is often written: it logs what it computed, and refuses what differs."""
import hashlib
import hmac
import json
import os

from flask import Flask, request

app = Flask(__name__)


@app.post("/hook")
def hook():
    #BODY
    timestamp = request.headers["X-CostKatana-Timestamp"].encode()
    mac = hmac.new(os.environ["SECRET"].encode(), timestamp + b"." + body, hashlib.sha256)
    computed = "sha256=" + mac.hexdigest()
    print(f"computed {computed}, received {request.headers['X-CostKatana-Signature']}", flush=True)
    return "", 200 if computed == request.headers["X-CostKatana-Signature"] else 401


app.run(port=int(os.environ["PORT"]))
