// The providers' own libraries on Node. Reads JSON lines {do, provider, url, headers, body_base64, secret} and answers
// each with one line: {ok, error} where `do` is "verify"; where it is "sign", the same request, signed by the library,
// as `ckwh verify` reads it, or {error} where the library can't sign.
import { createPublicKey, createSecretKey } from "node:crypto";
import { createInterface } from "node:readline";
import { parse as parseForm } from "node:querystring";

import adyenLibrary from "@adyen/api-library";
import Anthropic from "@anthropic-ai/sdk";
import { signRequest as signContentful, verifyRequest as verifyContentful } from "@contentful/node-apps-toolkit";
import EasyPost from "@easypost/api";
import { Signature as HubSpot } from "@hubspot/api-client";
import { signatureHelper as kontent } from "@kontent-ai/webhook-helper";
import { validateSignature as verifyLine } from "@line/bot-sdk";
import Mux from "@mux/mux-node";
import { Webhooks as Octokit, emitterEventNames } from "@octokit/webhooks";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { WebhookEventVerifier as Onfido } from "@onfido/api";
import { validateEvent as verifyPolar } from "@polar-sh/sdk/webhooks";
import sendgridLibrary from "@sendgrid/eventwebhook";
import { isValidSignature as verifySanity } from "@sanity/webhook";
import Finch from "@tryfinch/finch-api";
import { Receiver as QStash } from "@upstash/qstash";
import { WorkOS } from "@workos-inc/node";
import { Cashfree } from "cashfree-pg";
import { verifyKey as verifyDiscord } from "discord-interactions";
import { parse as parseGoCardless } from "gocardless-nodejs";
import Lithic from "lithic";
import { WebhookReceiver as LiveKit } from "livekit-server-sdk";
import { WebhookSignatureValidator as MercadoPago } from "mercadopago";
import messagebird from "messagebird/lib/webhook-signature-jwt.js";
import ModernTreasury from "modern-treasury";
import OpenAI from "openai";
import Orb from "orb-billing";
import plivo from "plivo";
import Pusher from "pusher";
import { validateWebhook as verifyReplicate } from "replicate";
import { Retell } from "retell-sdk";
import { StreamChat } from "stream-chat";
import { Environment, Paddle } from "@paddle/paddle-node-sdk";
import bolt from "@slack/bolt";
import Razorpay from "razorpay";
import { WebhooksHelper } from "square";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as Svix } from "svix";
import Telnyx from "telnyx";
import twilio from "twilio";

const stripe = new Stripe("sk_test_not_used");
const adyen = new adyenLibrary.hmacValidator();
const sendgrid = new sendgridLibrary.EventWebhook();
const orb = new Orb({ apiKey: "a" });

/** One for each secret: each listens to the process. */
const cashfrees = new Map();
function cashfree(secret) {
  if (!cashfrees.has(secret)) cashfrees.set(secret, new Cashfree(Cashfree.SANDBOX, "a", secret));
  return cashfrees.get(secret);
}

/** A request as Contentful's library reads one. */
const canonical = ({ url, headers, body }) => ({
  path: new URL(url).pathname + new URL(url).search,
  method: "POST",
  headers,
  body,
});

