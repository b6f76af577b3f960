// HTTP message signatures by npm's http-message-signatures. Reads JSON lines and answers each with one: {do: "key", alg} gives
// {private, public}; {do: "verify", style, alg, key, request} gives {ok}, and {do: "sign", style, alg, key, id, request, fields,
// created} gives {headers}. A style is httpbis (RFC 9421) or cavage; a request is {method, url, headers}.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import signatures from "http-message-signatures";

const { createSigner, createVerifier } = signatures;
const curves = { "ecdsa-p256-sha256": "P-256", "ecdsa-p384-sha384": "P-384" };

function key({ alg }) {
  if (alg.startsWith("hmac")) {
    const secret = randomBytes(32).toString("hex");
    return { private: secret, public: secret };
  }
  const [kind, options] = curves[alg]
    ? ["ec", { namedCurve: curves[alg] }]
    : alg === "ed25519"
      ? ["ed25519", {}]
      : ["rsa", { modulusLength: 2048 }];
  const pair = generateKeyPairSync(kind, options);
  return {
    private: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
    public: pair.publicKey.export({ type: "spki", format: "pem" }),
  };
}

async function verify({ style, alg, key, request }) {
  const found = { verify: createVerifier(key, alg) };
  return { ok: (await signatures[style].verifyMessage({ keyLookup: async () => found, all: true }, request)) === true };
}

async function sign({ style, alg, key, id, request, fields, created }) {
  const signer = createSigner(key, alg, id);
  const paramValues = { created: created === undefined ? null : new Date(created * 1000) };
  const params = created === undefined ? ["keyid"] : ["created", "keyid"];
  return signatures[style].signMessage({ key: signer, name: "theirs", fields, params, paramValues }, request);
}

const all = { key, verify, sign };
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const said = await Promise.resolve(question)
    .then(all[question.do])
    .catch((error) => ({ ok: false, error: String(error?.message ?? error) }));
  process.stdout.write(JSON.stringify(said) + "\n");
}
