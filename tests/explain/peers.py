"""What the providers' own libraries say of the cases in `cases/`: library <TAB> version <TAB> case <TAB> what it says.

    python3 tests/explain/peers.py > tests/explain/peers.tsv

tests/receivers/setup.sh installs them. A case of a handler's signature is given to them with that signature in the
header's place: it is the same mistake, made by the sender.
"""
import base64
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
LIBRARIES = HERE.parent / "receivers" / "libraries"
NODE = {
    "stripe": "stripe",
    "github": "@octokit/webhooks",
    "standard-webhooks": "standardwebhooks",
    "slack": "@slack/bolt",
    "twilio": "twilio",
    "square": "square",
    "paddle": "@paddle/paddle-node-sdk",
}
PYTHON = {
    "stripe": "stripe",
    "standard-webhooks": "standardwebhooks",
    "slack": "slack_sdk",
    "twilio": "twilio",
}
SIGNED = {
    "stripe": "stripe-signature",
    "github": "x-hub-signature-256",
    "standard-webhooks": "webhook-signature",
    "slack": "x-slack-signature",
    "twilio": "x-twilio-signature",
    "square": "x-square-hmacsha256-signature",
    "paddle": "paddle-signature",
}


def read(field):
    return field["text"].encode() if "text" in field else base64.b64decode(field["base64"])


def request(case):
    args = case["args"]
    every = lambda flag: [args[at + 1] for at, arg in enumerate(args[:-1]) if arg == flag]
    headers = [line.split(": ", 1) for line in every("-H") if ": " in line]
    provider = every("--provider")[0]
    computed = every("--computed")
    if provider == "github":
        # Its library takes the events that it knows: one that the body may be of.
        event = "issue_comment" if b'"action"' in read(case["body"]) else "push"
        headers = [[own, value] for own, value in headers if own.lower() != "x-github-event"] + [["X-GitHub-Event", event]]
    if computed and provider in SIGNED:
        name = SIGNED[provider]
        headers = [[own, value] for own, value in headers if own.lower() != name] + [[name, computed[0]]]
    return provider, {
        "do": "verify",
        "provider": provider,
        "url": (every("--public-url") or ["https://example.com/"])[0],
        "headers": headers,
        "body_base64": base64.b64encode(read(case["body"])).decode(),
        "secret": read(case["secret"]).decode("utf-8", "replace"),
    }


def versions():
    node = json.loads((LIBRARIES / "package.json").read_text())["dependencies"]
    lines = (LIBRARIES / "requirements.txt").read_text().split()
    return node, dict(line.split("==") for line in lines)


def asked(command, requests):
    lines = "".join(json.dumps(each) + "\n" for each in requests)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, cwd=LIBRARIES, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    node_versions, python_versions = versions()
    for suffix, names, own, command in [
        (" on Node", NODE, node_versions, ["node", "library.mjs"]),
        (" on Python", PYTHON, python_versions, [".venv/bin/python", "library.py"]),
    ]:
        cases = []
        for file in sorted((HERE / "cases").glob("*.json")):
            provider, built = request(json.loads(file.read_text()))
            if provider in names:
                cases.append((file.stem, provider, built))
        for (case, provider, _), answer in zip(cases, asked(command, [built for _, _, built in cases])):
            said = "accepts it" if answer.get("ok") else " ".join(str(answer.get("error")).split())
            print(names[provider] + suffix, own[names[provider]], case, said, sep="\t")


main()