/** Throws, or gives false, where the request is not to be trusted. */
const verify = {
  stripe: ({ body, header, secret }) => stripe.webhooks.constructEvent(body, header("stripe-signature"), secret),
  github: takenByOctokit,
  "standard-webhooks": ({ body, headers, secret }) => new StandardWebhook(secret).verify(body, headers),
  svix: ({ body, headers, secret }) => new Svix(secret).verify(body, headers),
  // What its HTTPReceiver calls.
  slack: ({ body, header, secret }) => {
    bolt.verifySlackRequest({
      signingSecret: secret,
      body,
      headers: {
        "x-slack-signature": header("x-slack-signature"),
        "x-slack-request-timestamp": Number(header("x-slack-request-timestamp")),
      },
    });
    return true;
  },
  twilio: ({ body, header, secret, url }) =>
    twilio.validateRequest(secret, header("x-twilio-signature"), url, { ...parseForm(body) }),
  square: ({ body, header, secret, url }) =>
    WebhooksHelper.verifySignature({
      requestBody: body,
      signatureHeader: header("x-square-hmacsha256-signature"),
      signatureKey: secret,
      notificationUrl: url,
    }),
  razorpay: ({ body, header, secret }) =>
    Razorpay.validateWebhookSignature(body, header("x-razorpay-signature"), secret),
  linear: ({ bytes, header, secret }) =>
    new LinearWebhookClient(secret).verify(bytes, header("linear-signature"), JSON.parse(bytes).webhookTimestamp),
  livekit: ({ body, header, secret }) => new LiveKit("devkey", secret).receive(body, header("authorization")),
  "upstash-qstash": ({ body, header, secret, url }) =>
    new QStash({ currentSigningKey: secret, nextSigningKey: "another" }).verify({
      signature: header("upstash-signature") ?? "",
      body,
      url,
    }),
  messagebird: ({ bytes, header, secret, url }) =>
    messagebird.verify(url, bytes, header("messagebird-signature-jwt") ?? "", createSecretKey(Buffer.from(secret))),
  anthropic: ({ body, headers, secret }) => new Anthropic({ apiKey: "a" }).beta.webhooks.unwrap(body, { headers, key: secret }),
  easypost: ({ bytes, header, secret }) =>
    new EasyPost("a").Utils.validateWebhook(bytes, { "X-Hmac-Signature": header("x-hmac-signature") }, secret),
  finch: ({ body, headers, secret }) => new Finch({}).webhooks.unwrap(body, headers, secret),
  gocardless: ({ body, header, secret }) => parseGoCardless(body, secret, header("webhook-signature") ?? ""),
  hubspot: ({ body, header, secret, url }) =>
    HubSpot.isValid({
      signatureVersion: "v3",
      signature: header("x-hubspot-signature-v3"),
      timestamp: Number(header("x-hubspot-request-timestamp")),
      clientSecret: secret,
      method: "POST",
      requestBody: body,
      url,
    }),
  "kontent-ai": ({ body, header, secret }) =>
    kontent.isValidSignatureFromString(body, secret, header("x-kontent-ai-signature") ?? ""),
  line: ({ body, header, secret }) => verifyLine(body, secret, header("x-line-signature") ?? ""),
  lithic: ({ body, headers, secret }) => new Lithic({ apiKey: "a" }).webhooks.verifySignature(body, headers, secret),
  "modern-treasury": ({ body, headers, secret }) =>
    new ModernTreasury({ apiKey: "a", organizationID: "b" }).webhooks.validateSignature(body, headers, { key: secret }),
  mux: ({ body, headers, secret }) =>
    new Mux({ tokenId: "a", tokenSecret: "b" }).webhooks.verifySignature(body, headers, secret),
  onfido: ({ bytes, header, secret }) => new Onfido(secret).readPayload(bytes, header("x-sha2-signature") ?? ""),
  openai: ({ body, headers, secret }) => new OpenAI({ apiKey: "a" }).webhooks.unwrap(body, headers, secret),
  pusher: ({ body, headers, header, secret }) =>
    new Pusher({ appId: "a", key: header("x-pusher-key"), secret }).webhook({ headers, rawBody: body }).isValid(),
  replicate: ({ body, header, secret }) =>
    verifyReplicate({
      id: header("webhook-id"),
      timestamp: header("webhook-timestamp"),
      signature: header("webhook-signature") ?? "",
      body,
      secret,
    }),
  retell: ({ body, header, secret }) => Retell.verify(body, secret, header("x-retell-signature") ?? ""),
  sanity: ({ body, header, secret }) => verifySanity(body, header("sanity-webhook-signature") ?? "", secret),
  stream: ({ body, header, secret }) => new StreamChat("a", secret).verifyWebhook(body, header("x-signature") ?? ""),
  workos: ({ body, header, secret }) =>
    new WorkOS("a").webhooks.constructEvent({
      payload: JSON.parse(body),
      sigHeader: header("workos-signature") ?? "",
      secret,
    }),
  adyen: ({ body, secret }) =>
    JSON.parse(body).notificationItems.every((item) => adyen.validateHMAC(item.NotificationRequestItem, secret)),
  "adyen-platform": ({ body, header, secret }) => adyen.validateHMACSignature(secret, header("hmacsignature"), body),
  cashfree: ({ body, header, secret }) =>
    cashfree(secret).PGVerifyWebhookSignature(
      header("x-webhook-signature"),
      body,
      header("x-webhook-timestamp"),
    ),
  contentful: (request) => verifyContentful(request.secret, canonical(request), 30),
  // The public half is what these three take.
  discord: ({ bytes, header, secret }) =>
    verifyDiscord(bytes, header("x-signature-ed25519"), header("x-signature-timestamp"), secret.slice(64)),
  sendgrid: ({ body, header, secret }) =>
    sendgrid.verifySignature(
      sendgrid.convertPublicKeyToECDSA(createPublicKey(secret).export({ type: "spki", format: "pem" })),
      body,
      header("x-twilio-email-event-webhook-signature"),
      header("x-twilio-email-event-webhook-timestamp"),
    ),
  telnyx: ({ body, headers, secret }) => {
    const publicKey = Buffer.from(secret, "base64").subarray(32).toString("base64");
    return new Telnyx({ apiKey: "a", publicKey }).webhooks.unwrap(body, { headers });
  },
  mercadopago: ({ header, secret, url }) =>
    MercadoPago.validate({
      xSignature: header("x-signature"),
      xRequestId: header("x-request-id"),
      dataId: new URL(url).searchParams.get("data.id"),
      secret,
    }),
  orb: ({ body, headers, secret }) => orb.webhooks.unwrap(body, headers, secret),
  plivo: ({ body, header, secret, url }) =>
    plivo.validateV3Signature(
      "POST",
      url,
      header("x-plivo-signature-v3-nonce"),
      secret,
      header("x-plivo-signature-v3") ?? "",
      { ...parseForm(body) },
    ),
  polar: ({ body, headers, secret }) => verifyPolar(body, headers, secret),
  paddle: ({ body, header, secret }) =>
    new Paddle("not-used", { environment: Environment.sandbox }).webhooks.isSignatureValid(
      body,
      secret,
      header("paddle-signature") ?? "",
    ),
};

