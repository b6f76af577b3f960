"""The providers' own libraries on Python, for JSON lines as in library.mjs."""

import base64
import json
import sys
import time
from datetime import datetime, timezone
from urllib.parse import parse_qs

import stripe
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook
from twilio.request_validator import RequestValidator


def form(request):
    fields = parse_qs(request["body"], keep_blank_values=True)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


VERIFY = {
    "stripe": lambda r: stripe.Webhook.construct_event(r["body"], r["headers"].get("stripe-signature"), r["secret"]),
    "standard-webhooks": lambda r: Webhook(r["secret"]).verify(r["body"], r["headers"]),
    "slack": lambda r: SignatureVerifier(r["secret"]).is_valid_request(r["body"], r["headers"]),
    "twilio": lambda r: RequestValidator(r["secret"]).validate(
        r["url"], form(r), r["headers"].get("x-twilio-signature", "")
    ),
}


def sign_standard(r):
    now = datetime.now(tz=timezone.utc)
    signature = Webhook(r["secret"]).sign(r["headers"]["webhook-id"], now, r["body"])
    return {"webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def sign_slack(r):
    now = str(int(time.time()))
    signature = SignatureVerifier(r["secret"]).generate_signature(timestamp=now, body=r["body"])
    return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature}


SIGN = {
    "stripe": lambda r: {
        "Stripe-Signature": stripe.WebhookSignature.generate_signature_header(r["body"], r["secret"])
    },
    "standard-webhooks": sign_standard,
    "slack": sign_slack,
    "twilio": lambda r: {
        "X-Twilio-Signature": RequestValidator(r["secret"]).compute_signature(r["url"], form(r))
    },
}


def answer(line):
    request = json.loads(line)
    pairs = request["headers"]
    request["headers"] = {name.lower(): value for name, value in pairs}
    request["body"] = base64.b64decode(request["body_base64"]).decode()
    if request["do"] == "verify":
        trusted = VERIFY[request["provider"]](request)
        return {"ok": True} if trusted is not False else {"ok": False, "error": "the library says false"}
    added = SIGN[request["provider"]](request)
    return {
        "type": "request",
        "method": "POST",
        "url": request["url"],
        "headers": pairs + [list(field) for field in added.items()],
        "body_base64": request["body_base64"],
    }


for line in sys.stdin:
    try:
        said = answer(line)
    except Exception as error:  # a library's refusal is an answer
        said = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)
