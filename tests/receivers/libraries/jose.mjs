// Tokens by npm's jose. Reads JSON lines and answers each with one: {do: "key", alg} gives {private, public};
// {do: "verify", alg, key, token, payload} gives {ok}, and {do: "sign", alg, key, claims | payload, b64} gives {token}. A
// payload is the bytes of a detached one, in base64.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { FlattenedSign, SignJWT, flattenedVerify, importPKCS8, importSPKI, jwtVerify } from "jose";

const curves = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

function pair(alg) {
  if (alg === "EdDSA") return generateKeyPairSync("ed25519");
  if (curves[alg]) return generateKeyPairSync("ec", { namedCurve: curves[alg] });
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function key({ alg }) {
  if (alg.startsWith("HS")) {
    const secret = randomBytes(48).toString("hex");
    return { private: secret, public: secret };
  }
  const { privateKey, publicKey } = pair(alg);
  return {
    private: privateKey.export({ type: "pkcs8", format: "pem" }),
    public: publicKey.export({ type: "spki", format: "pem" }),
  };
}

function read(text, alg) {
  if (alg.startsWith("HS")) return new TextEncoder().encode(text);
  return text.includes("PRIVATE") ? importPKCS8(text, alg) : importSPKI(text, alg);
}

async function verify({ alg, key, token, payload }) {
  const own = await read(key, alg);
  if (payload === undefined) {
    await jwtVerify(token, own, { algorithms: [alg] });
    return { ok: true };
  }
  const [head, none, signature] = token.split(".");
  const { b64 } = JSON.parse(Buffer.from(head, "base64url"));
  const bytes = Buffer.from(payload, "base64");
  const given = b64 === false ? bytes : bytes.toString("base64url");
  if (none !== "") return { ok: false };
  await flattenedVerify({ protected: head, payload: given, signature }, own, { algorithms: [alg] });
  return { ok: true };
}

async function sign({ alg, key, claims, payload, b64 }) {
  const own = await read(key, alg);
  if (claims) return { token: await new SignJWT(claims).setProtectedHeader({ alg }).sign(own) };
  const header = b64 ? { alg } : { alg, b64, crit: ["b64"] };
  const signed = await new FlattenedSign(Buffer.from(payload, "base64")).setProtectedHeader(header).sign(own);
  return { token: `${signed.protected}..${signed.signature}` };
}

const all = { key, verify, sign };
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const said = await Promise.resolve(question)
    .then(all[question.do])
    .catch((error) => ({ ok: false, error: String(error?.message ?? error) }));
  process.stdout.write(JSON.stringify(said) + "\n");
}
