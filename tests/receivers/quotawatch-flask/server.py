"""QuotaWatch's documented Flask receiver: raw body, constant time, 401 for a missing signature."""

import hashlib
import hmac
import logging
import os

from flask import Flask, jsonify, request
from werkzeug.serving import make_server

SECRET = os.environ["QUOTAWATCH_WEBHOOK_SECRET"]

app = Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no access log


def verify_signature(body: bytes, signature: str, secret: str) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


@app.post("/webhooks/quotawatch")
def handle_webhook():
    signature = request.headers.get("X-QuotaWatch-Signature", "")
    if not verify_signature(request.data, signature, SECRET):
        return jsonify(error="Invalid signature"), 401
    event = request.json
    print(event["event"], event["data"]["apiName"], f"{event['data']['pctUsed']}%", flush=True)
    return jsonify(received=True)


# app.run() would print its own banner and never say which free port it was given.
server = make_server("127.0.0.1", int(os.environ.get("PORT", 0)), app, threaded=True)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