/** Whether the library verifies it, knows its event, and gives it to the handler of that event alone. */
async function takenByOctokit({ body, header, secret }) {
  const webhooks = new Octokit({ secret });
  const [name, { action }] = [header("x-github-event"), JSON.parse(body)];
  const event = action === undefined ? name : `${name}.${action}`;
  if (!emitterEventNames.includes(event)) throw new Error(`the library knows no event ${event}`);
  let isTaken = false;
  webhooks.on(event, () => { isTaken = true; });
  const signature = header("x-hub-signature-256") ?? "";
  await webhooks.verifyAndReceive({ id: header("x-github-delivery"), name, payload: body, signature });
  return isTaken;
}

/** The headers that sign the request. */
const sign = {
  stripe: ({ body, secret }) => ({
    "Stripe-Signature": stripe.webhooks.generateTestHeaderString({ payload: body, secret }),
  }),
  github: async ({ body, secret }) => ({ "X-Hub-Signature-256": await new Octokit({ secret }).sign(body) }),
  "standard-webhooks": ({ body, header, secret }) => timed("webhook", new StandardWebhook(secret), header, body),
  svix: ({ body, header, secret }) => timed("svix", new Svix(secret), header, body),
  "adyen-platform": ({ body, secret }) => ({ HmacSignature: adyen.calculateHmac(body, secret) }),
  contentful: (request) => signContentful(request.secret, canonical(request)),
  orb: ({ body, secret }) => {
    const timestamp = new Date().toISOString();
    return { "X-Orb-Timestamp": timestamp, "X-Orb-Signature": orb.webhooks.signPayload(body, { timestamp, secret }) };
  },
  twilio: ({ body, secret, url }) => ({
    "X-Twilio-Signature": twilio.getExpectedTwilioSignature(secret, url, { ...parseForm(body) }),
  }),
};

function timed(prefix, webhook, header, body) {
  const now = new Date();
  return {
    [`${prefix}-timestamp`]: String(Math.floor(now.getTime() / 1000)),
    [`${prefix}-signature`]: webhook.sign(header(`${prefix}-id`), now, body),
  };
}

async function answer(line) {
  const request = JSON.parse(line);
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const bytes = Buffer.from(request.body_base64, "base64");
  const given = { ...request, headers, bytes, body: bytes.toString("utf8"), header: (name) => headers[name] };
  if (request.do === "verify") {
    const trusted = await verify[request.provider](given);
    return trusted === false ? { ok: false, error: "the library says false" } : { ok: true };
  }
  if (!sign[request.provider]) return { error: "the library can't sign" };
  const added = Object.entries(await sign[request.provider](given));
  const isAdded = (name) => added.some(([own]) => own.toLowerCase() === name.toLowerCase());
  return {
    type: "request",
    method: "POST",
    url: request.url,
    headers: [...request.headers.filter(([name]) => !isAdded(name)), ...added],
    body_base64: request.body_base64,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(line).catch((error) => ({ ok: false, error: String(error?.message ?? error) }));
  process.stdout.write(JSON.stringify(said) + "\n");
}
