"""HTTP message signatures by PyPI's http-message-signatures, for JSON lines as in messages.mjs, of RFC 9421 alone."""

import datetime
import json
import secrets
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from requests.structures import CaseInsensitiveDict

PAIRS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa-v1_5-sha256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "rsa-pss-sha512": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ecdsa-p256-sha256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384-sha384": lambda: ec.generate_private_key(ec.SECP384R1()),
}


def algorithm(alg):
    return getattr(algorithms, alg.upper().replace("-", "_"))


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, alg, text):
        self.alg, self.text = alg, text.encode()

    def resolve_private_key(self, key_id):
        if self.alg.startswith("hmac"):
            return self.text
        return serialization.load_pem_private_key(self.text, None)

    def resolve_public_key(self, key_id):
        return self.text if self.alg.startswith("hmac") else serialization.load_pem_public_key(self.text)


class Message:
    def __init__(self, request):
        self.method, self.url = request["method"], request["url"]
        self.headers = CaseInsensitiveDict(request["headers"])


def component(field):
    name, _, parameters = field.partition(";")
    return f'"{name}";{parameters}' if parameters else name


def key(q):
    if q["alg"].startswith("hmac"):
        secret = secrets.token_hex(32)
        return {"private": secret, "public": secret}
    private = PAIRS[q["alg"]]()
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "private": private.private_bytes(pem, serialization.PrivateFormat.PKCS8, none).decode(),
        "public": public.decode(),
    }


def verify(q):
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm(q["alg"]), key_resolver=Keys(q["alg"], q["key"]))
    max_age = datetime.timedelta(minutes=5)
    return {"ok": len(verifier.verify(Message(q["request"]), max_age=max_age)) == 1}


def sign(q):
    message = Message(q["request"])
    signer = HTTPMessageSigner(signature_algorithm=algorithm(q["alg"]), key_resolver=Keys(q["alg"], q["key"]))
    signer.sign(
        message,
        key_id=q["id"],
        created=datetime.datetime.fromtimestamp(q["created"], datetime.timezone.utc),
        label="theirs",
        covered_component_ids=[component(field) for field in q["fields"]],
        use_existing_digest=True,
    )
    return {"headers": dict(message.headers.items())}


for line in sys.stdin:
    question = json.loads(line)
    try:
        said = {"key": key, "verify": verify, "sign": sign}[question["do"]](question)
    except Exception as error:  # a library's refusal is an answer
        said = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)
