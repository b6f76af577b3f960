"""Writes cases of `cases/`: what people reported, done again by the runtime that it happened in.

    python3 tests/explain/reports.py [NAME…]

Each is a provider's right delivery, and a handler's lines that print another signature for it (`computed`), or a sender's
that print the wrong one which it sends (`sent`).
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SECRET = "zJ7pQ2vLk9TnR4xW"
WHSEC = "whsec_" + base64.b64encode(b"24 bytes of a secret key").decode()
STAMP = "1795897751"
MILLIS = STAMP + "250"
AT = "1795897752"
ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def mac(key, *parts, digest="sha256"):
    return hmac.new(key.encode(), b"".join(p.encode() if isinstance(p, str) else p for p in parts), digest)


def b64(mac):
    return base64.b64encode(mac.digest()).decode()


def form_sorted(body):
    import urllib.parse
    pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)
    return "".join(k + v for k, v in sorted(pairs))


# Each provider's headers of a right delivery.
SIGNED = {
    "github": lambda s, b, u: [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
                               ("X-Hub-Signature-256", "sha256=" + mac(s, b).hexdigest())],
    "stripe": lambda s, b, u: [("Stripe-Signature", f"t={STAMP},v1={mac(s, STAMP, '.', b).hexdigest()}")],
    "slack": lambda s, b, u: [("X-Slack-Request-Timestamp", STAMP), ("X-Slack-Signature", "v0=" + mac(s, f"v0:{STAMP}:", b).hexdigest())],
    "zoom": lambda s, b, u: [("x-zm-request-timestamp", STAMP), ("x-zm-signature", "v0=" + mac(s, f"v0:{STAMP}:", b).hexdigest())],
    "standard-webhooks": lambda s, b, u: [("webhook-id", ID), ("webhook-timestamp", STAMP), ("webhook-signature", "v1," + svix(s, b))],
    "svix": lambda s, b, u: [("svix-id", ID), ("svix-timestamp", STAMP), ("svix-signature", "v1," + svix(s, b))],
    "shopify": lambda s, b, u: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Hmac-Sha256", b64(mac(s, b)))],
    "line": lambda s, b, u: [("x-line-signature", b64(mac(s, b)))],
    "todoist": lambda s, b, u: [("X-Todoist-Hmac-SHA256", b64(mac(s, b)))],
    "lemonsqueezy": lambda s, b, u: [("X-Event-Name", "order_created"), ("X-Signature", mac(s, b).hexdigest())],
    "btcpay": lambda s, b, u: [("BTCPay-Sig", "sha256=" + mac(s, b).hexdigest())],
    "paddle": lambda s, b, u: [("Paddle-Signature", f"ts={STAMP};h1={mac(s, STAMP, ':', b).hexdigest()}")],
    "workos": lambda s, b, u: [("WorkOS-Signature", f"t={MILLIS}, v1={mac(s, MILLIS, '.', b).hexdigest()}")],
    "twilio": lambda s, b, u: [("X-Twilio-Signature", b64(mac(s, u, form_sorted(b), digest="sha1")))],
    "square": lambda s, b, u: [("x-square-hmacsha256-signature", b64(mac(s, u, b)))],
    "hubspot": lambda s, b, u: [("X-HubSpot-Request-Timestamp", MILLIS), ("X-HubSpot-Signature-v3", b64(mac(s, "POST", u, b, MILLIS)))],
    "easypost": lambda s, b, u: [("X-Hmac-Signature", "hmac-sha256-hex=" + mac(s, b).hexdigest())],
    "paystack": lambda s, b, u: [("x-paystack-signature", mac(s, b, digest="sha512").hexdigest())],
    "razorpay": lambda s, b, u: [("X-Razorpay-Signature", mac(s, b).hexdigest())],
    "sonarqube": lambda s, b, u: [("X-Sonar-Webhook-HMAC-SHA256", mac(s, b).hexdigest())],
    "nowpayments": lambda s, b, u: [("x-nowpayments-sig", mac(s, json.dumps(json.loads(b), sort_keys=True, separators=(",", ":"), ensure_ascii=False), digest="sha512").hexdigest())],
}


def svix(secret, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, f"{ID}.{STAMP}.".encode() + body, "sha256").digest()).decode()


PRELUDE = {
    "node": """const crypto = require('crypto'), fs = require('fs'), querystring = require('querystring');
const body = fs.readFileSync(process.env.BODY), text = body.toString(), secret = process.env.SECRET, stamp = process.env.STAMP, id = process.env.ID, url = process.env.URL, header = process.env.HEADER;
const hmac = (content, key = secret, hash = 'sha256') => crypto.createHmac(hash, key).update(content);
const print = (text) => process.stdout.write(String(text));
(async () => {%s})();""",
    "python": """import base64, hashlib, hmac, json, os, urllib.parse
body = open(os.environ['BODY'], 'rb').read(); secret, stamp, id, url, header = (os.environ[n] for n in ('SECRET', 'STAMP', 'ID', 'URL', 'HEADER'))
def mac(content, key=None, digest='sha256'):
    return hmac.new((key if key is not None else secret.encode()), content.encode() if isinstance(content, str) else content, digest)
def say(text): print(text, end='')
%s""",
    "php": """<?php $body = file_get_contents(getenv('BODY')); $secret = getenv('SECRET'); $stamp = getenv('STAMP'); $url = getenv('URL'); $header = getenv('HEADER');
%s""",
    "ruby": """require 'openssl'; require 'json'; require 'base64'; require 'uri'; require 'stringio'
body = File.binread(ENV['BODY']); secret, stamp, url = ENV['SECRET'], ENV['STAMP'], ENV['URL']
%s""",
    "go": """package main
import ("bytes"; "crypto/hmac"; "crypto/sha256"; "encoding/base64"; "encoding/hex"; "encoding/json"; "fmt"; "net/url"; "os"; "strings")
var _ = bytes.NewReader; var _ = base64.StdEncoding; var _ = hex.EncodeToString; var _ = json.Marshal; var _ = url.Parse; var _ = strings.Trim
func main() {
body, _ := os.ReadFile(os.Getenv("BODY")); secret := []byte(os.Getenv("SECRET")); stamp := os.Getenv("STAMP"); _ = stamp
mac := hmac.New(sha256.New, secret)
%s
}""",
    "java": """import java.io.*; import java.math.*; import java.nio.charset.*; import java.nio.file.*; import java.util.*; import java.util.stream.*; import javax.crypto.*; import javax.crypto.spec.*;
public class Main {
  static byte[] mac(byte[] content) throws Exception { return mac(content, "HmacSHA256"); }
  static byte[] mac(byte[] content, String name) throws Exception { Mac mac = Mac.getInstance(name); mac.init(new SecretKeySpec(System.getenv("SECRET").getBytes(StandardCharsets.UTF_8), name)); return mac.doFinal(content); }
  static String hex(byte[] bytes) { return HexFormat.of().formatHex(bytes); }
  public static void main(String[] args) throws Exception {
    byte[] body = Files.readAllBytes(Path.of(System.getenv("BODY"))); String stamp = System.getenv("STAMP");
    %s
  }
}""",
    "shell": "%s",
}
FILES = {"node": ("run.cjs", ["node"]), "python": ("run.py", ["python3"]), "php": ("run.php", ["php"]), "ruby": ("run.rb", ["ruby"]),
         "go": ("run.go", ["go", "run"]), "java": ("Main.java", ["java"]), "shell": ("run.sh", ["bash"])}


def run(language, lines, body, secret, stamp, url, header):
    with tempfile.TemporaryDirectory() as folder:
        name, command = FILES[language]
        (pathlib.Path(folder) / "body").write_bytes(body)
        (pathlib.Path(folder) / name).write_text(PRELUDE[language] % lines if language != "shell" else lines)
        env = {**os.environ, "BODY": folder + "/body", "SECRET": secret, "STAMP": stamp, "ID": ID, "URL": url, "HEADER": header, "GO111MODULE": "off"}
        done = subprocess.run([*command, name], cwd=folder, env=env, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{language}: {done.stderr.decode()}")
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n") if language == "java" else done.stdout.decode("utf-8", "surrogateescape")


EVENT = '{"id":"evt_1","type":"order.paid","amount":12.5,"url":"https://shop.example.com/o/1?a=b&c=d","note":"Café <b>R&D</b>","items":[{"sku":"A-1","qty":2}],"meta":{}}'
PLAIN = '{"id":"evt_1","type":"order.paid","amount":12.5,"items":[{"sku":"A-1","qty":2}]}'
PRETTY = json.dumps(json.loads(PLAIN), indent=2)
COMMAND = "token=gIkuvaNzQIHg97ATvDxqgjtO&team_id=T0001&channel_name=test&user_name=Steve&command=%2Fweather&text=94070+now%21&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1234&trigger_id=13345224609.738474920"
SMS = "ToCountry=US&Body=Hello+there%21&From=%2B15551112222&To=%2B15553334444&MessageSid=SM1&NumMedia=0"

CASES = []


def case(name, provider, source, says, language, lines, body=PLAIN, want=None, direction="computed", **more):
    CASES.append(dict(name=name, provider=provider, source=source, says=says, language=language, lines=lines, body=body, want=want or "^" + says.split(" ")[0].replace(".", "\\."), direction=direction, **more))


def write(row):
    body = row["body"].encode() if isinstance(row["body"], str) else row["body"]
    provider, secret, url = row["provider"], row.get("secret", SECRET), row.get("url", "https://host.example.com/hook")
    kind = row.get("type", FORM if provider == "twilio" else JSON)
    stamp = row.get("stamp", MILLIS if provider in ("hubspot", "workos") else STAMP)
    signed = row.get("signed_url", url)
    headers = [("Content-Type", kind), *SIGNED[provider](secret, body, signed), *row.get("headers", [])]
    made = run(row["language"], row["lines"], body, secret, stamp, url, headers[-1][1])
    if row["direction"] == "sent":
        body = row.get("arrives", body)
        body = body.encode() if isinstance(body, str) else body
        at = next(i for i in range(len(headers) - 1, -1, -1) if "ignature" in headers[i][0] or "Hmac" in headers[i][0] or "HMAC" in headers[i][0] or "Sig" in headers[i][0])
        headers[at] = (headers[at][0], made)
    args = ["--provider", provider]
    for name, value in headers:
        args += ["-H", f"{name}: {value}"]
    if "url" in row or provider in ("twilio", "square", "hubspot"):
        args += ["--url", url]
    if row["direction"] == "computed":
        args += ["--computed", made]
    args += ["--at", AT]
    try:
        held = {"text": body.decode()}
    except UnicodeDecodeError:
        held = {"base64": base64.b64encode(body).decode()}
    out = {"source": row["source"], "says": row["says"], "want": row["want"]}
    for field in ("not", "forbid", "unknown"):
        if field in row:
            out[field] = row[field]
    out |= {"args": args, "secret": {"text": secret}, "body": held}
    folder = pathlib.Path(os.environ.get("CASES", HERE / "cases"))
    folder.mkdir(exist_ok=True)
    (folder / f"{row['name']}.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")


SIGNED |= {
    "woocommerce": lambda s, b, u: [("X-WC-Webhook-Topic", "order.created"), ("X-WC-Webhook-Signature", b64(mac(s, b)))],
    "trello": lambda s, b, u: [("X-Trello-Webhook", b64(mac(s, b, u, digest="sha1")))],
    "meta": lambda s, b, u: [("X-Hub-Signature-256", "sha256=" + mac(s, b).hexdigest())],
    "intercom": lambda s, b, u: [("X-Hub-Signature", "sha1=" + mac(s, b, digest="sha1").hexdigest())],
    "linear": lambda s, b, u: [("Linear-Signature", mac(s, b).hexdigest())],
    "mercadopago": lambda s, b, u: [("x-request-id", "bb56a2f1-6aae-46ac-982e-9dcd3581d08e"), ("x-signature", f"ts={STAMP},v1=" + mac(s, f"id:abc123;request-id:bb56a2f1-6aae-46ac-982e-9dcd3581d08e;ts:{STAMP};").hexdigest())],
    "generic-sha256": lambda s, b, u: [("X-Webhook-Signature", mac(s, b).hexdigest())],
}
INTERACTIVE = "payload=" + __import__("urllib.parse").parse.quote_plus('{"type":"block_actions","team":{"id":"T1"},"text":"a+b & c"}')
case("go-sum-of-body", "github", "smallstep/certificates#1546 | hmac's Sum(body) is the body with the MAC of nothing behind it",
     "body.empty the body stands before the MAC of nothing", "go", 'fmt.Print("sha256=" + hex.EncodeToString(mac.Sum(body)))', want="^(body\\.empty|signature\\.prefix)")
case("appwrite-url-decoded", "square", "appwrite/appwrite#13196 | the URL decoded by rawurldecode before it is signed",
     "content.url", "php", "echo base64_encode(hash_hmac('sha256', rawurldecode($url) . $body, $secret, true));", url="https://host.example.com/hook?note=a%20b%2Bc&k=%7B1%7D", direction="sent")
case("netalertx-compact-signed", "github", "netalertx/NetAlertX#1720 | json.dumps compact is signed, and sent with spaces",
     "body.reserialised", "python", "say('sha256=' + mac(json.dumps(json.loads(body), separators=(',', ':'))).hexdigest())",
     body=json.dumps(json.loads(EVENT)), want="^body\\.(reserialised|whitespace)", direction="sent")
case("salesagent-compact-signed", "stripe", "prebid/salesagent#1104 | compact is signed, requests' json= sends with spaces",
     "body.reserialised", "python", "say(f't={stamp},v1=' + mac(f'{stamp}.' + json.dumps(json.loads(body), separators=(',', ':'), sort_keys=False)).hexdigest())",
     body=json.dumps(json.loads(EVENT)), want="^body\\.(reserialised|whitespace)", direction="sent")
case("nango-stable-stringify", "github", "NangoHQ/nango#4572 | json-stable-stringify in the handler",
     "body.reserialised", "node", """const sort = (v) => Array.isArray(v) ? v.map(sort) : v && typeof v === 'object' ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sort(v[k])])) : v;
print('sha256=' + hmac(JSON.stringify(sort(JSON.parse(text)))).digest('hex'))""", body=EVENT)
case("spatie-ksort", "github", "spatie/laravel-webhook-server#65 | ksort before json_encode, the top level alone",
     "body.reserialised", "php", "$a = json_decode($body, true); ksort($a); echo 'sha256=' . hash_hmac('sha256', json_encode($a), $secret);", body=EVENT)
case("btcpay-stringify", "btcpay", "btcpayserver/btcpayserver#2300 | JSON.stringify of what is sent indented",
     "body.reserialised", "node", "print('sha256=' + hmac(JSON.stringify(JSON.parse(text))).digest('hex'))", body=PRETTY)
case("lemonsqueezy-slashes", "lemonsqueezy", "lmsqueezy/lemonsqueezy.js#115 | the body pasted into a JavaScript literal loses its backslashes",
     "body.reserialised", "node", "print(hmac(eval(\"'\" + text + \"'\")).digest('hex'))",
     body='{"meta":{"test_mode":false},"data":{"links":{"self":"https:\\/\\/api.lemonsqueezy.com\\/v1\\/orders\\/1"},"id":"1"}}', want="^body\\.(reserialised|double-encoded)")
case("onfido-unescaped-slashes", "lemonsqueezy", "onfido/onfido-php#4 | json_encode with JSON_UNESCAPED_SLASHES",
     "body.reserialised", "php", "echo hash_hmac('sha256', json_encode(json_decode($body), JSON_UNESCAPED_SLASHES), $secret);", body=EVENT)
case("spatie-hash-of-signature", "github", "spatie/laravel-webhook-client#22 | hash_hmac of the header's signature in the body's place",
     "content.digest", "php", "echo hash_hmac('sha256', str_replace('sha256=', '', $header), $secret);", want="^(content\\.|body\\.)")
case("exact-content-member", "lemonsqueezy", "picqer/exact-php-client#279 | one member of the JSON is hashed, in upper-case hex",
     "body.reserialised", "php", "echo strtoupper(hash_hmac('sha256', json_encode(json_decode($body)->Content), $secret));",
     body='{"Content":{"Topic":"Accounts","Action":"Update","Division":123},"HashCode":"X"}', want="^(body\\.|signature\\.case)")
case("github-form-payload", "github", "mdluo/github-webhook-handler-php#1 | the JSON in the form's field is hashed, not the form",
     "body.form", "php", "parse_str($body, $f); echo 'sha256=' . hash_hmac('sha256', $f['payload'], $secret);",
     body="payload=" + __import__("urllib.parse").parse.quote_plus(EVENT), type=FORM)
case("workos-first-digit", "workos", "workos/emulate#35 | a library that expects `, v1=` takes the first digit off",
     "signature.truncated", "go", 'mac.Write([]byte(stamp + ".")); mac.Write(body); fmt.Print(hex.EncodeToString(mac.Sum(nil))[1:])', want="^signature\\.(truncated|prefix|mistyped)")
case("workos-seconds", "workos", "workos/emulate#35 | seconds where milliseconds are due, signed so",
     "time.unit", "python", "s = stamp[:10]; say(f't={s},v1=' + mac(s + '.' + body.decode()).hexdigest())", direction="sent", want="^time\\.unit|^content\\.timestamp-unit", forbid="498,361|NTP")
case("mercado-seconds", "stripe", "mercadopago/sdk-nodejs#458, cloudinary/cloudinary_java#260 | milliseconds where seconds are due",
     "time.unit", "python", "s = stamp + '250'; say(f't={s},v1=' + mac(s + '.' + body.decode()).hexdigest())", direction="sent", want="^time\\.unit|^content\\.timestamp-unit")
case("wso2-text-element", "github", "wso2/product-apim#10218 | a text is hashed in the <text> element that the mediator wraps it in",
     "body.double-encoded", "java", 'System.out.print("sha256=" + hex(mac(("<text>" + new String(body, "UTF-8") + "</text>").getBytes("UTF-8"))));', body="just a plain text of 42 chars", type="text/plain", want="^body\\.")
case("rocq-escape-char", "github", "rocq-prover/bot#224 | an escape in the JSON is hashed as the character that it is",
     "body.reserialised", "python", "say('sha256=' + mac(body.decode().replace('\\\\u001b', '\\x1b')).hexdigest())", body='{"action": "created", "comment": {"body": "\\u001b[31mred"}}', want="^body\\.")
case("greenhouse-unicode", "lemonsqueezy", "grnhse/greenhouse-api-docs#485 | JSON.stringify of a body that Rails wrote, with <, > and & as escapes",
     "body.reserialised", "node", "print(hmac(JSON.stringify(JSON.parse(text))).digest('hex'))",
     body='{"action":"candidate_hired","payload":{"content":"\\u003cp\\u003etest \\u0026 more\\u003c/p\\u003e","name":"Zoë"}}')
case("easypost-zero-fraction", "easypost", "EasyPost/easypost-node#467, octokit/webhooks.js#775 | 136.0 becomes 136",
     "body.reserialised", "node", "print('hmac-sha256-hex=' + hmac(JSON.stringify(JSON.parse(text))).digest('hex'))", body='{"id":"evt_1","result":{"weight":136.0,"score":0.0}}')
case("n8n-big-integer", "github", "n8n-io/n8n#26925 | a long integer is rounded by JSON.parse",
     "body.reserialised", "node", "print('sha256=' + hmac(JSON.stringify(JSON.parse(text))).digest('hex'))", body='{"p_id":7615917337495251231,"ok":true}')
case("sendgrid-crlf-lost", "github", "sendgrid/sendgrid-csharp#1018 | the line break behind the JSON is lost",
     "body.newline", "python", "say('sha256=' + mac(body.decode().strip()).hexdigest())", body='[{"email":"a@example.com","event":"processed"}]\r\n')
case("wechat-read-lines", "github", "wechatpay-apiv3/wechatpay-java#120 | readLine, joined by a line break",
     "body.newline", "java", '''BufferedReader r = new BufferedReader(new InputStreamReader(new ByteArrayInputStream(body), "UTF-8")); StringBuilder s = new StringBuilder();
for (String l; (l = r.readLine()) != null;) { if (s.length() > 0) s.append("\\n"); s.append(l); } System.out.print("sha256=" + hex(mac(s.toString().getBytes("UTF-8"))));''',
     body=PRETTY.replace("\n", "\r\n") + "\r\n", want="^body\\.(newline|line-endings|reserialised)")
case("stripe-java-empty", "stripe", "stripe/stripe-java#1151 | an empty StringBuilder is given in the body's place",
     "body.empty", "java", 'System.out.print(hex(mac((stamp + "." + new StringBuilder()).getBytes("UTF-8"))));')
case("stripe-java-joining", "stripe", "stripe/stripe-java#1051 | getReader().lines().collect(joining())",
     "body.line-endings", "java", 'System.out.print(hex(mac((stamp + "." + new BufferedReader(new InputStreamReader(new ByteArrayInputStream(body), "UTF-8")).lines().collect(Collectors.joining())).getBytes("UTF-8"))));', body=PRETTY)
case("mastercard-object-text", "github", "Mastercard/oauth1-signer-java#55 | an object's class and hash in the body's place: nobody can know those",
     "unknown", "java", 'System.out.print("sha256=" + hex(mac("org.springframework.web.reactive.function.BodyInserters$$Lambda/0x0000007002860ef0@1d3715ca".getBytes("UTF-8"))));', unknown=True)
case("sonarqube-gson-html", "sonarqube", "SonarSource/sonarqube#3361 | Gson's htmlSafe text is signed, and another is sent",
     "body.reserialised", "python", "say(mac(body.decode().replace('=', '\\\\u003d').replace('&', '\\\\u0026').replace('<', '\\\\u003c').replace('>', '\\\\u003e')).hexdigest())",
     body='{"serverUrl":"https://sonar.example.com","key":"key=val","branch":{"url":"https://sonar.example.com/dashboard?id=a&b=<c>"}}', direction="sent")
case("coinbase-member-replaced", "github", "bchavez/Coinbase.Commerce#3 | a member is replaced by nothing before the check",
     "body.reserialised", "node", """print('sha256=' + hmac(text.replace('"pricing":"nil",', '')).digest('hex'))""", body='{"id":"evt_1","event":{"code":"A1","pricing":"nil","type":"charge:created"}}', want="^body\\.")
case("squidex-plain-hash", "lemonsqueezy", "Squidex/squidex#124 | SHA-256 of the body and the secret behind it",
     "signature.not-hmac", "python", "say(base64.b64encode(hashlib.sha256(body + secret.encode()).digest()).decode())", want="^signature\\.(not-hmac|encoding)")
case("stream-go-bytes", "lemonsqueezy", "GetStream/stream-chat-go#80, NdoleStudio/lemonsqueezy-go#7 | the raw digest, printed by Go as a list of numbers",
     "signature.encoding", "go", "mac.Write(body); fmt.Print(mac.Sum(nil))")
case("nylas-encode64", "shopify", "nylas/nylas-ruby#58 | Base64.encode64 ends in a line break",
     "valid", "ruby", "print Base64.encode64(OpenSSL::HMAC.digest('sha256', secret, body))", want="^(valid|signature\\.(encoding|prefix))")
case("ruby-encode64-sha512", "paystack", "kin of nylas/nylas-ruby#58 | Base64.encode64 breaks a long text after 60 characters",
     "signature.encoding", "ruby", "print Base64.encode64(OpenSSL::HMAC.digest('sha512', secret, body))")
case("planningcenter-hex-key", "github", "planningcenter/developers#1085 | a secret of hex digits is decoded, and is no hex",
     "secret.hex", "node", "print('sha256=' + hmac(body, Buffer.from(secret, 'hex')).digest('hex'))", secret="1f0d3e5b7a9c2468ace013579bdf02468ace13579bdf02468ace13579bdf0246")
case("inpost-two-at-once", "lemonsqueezy", "openlinker-project/openlinker#1556 | base64 over a time and the body, where hex over the body is due",
     "content.other-scheme", "node", "print(hmac(stamp + '.' + text).digest('base64'))", headers=[("X-Event-Timestamp", STAMP)], want="^(content\\.|signature\\.encoding)")
case("nginx-query-added", "square", "gnikyt/laravel-shopify#854 | nginx's try_files adds q= to the query",
     "content.url", "python", "say(base64.b64encode(mac('https://host.example.com/hook?shop=a'.encode() + body).digest()).decode())", url="https://host.example.com/hook?q=/hook&shop=a", direction="sent")
case("zoom-rack3-empty", "zoom", "discourse/discourse-zoom#144 | Rack 3 does not rewind a body that was read",
     "body.empty", "ruby", "io = StringIO.new(body); io.read; print 'v0=' + OpenSSL::HMAC.hexdigest('sha256', secret, \"v0:#{stamp}:#{io.read}\")")
case("rails-params-text", "github", "exercism/v2-website#28 | every value of the params is a text",
     "body.reserialised", "ruby", "s = ->(v) { v.is_a?(Hash) ? v.transform_values(&s) : v.is_a?(Array) ? v.map(&s) : v.to_s }; print 'sha256=' + OpenSSL::HMAC.hexdigest('sha256', secret, JSON.generate(s.(JSON.parse(body))))",
     body='{"ok":true,"number":1,"list":[1,2],"name":"a"}', want="^body\\.reserialised")
case("worker-hex-unpadded", "github", "kin of receptron/mulmoclaude#457 | toString(16) of each byte without padStart",
     "signature.encoding", "node", "print('sha256=' + Array.from(new Uint8Array(hmac(body).digest())).map((b) => b.toString(16)).join(''))")
case("worker-btoa", "github", "receptron/mulmoclaude#457 | btoa of the MAC where hex is due",
     "signature.encoding", "node", "print(btoa(String.fromCharCode(...new Uint8Array(hmac(body).digest()))))")
case("worker-list", "shopify", "kin of receptron/mulmoclaude#457 | a Uint8Array as text",
     "signature.encoding", "node", "print(new Uint8Array(hmac(body).digest()).toString())")
case("node-digest-as-text", "shopify", "kin of octokit/webhooks.js#1155 | digest() joined to a text",
     "signature.encoding", "node", "print('' + hmac(body).digest())")
case("convoy-form-as-json", "github", "frain-dev/convoy#2392 | a form is turned into JSON and that is hashed",
     "body.form", "go", 'v, _ := url.ParseQuery(string(body)); m := map[string]string{}; for k := range v { m[k] = v.Get(k) }; j, _ := json.Marshal(m); mac.Write(j); fmt.Print("sha256=" + hex.EncodeToString(mac.Sum(nil)))',
     body="ref=main&actor=alice&note=a+b%26c", type=FORM, want="^body\\.form")
case("twilio-port-stripped", "twilio", "twilio/twilio-python#402 | the port is taken off the URL",
     "content.url", "python", "u = urllib.parse.urlsplit(url); u = u._replace(netloc=u.hostname).geturl(); say(base64.b64encode(mac(u + ''.join(k + v for k, v in sorted(urllib.parse.parse_qsl(body.decode()))), digest='sha1').digest()).decode())",
     body=SMS, url="https://host.example.com:4433/sms", want="^(content\\.url|valid)")
case("twilio-heroku-http", "twilio", "twilio/twilio-node#505 | http where the proxy ended https",
     "content.url", "node", "const f = querystring.parse(text); print(hmac('http' + url.slice(5) + Object.keys(f).sort().map((k) => k + f[k]).join(''), secret, 'sha1').digest('base64'))", body=SMS, url="https://host.example.com/sms")
case("twilio-internal-host", "twilio", "vellum-ai/vellum-assistant#5235 | the URL that the process sees behind a proxy",
     "content.url", "node", "const f = querystring.parse(text); print(hmac('http://127.0.0.1:7821/sms' + Object.keys(f).sort().map((k) => k + f[k]).join(''), secret, 'sha1').digest('base64'))", body=SMS, url="https://host.example.com/sms", want="^content\\.url")
case("twilio-url-alone", "twilio", "twilio/twilio-ruby#590 | only the URL is looked at",
     "content.separator", "ruby", "print Base64.strict_encode64(OpenSSL::HMAC.digest('sha1', secret, url))", body=SMS, url="https://host.example.com/sms", want="^(content\\.|body\\.)")
case("camunda-twilio-raw", "twilio", "camunda/connectors#2803 | the raw form behind the URL",
     "content.separator", "java", 'String u = System.getenv("URL"); System.out.print(Base64.getEncoder().encodeToString(mac((u + new String(body, "UTF-8")).getBytes("UTF-8"), "HmacSHA1")));', body=SMS, url="https://host.example.com/sms", want="^(content\\.|body\\.)")
case("line-interceptor-empty", "line", "line/line-bot-sdk-java#79 | the stream was read before",
     "body.empty", "java", 'InputStream s = new ByteArrayInputStream(body); s.readAllBytes(); System.out.print(Base64.getEncoder().encodeToString(mac(s.readAllBytes())));')
case("redwood-clerk-text-key", "svix", "redwoodjs/graphql#4598 | the secret's text is the key, and the MAC is hex",
     "secret.base64", "node", "print(hmac(`${id}.${stamp}.${text}`).digest('hex'))", secret=WHSEC, want="^(secret\\.(base64|prefix))")
case("clerk-key-unprefixed-text", "svix", "nestrilabs/nestri#344 | `whsec_` taken off, and the rest not decoded",
     "secret.base64", "node", "print('v1,' + hmac(`${id}.${stamp}.${text}`, secret.slice(6)).digest('base64'))", secret=WHSEC)
case("svix-stringify-indented", "svix", "SatyamPandey-07/WorkSphere#481 | req.json() and JSON.stringify",
     "body.reserialised", "node", "print('v1,' + hmac(`${id}.${stamp}.${JSON.stringify(JSON.parse(text))}`, Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC, body=PRETTY)
case("slack-flask-empty", "slack", "slackapi/python-slack-events-api#41 | Flask's data of a form is empty",
     "body.empty", "python", "say('v0=' + mac(f'v0:{stamp}:').hexdigest())", body=COMMAND, type=FORM)
case("slack-bytes-text", "slack", "kin of slackapi/python-slack-events-api#41 | bytes in an f-string",
     "body.double-encoded", "python", "say('v0=' + mac(f'v0:{stamp}:{body}').hexdigest())", body=COMMAND, type=FORM)
case("forklaunch-undefined", "github", "forklaunch/forklaunch#244 | undefined in a template in the body's place",
     "body.empty", "node", "const rawBody = undefined; print('sha256=' + hmac(`${rawBody}`).digest('hex'))")
case("openintegration-base64", "github", "openintegrationhub/openintegrationhub#1453 | the raw body in base64 is hashed",
     "body.double-encoded", "node", "print('sha256=' + hmac(body.toString('base64')).digest('hex'))")
case("lambda-stringify-body", "stripe", "stripe/stripe-node#1768 | JSON.stringify of an event's body, which is a text",
     "body.double-encoded", "node", "print(hmac(stamp + '.' + JSON.stringify(text)).digest('hex'))", body=PRETTY)
case("lambda-base64-body", "stripe", "kin of stripe/stripe-node#1768 | event.body with isBase64Encoded",
     "body.double-encoded", "node", "print(hmac(stamp + '.' + body.toString('base64')).digest('hex'))", body=PRETTY)
case("jaas-split-equals", "shopify", "8x8/jaas_demo#8 | split at `=` takes the padding off",
     "valid", "node", "print(hmac(body).digest('base64').split('=')[0])", want="^(valid|signature\\.(encoding|truncated|prefix))")
case("axios-string-quoted", "github", "kin of prebid/salesagent#1104 | axios sends a text with a JSON content type as a JSON string",
     "body.double-encoded", "node", "print('sha256=' + hmac(JSON.parse(text)).digest('hex'))", body=json.dumps(PLAIN), direction="sent")
case("requests-data-dict", "github", "kin of netalertx/NetAlertX#1720 | requests' data= of a dict sends a form",
     "body.form", "python", "say('sha256=' + mac(json.dumps({'id': 'evt_1', 'type': 'order.paid'})).hexdigest())", body="id=evt_1&type=order.paid", type=FORM, direction="sent", want="^body\\.form")
case("go-encoder-newline", "github", "kin of frain-dev/convoy#2392 | json.Encoder ends in a line break, json.Marshal signs without",
     "body.newline", "go", 'mac.Write(bytes.TrimSpace(body)); fmt.Print("sha256=" + hex.EncodeToString(mac.Sum(nil)))', body=PLAIN + "\n", direction="sent")
case("echo-openssl", "github", "kin of coreos/fedora-coreos-pipeline#663 | echo into openssl dgst",
     "body.newline", "shell", 'echo "$(cat $BODY)" | openssl dgst -sha256 -hmac "$SECRET"')
case("openssl-right", "github", "kin of coreos/fedora-coreos-pipeline#663 | openssl's own line of a right MAC", "valid", "shell", 'openssl dgst -sha256 -hmac "$SECRET" < $BODY', want="^(valid|signature\\.prefix)")
case("coreos-secret-newline", "github", "coreos/fedora-coreos-pipeline#663 | the secret's file ends in a line break",
     "secret.whitespace", "python", "say('sha256=' + mac(body, (secret + '\\n').encode()).hexdigest())")
case("heripo-trim", "github", "heripo-lab/heripo-engine#47 | white space at the end of the variable",
     "secret.whitespace", "node", "print('sha256=' + hmac(body, secret + ' ').digest('hex'))")
case("base64-of-hex-php", "shopify", "kin of gnikyt/laravel-shopify#489 | base64_encode of hash_hmac's hex, without the fourth argument",
     "signature.encoding", "php", "echo base64_encode(hash_hmac('sha256', $body, $secret));")
case("base64-of-hex-python", "line", "kin of GetStream/stream-chat-go#80 | b64encode of hexdigest",
     "signature.encoding", "python", "say(base64.b64encode(mac(body).hexdigest().encode()).decode())")
case("hex-of-hex-go", "github", "kin of GetStream/stream-chat-go#80 | %x of a hex text",
     "signature.encoding", "go", 'mac.Write(body); fmt.Printf("%x", hex.EncodeToString(mac.Sum(nil)))')
case("hmac-arguments-swapped-php", "github", "kin of spatie/laravel-webhook-client#22 | hash_hmac with key and data changed about",
     "secret.swapped", "php", "echo hash_hmac('sha256', $secret, $body);")
case("java-big-integer", "github", "kin of receptron/mulmoclaude#457 | new BigInteger(1, mac).toString(16) drops noughts", "signature.encoding", "java",
     'System.out.print(new BigInteger(1, mac(body)).toString(16));', body='{"n":22}', want="^signature\\.encoding")
case("java-signed-big-integer", "github", "kin of receptron/mulmoclaude#457 | new BigInteger(mac).toString(16) has a sign", "signature.encoding", "java", 'System.out.print("sha256=" + new BigInteger(mac(body)).toString(16));', body='{"n":0}', want="^signature\\.encoding")
case("java-to-hex-string", "github", "kin of receptron/mulmoclaude#457 | Integer.toHexString of signed bytes", "signature.encoding", "java", 'StringBuilder s = new StringBuilder(); for (byte b : mac(body)) s.append(Integer.toHexString(b)); System.out.print(s);')
case("java-new-string", "shopify", "kin of octokit/webhooks.js#1155 | new String(mac)", "signature.encoding", "java", 'System.out.print(new String(mac(body), "UTF-8"));')
case("java-latin-1-body", "github", "kin of Doist/todoist-sdk-typescript#260 | getBytes(ISO_8859_1) of a text", "body.charset", "java", 'System.out.print(hex(mac(new String(body, "UTF-8").getBytes("ISO-8859-1"))));', body='{"name":"Zoë → 任务"}')
case("java-read-as-latin-1", "todoist", "Doist/todoist-sdk-typescript#260 | the servlet's reader takes UTF-8 for Latin-1", "body.charset", "java", 'System.out.print(Base64.getEncoder().encodeToString(mac(new String(body, "ISO-8859-1").getBytes("UTF-8"))));', body='{"content":"Prüfung 任务"}')
case("django-querydict", "slack", "kin of slackapi/python-slack-events-api#41 | str(request.POST)", "body.form", "python", """class QueryDict(dict):
    def __repr__(self): return '<QueryDict: %s>' % dict.__repr__(self)
q = QueryDict()
for k, v in urllib.parse.parse_qsl(body.decode()): q.setdefault(k, []).append(v)
say('v0=' + mac(f'v0:{stamp}:{q}').hexdigest())""", body=COMMAND, type=FORM, want="^body\\.form")
case("flask-multidict", "slack", "kin of slackapi/python-slack-events-api#41 | str(request.form)", "body.form", "python", "say('v0=' + mac(f'v0:{stamp}:ImmutableMultiDict({urllib.parse.parse_qsl(body.decode())!r})').hexdigest())", body=COMMAND, type=FORM, want="^body\\.form")
case("express-object-text", "slack", "gverni/validate-slack-request#3 | [object Object]", "body.empty", "node", "print('v0=' + hmac(`v0:${stamp}:${querystring.parse(text) && {}}`).digest('hex'))", body=COMMAND, type=FORM)
case("express-json-of-form", "slack", "gverni/validate-slack-request#3 | JSON.stringify of a parsed form", "body.form", "node", "print('v0=' + hmac(`v0:${stamp}:${JSON.stringify(querystring.parse(text))}`).digest('hex'))", body=COMMAND, type=FORM)
case("php-addslashes", "github", "kin of freescout-help-desk/freescout#4351 | addslashes of the input, as magic quotes and WordPress do", "body.double-encoded", "php", "echo hash_hmac('sha256', addslashes($body), $secret);")
case("php-utf8-encode", "github", "kin of freescout-help-desk/freescout#4351 | utf8_encode of what is UTF-8", "body.charset", "php", "echo hash_hmac('sha256', @utf8_encode($body), $secret);", body=EVENT)
case("php-utf8-decode", "github", "kin of freescout-help-desk/freescout#4351 | utf8_decode of the body", "body.charset", "php", "echo hash_hmac('sha256', @utf8_decode($body), $secret);", body=EVENT)
case("php-strip-tags", "github", "kin of freescout-help-desk/freescout#4351 | strip_tags of the input", "body.html-escaped", "php", "echo hash_hmac('sha256', strip_tags($body), $secret);", body=EVENT, want="^body\\.")
case("php-htmlspecialchars", "github", "kin of freescout-help-desk/freescout#4351 | htmlspecialchars of the input", "body.html-escaped", "php", "echo hash_hmac('sha256', htmlspecialchars($body), $secret);", body=EVENT)
case("php-filter-input", "github", "kin of freescout-help-desk/freescout#4351 | FILTER_SANITIZE_STRING of the input", "body.html-escaped", "php", "echo hash_hmac('sha256', @filter_var($body, FILTER_SANITIZE_STRING), $secret);", body=EVENT, want="^body\\.")
case("php-serialize", "github", "kin of stripe/stripe-php#1715 | serialize of the decoded array", "body.reserialised", "php", "echo hash_hmac('sha256', serialize(json_decode($body, true)), $secret);", body=EVENT, want="^body\\.")
case("php-implode", "github", "kin of quaderno/quaderno-api#4 | implode of the decoded values", "body.reserialised", "php", "echo hash_hmac('sha256', implode('', array_filter(json_decode($body, true), 'is_scalar')), $secret);", body='{"id":"evt_1","type":"order.paid","amount":12.5}', want="^body\\.")
case("laravel-all-json", "paddle", "laravel/cashier-paddle#120 | json_encode($request->all())", "body.reserialised", "php", "echo hash_hmac('sha256', \"$stamp:\" . json_encode(json_decode($body, true)), $secret);", body=EVENT)
case("paddle-h1-dot", "paddle", "kin of airqo-platform/AirQo-api#6619 | a dot where Paddle has a colon, as Stripe's code has it", "content.separator", "php", "echo hash_hmac('sha256', \"$stamp.\" . $body, $secret);", want="^content\\.(separator|other-scheme)")
case("razorpay-reencoded", "razorpay", "razorpay/razorpay-magento#251 | json_encode of json_decode", "body.reserialised", "php", "echo hash_hmac('sha256', json_encode(json_decode($body, true)), $secret);", body=EVENT)
case("rails-parameters-inspect", "github", "Shopify/shopify_app#588 | params.inspect", "body.reserialised", "ruby", "print OpenSSL::HMAC.hexdigest('sha256', secret, \"#<ActionController::Parameters #{JSON.parse(body).inspect} permitted: false>\")", want="^body\\.")
case("rails-wrapped-params", "github", "Shopify/shopify_app#588 | request.request_parameters.to_json, with the wrapped params", "body.reserialised", "ruby", "h = JSON.parse(body); print OpenSSL::HMAC.hexdigest('sha256', secret, JSON.generate(h.merge('webhook' => h)))", want="^body\\.")
case("python-sha1-default", "github", "kin of nfe/whmcs-addon#190 | Python 2's hmac.new without a digest is MD5", "signature.algorithm", "python", "say(mac(body, digest='md5').hexdigest())")
case("sha256-without-key", "github", "kin of Squidex/squidex#124 | hash('sha256') of the body alone", "signature.not-hmac", "php", "echo hash('sha256', $body);")
case("sha1-in-sha256-header", "github", "kin of spatie/laravel-webhook-client#22 | sha1 where sha256 is due", "signature.algorithm", "ruby", "print 'sha256=' + OpenSSL::HMAC.hexdigest('sha1', secret, body)")
case("bash-word-splitting", "github", "kin of coreos/fedora-coreos-pipeline#663 | echo $BODY without quotes takes white space together", "body.whitespace", "shell", 'B=$(cat $BODY); echo -n $B | openssl dgst -sha256 -hmac "$SECRET" | sed "s/.*= //" | tr -d "\\n"', body=PRETTY, want="^body\\.(whitespace|line-endings|reserialised)")
case("printf-format", "github", "kin of coreos/fedora-coreos-pipeline#663 | printf \"$BODY\" reads backslashes", "body.double-encoded", "shell", 'printf "$(cat $BODY)" | openssl dgst -sha256 -hmac "$SECRET" | sed "s/.*= //" | tr -d "\\n"', body='{"text":"a\\nb \\u00e9"}', want="^body\\.")
case("python-ast-dict", "github", "zoom/rtms#113 | str() of the parsed dict", "body.reserialised", "python", "say(mac(str(json.loads(body))).hexdigest())", body='{"id":"evt_1","ok":true,"none":null,"f":1.0,"s":"it\'s"}', want="^body\\.")
case("python-urlencode-json", "github", "kin of slackapi/python-slack-events-api#41 | urlencode of a parsed JSON object", "body.form", "python", "say(mac(urllib.parse.urlencode(json.loads(body))).hexdigest())", body='{"id":"evt_1","type":"order.paid","amount":12.5}', want="^body\\.form")
case("node-util-format", "github", "kin of KanishJebaMathewM/Truxify#5219 | util.inspect of the parsed body", "body.reserialised", "node", "print(hmac(require('util').inspect(JSON.parse(text))).digest('hex'))", body=EVENT, want="^body\\.")
case("node-stringify-sorted-replacer", "github", "kin of NangoHQ/nango#4572 | JSON.stringify(body, Object.keys(body).sort()) leaves out nested members", "body.reserialised", "node", "const b = JSON.parse(text); print(hmac(JSON.stringify(b, Object.keys(b).sort())).digest('hex'))", want="^body\\.")
case("nowpayments-unsorted", "nowpayments", "kin of NangoHQ/nango#4572 | JSON.stringify without sorting", "body.reserialised", "node", "print(hmac(JSON.stringify(JSON.parse(text)), secret, 'sha512').digest('hex'))", body='{"payment_id":5,"actually_paid":0.1,"fee":{"currency":"btc","amount":1}}', want="^(body\\.|content\\.)")
case("hubspot-no-timestamp", "hubspot", "HubSpot/hubspot-php#403 | version 2's content in version 3's header", "content.timestamp-missing", "node", "print(hmac('POST' + url + text).digest('base64'))", want="^content\\.")
case("hubspot-path-only", "hubspot", "kin of HubSpot/hubspot-php#403 | req.url of Express is the path alone", "content.url", "node", "print(hmac('POST' + '/hook' + text + stamp).digest('base64'))")
case("square-trailing-slash", "square", "kin of appwrite/appwrite#13196 | the URL with a slash at its end", "content.url", "php", "echo base64_encode(hash_hmac('sha256', $url . '/' . $body, $secret, true));")
case("square-body-url", "square", "kin of appwrite/appwrite#13196 | the body before the URL", "content.separator", "php", "echo base64_encode(hash_hmac('sha256', $body . $url, $secret, true));", want="^content\\.")
case("stripe-key-api", "stripe", "GaryH21/Stripe-Webhooks-Tutorial#1 | the API's key in the secret's place: not at hand", "unknown", "node", "print(hmac(stamp + '.' + text, 'sk_live_abcdef123456').digest('hex'))", unknown=True)
case("svix-three-parts-wrong-order", "svix", "kin of redwoodjs/graphql#4598 | the timestamp before the id", "content.separator", "python", "say('v1,' + base64.b64encode(mac(f'{stamp}.{id}.'.encode() + body, base64.b64decode(secret[6:])).digest()).decode())", secret=WHSEC, want="^content\\.")
case("svix-timestamp-now", "svix", "argilla-io/argilla#5521 | another time in the header than in the content", "content.timestamp-other", "python", "say('v1,' + base64.b64encode(mac(f'{id}.{int(stamp) + 1}.'.encode() + body, base64.b64decode(secret[6:])).digest()).decode())", secret=WHSEC, direction="sent", want="^content\\.timestamp-other")
case("svix-event-time-signed", "svix", "argilla-io/argilla#5521 | the event's time in the content", "content.timestamp-other", "python", "say('v1,' + base64.b64encode(mac(f'{id}.2026-11-29T12:00:00Z.'.encode() + body, base64.b64decode(secret[6:])).digest()).decode())", secret=WHSEC, body='{"type":"record.created","timestamp":"2026-11-29T12:00:00Z","data":{"id":1}}', direction="sent", want="^content\\.timestamp-other")
case("double-prefix", "github", 'kin of jackmusick/bifrost#726 | the prefix twice', "signature.prefix", "node", "print('sha256=sha256=' + hmac(body).digest('hex'))", direction="sent")
case("python-bytes-b64", "shopify", "kin of GetStream/stream-chat-go#80 | str() of b64encode's bytes in the header", "signature.encoding", "python", "say(str(base64.b64encode(mac(body).digest())))", direction="sent", want="^signature\\.(encoding|prefix)")
case("b64-percent", "shopify", 'kin of jackmusick/bifrost#726 | base64 percent-encoded in the header', "signature.encoding", "node", "print(encodeURIComponent(hmac(body).digest('base64')))", direction="sent")
case("b64-plus-space", "shopify", 'kin of jackmusick/bifrost#726 | `+` of base64 became a space', "signature.encoding", "node", "print(hmac(body).digest('base64').replace(/\\+/g, ' '))", direction="sent", body='{"id":3}')
case("hex-upper-sent", "github", 'nfe/whmcs-addon#190 | upper-case hex in the header', "signature.case", "python", "say('sha256=' + mac(body).hexdigest().upper())", direction="sent")
case("svix-comma-list", "svix", 'kin of SatyamPandey-07/WorkSphere#481 | several signatures with commas between them', "signature.prefix", "python", "say('v1,' + 'A' * 43 + '=,v1,' + base64.b64encode(mac(f'{id}.{stamp}.'.encode() + body, base64.b64decode(secret[6:])).digest()).decode())", secret=WHSEC, direction="sent")
case("secret-undefined", "github", 'kin of heripo-lab/heripo-engine#47 | a variable that is not set, in a template', "secret.placeholder", "node", "print('sha256=' + hmac(body, `${process.env.NOPE}`).digest('hex'))")
case("secret-none", "github", 'kin of heripo-lab/heripo-engine#47 | str(None)', "secret.placeholder", "python", "say('sha256=' + mac(body, str(os.environ.get('NOPE')).encode()).hexdigest())")
case("secret-json", "github", 'kin of heripo-lab/heripo-engine#47 | JSON.stringify of the secret', "secret.quoted", "node", "print('sha256=' + hmac(body, JSON.stringify(secret)).digest('hex'))")
case("secret-template", "github", 'kin of coreos/fedora-coreos-pipeline#663 | a reference in single quotes, which no shell reads', "secret.placeholder", "shell", "printf %s \"sha256=$(openssl dgst -sha256 -hmac '${WEBHOOK_SECRET}' < $BODY | sed 's/.*= //')\"")
case("secret-mustache", "github", 'kin of coreos/fedora-coreos-pipeline#663 | a placeholder of a template, not filled in', "secret.placeholder", "node", "print(hmac(body, '{{webhook_secret}}').digest('hex'))")
case("secret-sha256-bytes", "github", "kin of planningcenter/developers#1085 | the key is the secret's SHA-256", "secret.hashed", "python", "say(mac(body, hashlib.sha256(secret.encode()).digest()).hexdigest())")
case("secret-reversed-b64", "stripe", 'kin of nestrilabs/nestri#344 | a whsec_ secret of Stripe decoded from base64', "secret.base64", "node", "print(hmac(stamp + '.' + text, Buffer.from(secret.slice(6), 'base64')).digest('hex'))", secret=WHSEC, want="^secret\\.(base64|prefix)")
case("stripe-unprefixed", "stripe", 'kin of nestrilabs/nestri#344 | whsec_ taken off where it belongs to the key', "secret.prefix", "node", "print(hmac(stamp + '.' + text, secret.slice(6)).digest('hex'))", secret=WHSEC)
case("openssl-hexkey", "github", "kin of planningcenter/developers#1085 | openssl's hexkey", "secret.hex", "shell", 'openssl dgst -sha256 -mac HMAC -macopt hexkey:$SECRET < $BODY', secret="1f0d3e5b7a9c2468ace013579bdf02468ace13579bdf02468ace13579bdf0246")
case("slack-payload-only", "slack", 'kin of slackapi/python-slack-events-api#41 | the JSON in `payload` is hashed', "body.form", "python", "say('v0=' + mac(f'v0:{stamp}:' + urllib.parse.parse_qs(body.decode())['payload'][0]).hexdigest())", body=INTERACTIVE, type=FORM)
case("slack-unquoted", "slack", 'kin of slackapi/python-slack-events-api#41 | the form decoded', "body.double-encoded", "python", "say('v0=' + mac(f'v0:{stamp}:' + urllib.parse.unquote(body.decode())).hexdigest())", body=COMMAND, type=FORM)
case("slack-json-body", "slack", 'kin of slackapi/python-slack-events-api#35 | no `v0:` before', "content.separator", "node", "print('v0=' + hmac(`${stamp}:${text}`).digest('hex'))")
case("zoom-stringify", "zoom", 'kin of lmsqueezy/lemonsqueezy.js#115 | JSON.stringify of a body with escaped slashes', "body.reserialised", "node", "print('v0=' + hmac(`v0:${stamp}:${JSON.stringify(JSON.parse(text))}`).digest('hex'))", body='{"event":"meeting.started","payload":{"url":"https:\\/\\/z.us"}}')
case("zoom-millis", "zoom", 'kin of cloudinary/cloudinary_java#260 | milliseconds in the content', "content.timestamp-unit", "node", "print('v0=' + hmac(`v0:${stamp}000:${text}`).digest('hex'))")
case("data-only", "stripe", "kin of picqer/exact-php-client#279 | JSON.stringify of the event's data", "body.reserialised", "node", "print(hmac(stamp + '.' + JSON.stringify(JSON.parse(text).data)).digest('hex'))", body=json.dumps({"id": "evt_1", "data": {"object": {"id": "x", "n": 1}}}, indent=2))
case("sns-message", "github", 'kin of picqer/exact-php-client#279 | the message inside a notification', "body.double-encoded", "python", "say('sha256=' + mac(json.loads(body)['Message']).hexdigest())", body=json.dumps({"Type": "Notification", "MessageId": "1", "Message": PLAIN}), want="^body\\.")
case("truncated-1024", "github", 'kin of stripe/stripe-java#1151 | the first 1024 bytes alone', "body.empty", "python", "say('sha256=' + mac(body[:1024]).hexdigest())", body='{"a":"' + "x" * 3000 + '"}', want="^body\\.")
case("twice", "github", 'kin of smallstep/certificates#1546 | the body twice in one buffer', "body.double-encoded", "node", "print('sha256=' + hmac(text + text).digest('hex'))", want="^body\\.")
case("xml-declaration", "generic-sha256", 'kin of wso2/product-apim#10218 | XML written again by minidom', "body.reserialised", "python", "import xml.dom.minidom; say('sha256=' + mac(xml.dom.minidom.parseString(body).toxml()).hexdigest())", body="<order><id>1</id><note>a &amp; b</note></order>", type="application/xml", want="^body\\.")
case("xml-transformer", "generic-sha256", 'kin of wso2/product-apim#10218 | XML written again by Java\'s Transformer', "body.reserialised", "java", 'var d = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(body)); var o = new ByteArrayOutputStream(); javax.xml.transform.TransformerFactory.newInstance().newTransformer().transform(new javax.xml.transform.dom.DOMSource(d), new javax.xml.transform.stream.StreamResult(o)); System.out.print("sha256=" + hex(mac(o.toByteArray())));', body="<order><id>1</id><empty></empty></order>", type="application/xml")
case("xml-etree", "generic-sha256", 'kin of wso2/product-apim#10218 | XML written again by ElementTree', "body.reserialised", "python", "import xml.etree.ElementTree as E; say('sha256=' + mac(E.tostring(E.fromstring(body))).hexdigest())", body='<?xml version="1.0" encoding="UTF-8"?>\n<order><id>1</id><empty></empty></order>', type="application/xml", want="^body\\.")
case("null-removed", "github", 'kin of EasyPost/easypost-node#467 | null members left out', "body.reserialised", "node", "print('sha256=' + hmac(JSON.stringify(JSON.parse(text, (k, v) => v === null ? undefined : v))).digest('hex'))", body='{"id":"evt_1","a":null,"b":{"c":null,"d":1}}')
case("php-empty-object", "github", 'kin of razorpay/razorpay-magento#251 | {} becomes []', "body.reserialised", "php", "echo hash_hmac('sha256', json_encode(json_decode($body, true)), $secret);", body='{"id":"evt_1","meta":{},"list":[]}')
case("php-unicode-slashes-pretty", "github", 'kin of onfido/onfido-php#4 | json_encode with three flags', "body.reserialised", "php", "echo hash_hmac('sha256', json_encode(json_decode($body), JSON_PRETTY_PRINT|JSON_UNESCAPED_UNICODE|JSON_UNESCAPED_SLASHES), $secret);", body=EVENT)
case("go-struct-subset", "github", 'kin of qf-studio/pilot#3325 | a struct that names two members', "body.reserialised", "go", 'var v struct{ Id string `json:"id"`; Type string `json:"type"` }; json.Unmarshal(body, &v); j, _ := json.Marshal(v); mac.Write(j); fmt.Print(hex.EncodeToString(mac.Sum(nil)))', want="^body\\.")
case("go-struct-capitals", "github", 'kin of qf-studio/pilot#3325 | a struct without tags', "body.reserialised", "go", 'var v struct{ Id string; Type string; Amount float64 }; json.Unmarshal(body, &v); j, _ := json.Marshal(v); mac.Write(j); fmt.Print(hex.EncodeToString(mac.Sum(nil)))', body='{"id":"evt_1","type":"order.paid","amount":12.5}', want="^body\\.")
case("camelize", "github", 'kin of exercism/v2-website#28 | keys in camelCase', "body.reserialised", "node", "const c = (v) => Array.isArray(v) ? v.map(c) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, w]) => [k.replace(/_(\\w)/g, (_, x) => x.toUpperCase()), c(w)])) : v; print(hmac(JSON.stringify(c(JSON.parse(text)))).digest('hex'))", body='{"event_id":"evt_1","order_total":12.5,"line_items":[{"unit_price":1}]}', want="^body\\.")
case("snake", "github", 'kin of exercism/v2-website#28 | keys in snake_case', "body.reserialised", "python", "import re\ndef c(v): return [c(x) for x in v] if isinstance(v, list) else {re.sub('([A-Z])', lambda m: '_' + m[1].lower(), k): c(w) for k, w in v.items()} if isinstance(v, dict) else v\nsay(mac(json.dumps(c(json.loads(body)))).hexdigest())", body='{"eventId":"evt_1","orderTotal":12.5,"lineItems":[{"unitPrice":1}]}', want="^body\\.")
case("added-member", "github", 'kin of Shopify/shopify_app#588 | a member that nobody can know was added', "unknown", "node", "print(hmac(JSON.stringify({ ...JSON.parse(text), receivedAt: Date.now() })).digest('hex'))", unknown=True, want="unknown")
case("woo-slashed", "woocommerce", 'kin of freescout-help-desk/freescout#4351 | slashes added as WordPress does', "body.double-encoded", "php", "echo base64_encode(hash_hmac('sha256', addslashes($body), $secret, true));", body=EVENT)
case("woo-decoded-entities", "woocommerce", 'kin of gnikyt/laravel-shopify#489 | the secret escaped for HTML', "secret.html-escaped", "php", "echo base64_encode(hash_hmac('sha256', $body, htmlspecialchars($secret), true));", secret="a&b<c>d\"e'f-long-enough")
case("woo-trim-secret", "woocommerce", 'kin of gnikyt/laravel-shopify#489 | the secret encoded by urlencode', "secret.url-encoded", "php", "echo base64_encode(hash_hmac('sha256', $body, urlencode($secret), true));", secret="a&b+c/d=e f-long-enough")
case("trello-no-url", "trello", 'kin of appwrite/appwrite#13196 | the URL left out', "content.url", "node", "print(hmac(body, secret, 'sha1').digest('base64'))", url="https://host.example.com/hook", want="^content\\.")
case("trello-sha256", "trello", 'kin of nfe/whmcs-addon#190 | SHA-256 where SHA-1 is due', "signature.algorithm", "node", "print(hmac(text + url).digest('base64'))", url="https://host.example.com/hook")
case("meta-raw-unicode", "meta", 'kin of Doist/todoist-sdk-typescript#260 | what is beyond ASCII escaped', "body.reserialised", "node", "print('sha256=' + hmac(text.replace(/[^\\x00-\\x7f]/g, (c) => '\\\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))).digest('hex'))", body='{"object":"page","entry":[{"text":"Café 😊"}]}')
case("mp-no-semicolon", "mercadopago", 'kin of mercadopago/sdk-nodejs#458 | the manifest without its last `;`', "content.separator", "node", "print(hmac(`id:abc123;request-id:bb56a2f1-6aae-46ac-982e-9dcd3581d08e;ts:${stamp}`).digest('hex'))", url="https://host.example.com/hook?data.id=ABC123&type=payment", want="^content\\.")
case("mp-upper-id", "mercadopago", 'kin of mercadopago/sdk-nodejs#458 | the id in upper case', "content.separator", "node", "print(hmac(`id:ABC123;request-id:bb56a2f1-6aae-46ac-982e-9dcd3581d08e;ts:${stamp};`).digest('hex'))", url="https://host.example.com/hook?data.id=ABC123&type=payment", want="^content\\.")
case("mp-no-request-id", "mercadopago", "kin of mercadopago/sdk-nodejs#458 | the request's id left out", "content.separator", "node", "print(hmac(`id:abc123;ts:${stamp};`).digest('hex'))", url="https://host.example.com/hook?data.id=ABC123&type=payment", want="^content\\.")
case("mp-body", "mercadopago", 'kin of mercadopago/sdk-nodejs#458 | the body hashed', "content.other-scheme", "node", "print(hmac(text).digest('hex'))", url="https://host.example.com/hook?data.id=ABC123&type=payment", want="^content\\.")
case("paystack-256", "paystack", 'kin of nfe/whmcs-addon#190 | SHA-256 where SHA-512 is due', "signature.algorithm", "php", "echo hash_hmac('sha256', $body, $secret);")
case("stripe-t-kept", "stripe", 'kin of 8x8/jaas_demo#8 | `t=` kept', "content.timestamp-other", "node", "print(hmac(`t=${stamp}.${text}`).digest('hex'))", want="^content\\.")
case("stripe-no-dot", "stripe", 'kin of 8x8/jaas_demo#8 | no dot between timestamp and body', "content.separator", "python", "say(mac(stamp.encode() + body).hexdigest())")
case("stripe-float", "stripe", 'kin of HubSpot/hubspot-api-python#263 | a float as text', "content.timestamp-unit", "python", "say(mac(f'{float(stamp)}.'.encode() + body).hexdigest())", want="^content\\.timestamp")
case("stripe-iso", "stripe", 'kin of argilla-io/argilla#5521 | an ISO date in the content', "content.timestamp-unit", "node", "print(hmac(new Date(stamp * 1000).toISOString() + '.' + text).digest('hex'))", want="^content\\.timestamp")
case("stripe-now", "stripe", "kin of argilla-io/argilla#5521 | the handler's own clock in the content", "content.timestamp-other", "node", "print(hmac((+stamp + 1) + '.' + text).digest('hex'))", want="^content\\.timestamp")
case("nfd", "github", 'kin of Doist/todoist-sdk-typescript#260 | decomposed characters', "body.unicode-normalised", "python", "import unicodedata; say(mac(unicodedata.normalize('NFD', body.decode())).hexdigest())", body=EVENT)
case("gzip", "github", 'kin of GetStream/stream-chat-php#168 | the gzipped body is hashed: another compressor makes other bytes', "body.compression", "python", "import gzip; say(mac(gzip.compress(body, mtime=0)).hexdigest())", want="^(body\\.compression|unknown)", unknown=True)
case("utf16le", "github", 'kin of publicmediaplatform/pmp-issues#49 | UTF-16', "body.charset", "python", "say(mac(body.decode().encode('utf-16-le')).hexdigest())")
case("cp1252", "github", 'kin of publicmediaplatform/pmp-issues#49 | Windows-1252', "body.charset", "python", "say(mac(body.decode().encode('cp1252', 'replace')).hexdigest())", body='{"n":"“Zoë” €"}')
case("twilio-unsorted", "twilio", 'kin of camunda/connectors#2803 | the fields not sorted', "content.separator", "node", "const f = querystring.parse(text); print(hmac(url + Object.keys(f).map((k) => k + f[k]).join(''), secret, 'sha1').digest('base64'))", body=SMS, url="https://host.example.com/sms", want="^content\\.")
case("twilio-json-params", "twilio", 'kin of camunda/connectors#2803 | the fields as JSON', "content.separator", "node", "print(hmac(url + JSON.stringify(querystring.parse(text)), secret, 'sha1').digest('base64'))", body=SMS, url="https://host.example.com/sms", want="^(content|body)\\.")
case("twilio-case-sort", "twilio", 'kin of camunda/connectors#2803 | sorted whatever the case', "content.separator", "python", "say(base64.b64encode(mac(url + ''.join(k + v for k, v in sorted(urllib.parse.parse_qsl(body.decode()), key=lambda p: p[0].lower())), digest='sha1').digest()).decode())", body="Body=a&AccountSid=AC1&apiVersion=1&To=b", url="https://host.example.com/sms", want="^content\\.")
case("twilio-raw-plus", "twilio", 'kin of camunda/connectors#2803 | the fields not decoded', "content.separator", "php", "$o = $url; $p = explode('&', $body); sort($p); foreach ($p as $f) { [$k, $v] = explode('=', $f); $o .= $k . $v; } echo base64_encode(hash_hmac('sha1', $o, $secret, true));", body=SMS, url="https://host.example.com/sms", want="^content\\.")
case("hubspot-v2", "hubspot", 'HubSpot/hubspot-php#403 | version 2 where version 3 is due', "signature.not-hmac", "node", "print(crypto.createHash('sha256').update(secret + 'POST' + url + text).digest('hex'))", want="^signature\\.")
case("hubspot-stringify", "hubspot", 'kin of HubSpot/hubspot-api-python#263 | JSON.stringify', "body.reserialised", "node", "print(hmac('POST' + url + JSON.stringify(JSON.parse(text)) + stamp).digest('base64'))", body=json.dumps([json.loads(PLAIN)]))
case("svix-raw-secret", "svix", 'kin of redwoodjs/graphql#4598 | the whole text is the key', "secret.base64", "node", "print('v1,' + hmac(`${id}.${stamp}.${text}`, secret).digest('base64'))", secret=WHSEC, want="^secret\\.")
case("svix-no-id", "svix", 'kin of redwoodjs/graphql#4598 | no id in the content', "content.id-missing", "node", "print('v1,' + hmac(`${stamp}.${text}`, Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC)
case("svix-undefined-id", "svix", 'kin of redwoodjs/graphql#4598 | undefined for the id', "content.id-missing", "node", "print('v1,' + hmac(`undefined.${stamp}.${text}`, Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC)
case("double-hash", "github", 'kin of spatie/laravel-webhook-client#22 | the MAC hashed once more', "signature.algorithm", "node", "print(crypto.createHash('sha256').update(hmac(body).digest('hex')).digest('hex'))", want="^(content|signature|body)\\.")
case("hash-of-body-mac", "github", "kin of spatie/laravel-webhook-client#22 | the MAC of the body's SHA-256", "content.digest", "node", "print(hmac(crypto.createHash('sha256').update(body).digest('hex')).digest('hex'))")
case("secret-plus-body", "github", 'kin of Squidex/squidex#124 | a plain SHA-256 of secret and body', "signature.not-hmac", "python", "say(hashlib.sha256(secret.encode() + body).hexdigest())")
case("csharp-x", "github", 'kin of receptron/mulmoclaude#457 | Integer.toHexString without padding', "signature.encoding", "java", 'StringBuilder s = new StringBuilder(); for (byte b : mac(body)) s.append(Integer.toHexString(b & 255)); System.out.print(s);')
case("hex-last-lost", "github", 'kin of workos/emulate#35 | the last digit is lost', "signature.truncated", "node", "print(hmac(body).digest('hex').slice(0, -1))", want="^signature\\.truncated")
case("mac-substring", "github", 'kin of workos/emulate#35 | cut to 40 digits', "signature.truncated", "node", "print(hmac(body).digest('hex').slice(0, 40))", want="^signature\\.truncated")
case("colon-sep", "generic-sha256", 'kin of jackmusick/bifrost#726 | `sha256:` before it', "signature.prefix", "node", "print('sha256:' + hmac(body).digest('hex'))", direction="sent")
case("json-nested-string", "github", 'kin of stripe/stripe-node#1768 | JSON.stringify twice', "body.double-encoded", "node", "print(hmac(JSON.stringify(JSON.stringify(JSON.parse(text)))).digest('hex'))", body=PRETTY, want="^body\\.")
case("body-key-wrapped", "github", 'kin of stripe/stripe-node#1768 | JSON.stringify({ body })', "body.double-encoded", "node", "print(hmac(JSON.stringify({ body: JSON.parse(text) })).digest('hex'))", want="^body\\.")
case("array-wrapped", "github", 'kin of stripe/stripe-node#1768 | the body in a list', "body.double-encoded", "node", "print(hmac(JSON.stringify([JSON.parse(text)])).digest('hex'))", want="^body\\.")
case("first-of-array", "hubspot", 'kin of HubSpot/hubspot-api-python#263 | the first event of the list', "body.reserialised", "node", "print(hmac('POST' + url + JSON.stringify(JSON.parse(text)[0]) + stamp).digest('base64'))", body=json.dumps([{"eventId": 1}, {"eventId": 2}], separators=(",", ":")), want="^body\\.")
case("each-of-array", "hubspot", 'kin of HubSpot/hubspot-api-python#263 | the events one behind the other', "body.reserialised", "node", "print(hmac('POST' + url + JSON.parse(text).map((e) => JSON.stringify(e)).join('') + stamp).digest('base64'))", body=json.dumps([{"eventId": 1}, {"eventId": 2}], separators=(",", ":")), want="^body\\.")
case("ruby-hash-to-s", "github", 'kin of quaderno/quaderno-api#4 | to_s of the parsed hash', "body.reserialised", "ruby", "print OpenSSL::HMAC.hexdigest('sha256', secret, JSON.parse(body).to_s)", want="^body\\.")
case("go-map-print", "github", 'kin of GetStream/stream-chat-go#80 | a map printed by fmt', "body.reserialised", "go", 'var v map[string]any; json.Unmarshal(body, &v); fmt.Fprint(mac, v); fmt.Print(hex.EncodeToString(mac.Sum(nil)))', want="^body\\.")
case("go-bytes-print", "github", 'kin of GetStream/stream-chat-go#80 | bytes printed by fmt', "body.double-encoded", "go", 'fmt.Fprint(mac, body); fmt.Print(hex.EncodeToString(mac.Sum(nil)))', want="^body\\.")
case("go-json-bytes", "github", 'kin of GetStream/stream-chat-go#80 | json.Marshal of bytes', "body.double-encoded", "go", 'j, _ := json.Marshal(body); mac.Write(j); fmt.Print(hex.EncodeToString(mac.Sum(nil)))', want="^body\\.")
# Siblings: the parts as JSON, a function's event, headers that are lists and bytes, and what else was reported.
NOTE = '{"id":"evt_1","note":"Café 😊 <b>R&D</b>","url":"https://shop.example.com/o/1","amount":12.50}'
SPRING = "payload=%7B%22text%22%3A%22*bold*%20~x~%20(a)%22%7D&team=T1"
case("object-timestamp-body", "stripe", "kin of adcontextprotocol/adcp-client#313 | JSON.stringify({ timestamp, body }) in the place of timestamp.body",
     "content.separator", "node", "print(hmac(JSON.stringify({ timestamp: stamp, body: text })).digest('hex'))")
case("object-timestamp-payload", "stripe", "kin of adcontextprotocol/adcp-client#313 | JSON.stringify({ timestamp, payload }) with the parsed body and a number",
     "content.separator", "node", "print(hmac(JSON.stringify({ timestamp: +stamp, payload: JSON.parse(text) })).digest('hex'))")
case("object-body-timestamp-sent", "stripe", "kin of adcontextprotocol/adcp-client#313 | the sender signs an object of body and timestamp",
     "content.separator", "node", "print(`t=${stamp},v1=` + hmac(JSON.stringify({ body: JSON.parse(text), timestamp: stamp })).digest('hex'))", direction="sent")
case("object-python", "slack", "kin of adcontextprotocol/adcp-client#313 | json.dumps({'timestamp': …, 'body': …})",
     "content.separator", "python", "say('v0=' + mac(json.dumps({'timestamp': stamp, 'body': body.decode()})).hexdigest())", body=COMMAND, type=FORM)
case("object-php", "paddle", "kin of adcontextprotocol/adcp-client#313 | json_encode of an array of both",
     "content.separator", "php", "echo hash_hmac('sha256', json_encode(['ts' => $stamp, 'body' => $body]), $secret);", body=NOTE)
case("object-list", "stripe", "kin of adcontextprotocol/adcp-client#313 | JSON.stringify([timestamp, body])",
     "content.separator", "node", "print(hmac(JSON.stringify([stamp, JSON.parse(text)])).digest('hex'))")
case("object-svix", "svix", "kin of ComposioHQ/composio#2168 | JSON.stringify({ id, timestamp, payload })",
     "content.separator", "node", "print('v1,' + hmac(JSON.stringify({ id, timestamp: stamp, payload: text }), Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC)
case("lambda-event-minimal", "github", "sanity-io/webhook-toolkit#7 | the function's event is hashed, and not its body",
     "body.double-encoded", "node", "print(hmac(JSON.stringify({ body: text, isBase64Encoded: false })).digest('hex'))")
case("lambda-event-base64", "github", "redwoodjs/graphql#2339 | the function's event with a base64 body is hashed",
     "body.double-encoded", "node", "print(hmac(JSON.stringify({ isBase64Encoded: true, body: body.toString('base64') })).digest('hex'))")
case("lambda-event-python", "github", "aws/chalice#2 | json.dumps of a function's event",
     "body.double-encoded", "python", "say(mac(json.dumps({'isBase64Encoded': False, 'body': body.decode()})).hexdigest())")
case("headers-lists-svix", "svix", "kin of hookdeck/webhook-skills#5 | headers that are lists, as a framework's multi-map has them, in an f-string",
     "content.id-other", "python", "k = base64.b64decode(secret[6:]); say('v1,' + base64.b64encode(mac(f\"{[os.environ['ID']]}.{[stamp]}.{body.decode()}\", k).digest()).decode())", secret=WHSEC, want="^content\\.")
case("headers-bytes-svix", "svix", "kin of hookdeck/webhook-skills#5 | headers that are bytes, as ASGI has them, in an f-string",
     "content.id-other", "python", "k = base64.b64decode(secret[6:]); say('v1,' + base64.b64encode(mac(f\"{os.environ['ID'].encode()}.{stamp.encode()}.{body.decode()}\", k).digest()).decode())", secret=WHSEC, want="^content\\.")
case("headers-undefined-both", "svix", "kin of clerk-community/svelte-clerk#276 | both headers read under names that are not there",
     "content.id-missing", "node", "const h = {}; print('v1,' + hmac(`${h.id}.${h.stamp}.${text}`, Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC, want="^content\\.(id|timestamp)")
case("headers-none-both", "standard-webhooks", "kin of clerk/javascript#5468 | both headers are None in an f-string",
     "content.id-missing", "python", "k = base64.b64decode(secret[6:]); say('v1,' + base64.b64encode(mac(f'{None}.{None}.' + body.decode(), k).digest()).decode())", secret=WHSEC, want="^content\\.(id|timestamp)")
case("headers-lists-stripe", "slack", "kin of slackapi/java-slack-sdk#1306 | Go's r.Header[…] is a list, printed by Sprintf",
     "content.timestamp-other", "go", 'fmt.Fprintf(mac, "v0:%s:%s", []string{stamp}, body); fmt.Print("v0=" + hex.EncodeToString(mac.Sum(nil)))', want="^content\\.")
case("ghost-body-then-time", "stripe", "TryGhost/Ghost#20500 | the timestamp behind the body, with nothing between them",
     "content.separator", "node", "print(hmac(text + stamp).digest('hex'))")
case("lightning-time-then-body", "workos", "shocknet/Lightning.Pub#954 | timestamp and body with nothing between them",
     "content.separator", "python", "say(mac(stamp.encode() + body).hexdigest())")
case("slack-challenge-alone", "slack", "slackapi/java-slack-sdk#254 | the challenge alone is hashed, and not the request",
     "body.double-encoded", "java", 'System.out.print("v0=" + hex(mac(("v0:" + stamp + ":3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P").getBytes("UTF-8"))));',
     body='{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}', want="^body\\.")
case("slack-spring-form", "slack", "slackapi/java-slack-sdk#1306 | Spring writes the form again with URLEncoder",
     "body.form", "java", '''StringBuilder s = new StringBuilder(); for (String f : new String(body, "UTF-8").split("&")) { String[] p = f.split("=", 2); if (s.length() > 0) s.append("&");
for (int i = 0; i < 2; i++) s.append(i == 1 ? "=" : "").append(java.net.URLEncoder.encode(java.net.URLDecoder.decode(p[i], "UTF-8"), "UTF-8")); } System.out.print("v0=" + hex(mac(("v0:" + stamp + ":" + s).getBytes("UTF-8"))));''',
     body=SPRING, type=FORM)
case("slack-qs-rfc1738", "slack", "slackapi/node-slack-events-api#92 | qs.stringify with RFC1738 of the parsed form",
     "body.form", "node", "const f = querystring.parse(text); const e = (s) => encodeURIComponent(s).replace(/[!'*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()).replace(/%20/g, '+'); print('v0=' + hmac(`v0:${stamp}:` + Object.keys(f).map((k) => e(k) + '=' + e(f[k])).join('&')).digest('hex'))",
     body=SPRING, type=FORM)
case("slack-ruby-form", "slack", "slack-ruby/slack-ruby-bot-server-events#22 | URI.encode_www_form of the parameters",
     "body.form", "ruby", "print 'v0=' + OpenSSL::HMAC.hexdigest('sha256', secret, \"v0:#{stamp}:\" + URI.encode_www_form(URI.decode_www_form(body)))", body=SPRING, type=FORM)
case("slack-lossy-utf8", "slack", "langchain-ai/open-swe#2319 | decoded with errors='replace', and encoded again",
     "body.charset", "python", "say('v0=' + mac(f'v0:{stamp}:' + body.decode('utf-8', 'replace')).hexdigest())", body=b'{"id":"evt_1","name":"Caf\xe9 \xff"}', want="^body\\.")
case("firebase-stringified-buffer", "github", "meditohq/medito-app#720 | JSON.stringify of the raw body's Buffer",
     "body.double-encoded", "node", "print('sha256=' + hmac(JSON.stringify(body)).digest('hex'))", want="^body\\.")
case("workos-stringified-text", "workos", "workos/workos-node#1578 | the SDK writes the raw text as JSON once more",
     "body.double-encoded", "node", "print(hmac(`${stamp}.${JSON.stringify(text)}`).digest('hex'))", body=NOTE, want="^body\\.")
case("attendee-sorted-compact", "github", "attendee-labs/attendee#227 | json.dumps sorted and compact",
     "body.reserialised", "python", "say('sha256=' + mac(json.dumps(json.loads(body), sort_keys=True, separators=(',', ':'))).hexdigest())", body=NOTE)
case("devlink-sorted-spaced-sent", "github", "nensii21/devlink#1324 | json.dumps sorted with spaces is signed, httpx sends compact",
     "body.reserialised", "python", "say('sha256=' + mac(json.dumps(json.loads(body), sort_keys=True)).hexdigest())", body=NOTE, direction="sent", want="^body\\.")
case("infrahub-dict-text-sent", "standard-webhooks", "opsmill/infrahub#6432 | str of a dict is signed",
     "body.reserialised", "python", "k = base64.b64decode(secret[6:]); say('v1,' + base64.b64encode(mac(f\"{os.environ['ID']}.{stamp}.{json.loads(body)}\", k).digest()).decode())", secret=WHSEC, direction="sent", want="^body\\.")
case("onfido-sha3-224", "lemonsqueezy", "onfido/api-python-client#2 | SHA3-224 where SHA-256 is due, in base64",
     "signature.algorithm", "python", "say(base64.b64encode(mac(body, digest='sha3_224').digest()).decode())", want="^signature\\.")
case("onfido-payload-member", "lemonsqueezy", "onfido/api-python-client#2 | the member payload written again by json.dumps",
     "body.reserialised", "python", "say(mac(json.dumps(json.loads(body)['payload'])).hexdigest())", body='{"payload":{"resource_type":"check","action":"check.completed","object":{"id":"a1","status":"complete"}}}', want="^body\\.")
case("jenkins-base64-of-hex", "shopify", "jenkinsci/generic-webhook-trigger-plugin#216 | base64 of the upper-case hex text",
     "signature.encoding", "java", "System.out.print(Base64.getEncoder().encodeToString(hex(mac(body)).toUpperCase().getBytes(\"UTF-8\")));", want="^signature\\.")
case("shopify-hex-for-base64", "shopify", "Elkfox/shopify-node-app#10 | hex where base64 is due",
     "signature.encoding", "node", "print(hmac(body).digest('hex'))", want="^(valid|signature\\.encoding)")
case("shopify-arguments-swapped", "shopify", "Shopify/shopify_python_api#351 | hmac.new(message, key)",
     "secret.swapped", "python", "say(base64.b64encode(hmac.new(body, secret.encode(), hashlib.sha256).digest()).decode())", want="^(secret|content|body|signature)\\.")
case("github-ascii-bytes", "github", "github/docs#3567 | Encoding.ASCII in .NET: each character beyond ASCII is ?",
     "body.charset", "node", "print('sha256=' + hmac(text.replace(/[^\\x00-\\x7f]/g, '?')).digest('hex'))", body=NOTE, want="^body\\.charset")
case("hookbuster-length-in-characters", "github", "WebexSamples/hookbuster#7 | Content-Length in characters: the end is cut off",
     "body.empty", "node", "print('sha256=' + hmac(body.subarray(0, text.length)).digest('hex'))", body=NOTE)
case("postman-crlf", "stripe", "stripe/stripe-node#1981 | Postman makes CRLF of each line break",
     "body.line-endings", "node", "print(`t=${stamp},v1=` + hmac(`${stamp}.${text.replace(/\\r\\n/g, '\\n')}`).digest('hex'))", body=PRETTY.replace("\n", "\r\n"), direction="sent", want="^body\\.line-endings")
case("azure-secret-spaces", "github", "Azure/azure-functions-host#702 | white space around the pasted secret",
     "secret.whitespace", "node", "print('sha256=' + hmac(body, ` ${secret}\\n`).digest('hex'))", want="^secret\\.whitespace")
case("paperclip-empty-raw-body", "slack", "mvanhorn/paperclip-plugin-slack#19 | rawBody is not set for forms: nothing is hashed",
     "body.empty", "node", "const req = {}; print('v0=' + hmac(`v0:${stamp}:` + (req.rawBody ?? '')).digest('hex'))", body=COMMAND, type=FORM)
case("metriport-chained-update", "stripe", "metriport/metriport#1113 | update(JSON).update(timestamp), one behind the other",
     "content.separator", "node", "print(crypto.createHmac('sha256', secret).update(JSON.stringify(JSON.parse(text))).update(stamp).digest('hex'))")
case("twilio-protocol-http", "twilio", "twilio/twilio-node#924 | request.protocol is http behind a tunnel",
     "content.url", "node", "const f = querystring.parse(text); print(hmac(url.replace('https:', 'http:') + Object.keys(f).sort().map((k) => k + f[k]).join(''), secret, 'sha1').digest('base64'))", body=SMS, url="https://0ca1.ngrok.io/voice", want="^content\\.url")
case("hubspot-wrong-time-header", "hubspot", "simstudioai/sim#4612 | the timestamp is read from a header that is not sent",
     "content.timestamp-missing", "node", "const h = new Headers(); print(hmac('POST' + url + text + h.get('x-hubspot-signature-timestamp')).digest('base64'))", want="^content\\.timestamp")
case("gogs-upper-hex", "github", "kin of gogs/gogs#4233 | hex in upper case, as strtoupper and BitConverter write it",
     "signature.case", "php", "echo 'sha256=' . strtoupper(hash_hmac('sha256', $body, $secret));", want="^(valid|signature\\.case)")
case("italia-first-secret", "github", "kin of italia/developers-italia-api#380 | two secrets in one variable, joined by a comma",
     "unknown", "go", 'mac = hmac.New(sha256.New, append(append([]byte{}, secret...), []byte(",second-secret")...)); mac.Write(body); fmt.Print("sha256=" + hex.EncodeToString(mac.Sum(nil)))', unknown=True, want="^(unknown|secret\\.)")
case("novu-key-base64-text", "github", "novuhq/novu#12430 | the key's bytes are meant by its base64, and its text is used",
     "secret.base64", "node", "print('sha256=' + hmac(body, Buffer.from(secret, 'base64')).digest('hex'))", secret=base64.b64encode(bytes(range(32))).decode(), want="^secret\\.base64")
case("nestri-prefix-mangled", "svix", "nestrilabs/nestri#344 | whsec_ is decoded with the rest as lenient base64",
     "secret.prefix", "node", "print('v1,' + hmac(`${id}.${stamp}.${text}`, Buffer.from(secret, 'base64')).digest('base64'))", secret=WHSEC, want="^secret\\.")
case("zoom-python-str", "zoom", "zoom/rtms#129 | str(payload) of the parsed body",
     "body.reserialised", "python", "say('v0=' + mac(f'v0:{stamp}:{json.loads(body)}').hexdigest())", body=NOTE)
case("discourse-closing-brace", "github", "discourse/discourse#4451 | Content-Length counts characters: the closing brace is lost",
     "body.empty", "ruby", "print 'sha256=' + OpenSSL::HMAC.hexdigest('sha256', secret, body.byteslice(0, body.dup.force_encoding('UTF-8').length))", body='{"id":1,"name":"Zoé"}')
case("autogpt-key-decoded", "easypost", "kin of Significant-Gravitas/AutoGPT#13135 | the key is decoded from base64",
     "secret.base64", "python", "say('hmac-sha256-hex=' + mac(body, base64.b64decode(secret)).hexdigest())", secret=base64.b64encode(b"a key of 24 random bytes").decode(), want="^secret\\.base64")
case("fastapi-pydantic-model", "github", "kin of fastapi/fastapi#4321 | a model's JSON in the body's place",
     "body.reserialised", "python", "say('sha256=' + mac(json.dumps({k: v for k, v in json.loads(body).items() if k in ('id', 'amount')}, separators=(',', ':'))).hexdigest())", body=NOTE, want="^body\\.")
case("lua-integer-as-float", "github", "kin of EasyPost/easypost-node#467 | a Lua gateway writes 1.0 for 1",
     "body.reserialised", "python", "say('sha256=' + mac(body.decode().replace('\"count\":3', '\"count\":3.0')).hexdigest())", body='{"id":"evt_1","count":3}', want="^body\\.")
case("twilio-process-port", "twilio", "twilio/twilio-node#321 | http and the port of the process itself",
     "content.url", "node", "const f = querystring.parse(text); print(hmac('http://localhost:3000/voice' + Object.keys(f).sort().map((k) => k + f[k]).join(''), secret, 'sha1').digest('base64'))", body=SMS, url="https://0ca1.ngrok.io/voice", want="^content\\.url")
case("port-plain-secret", "github", "port-labs/port-docs#333 | the secret itself in the signature's place",
     "unknown", "python", "say(secret)", unknown=True, want="^(unknown|signature\\.)")
case("tba-plain-sha1", "github", "kin of the-blue-alliance/the-blue-alliance#2629 | a plain digest of the secret's and the body's text",
     "signature.not-hmac", "python", "say(hashlib.sha1((secret + body.decode()).encode()).hexdigest())", want="^signature\\.")
case("pagerduty-utf16-text", "github", "kin of PagerDuty/developer-docs#101 | .NET's Encoding.Unicode",
     "body.charset", "node", "print(hmac(Buffer.from(text, 'utf16le')).digest('hex'))", body=NOTE, want="^body\\.charset")
case("workflow-data-alone", "github", "distributhor/workflow-webhook#56 | the signature is made of the data alone, not of the whole payload",
     "body.reserialised", "shell", "python3 -c 'import json,os,sys; sys.stdout.write(json.dumps(json.load(open(os.environ[\"BODY\"]))[\"data\"], separators=(\",\", \":\")))' | openssl dgst -sha256 -hmac \"$SECRET\" -hex | sed 's/^.* /sha256=/' | tr -d '\\n'",
     body='{"event":"drift-check","repository":"acme/app","data":{"projectId":"1285","groupId":"grp_0001"}}', want="^body\\.")
case("airqo-body-twice", "paddle", "kin of airqo-platform/AirQo-api#6619 | the body is hashed twice in a row by two updates",
     "body.twice", "node", "print(crypto.createHmac('sha256', secret).update(`${stamp}:`).update(body).update(body).digest('hex'))", want="^(body|content)\\.")

SIGNED |= {
    "typeform": lambda s, b, u: [("Typeform-Signature", "sha256=" + b64(mac(s, b)))],
    "webflow": lambda s, b, u: [("x-webflow-timestamp", MILLIS), ("x-webflow-signature", mac(s, MILLIS, ":", b).hexdigest())],
    "airtable": lambda s, b, u: [("X-Airtable-Content-MAC", "hmac-sha256=" + hmac.new(base64.b64decode(s), b, "sha256").hexdigest())],
    "mandrill": lambda s, b, u: [("X-Mandrill-Signature", b64(mac(s, u, form_sorted(b), digest="sha1")))],
    "box": lambda s, b, u: [("BOX-SIGNATURE-ALGORITHM", "HmacSHA256"), ("BOX-SIGNATURE-VERSION", "1"), ("BOX-DELIVERY-ID", ID),
                            ("BOX-DELIVERY-TIMESTAMP", BOX_TIME), ("BOX-SIGNATURE-PRIMARY", b64(mac(s, b, BOX_TIME)))],
    "adyen": lambda s, b, u: [],
    "mailgun": lambda s, b, u: [],
}
BOX_TIME = "2026-11-28T21:09:11Z"
HEX_KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
ADYEN_ITEM = {"additionalData": {"hmacSignature": ""}, "amount": {"currency": "SEK", "value": 7500}, "eventCode": "AUTHORISATION",
              "eventDate": "2020-08-14T10:53:35+02:00", "merchantAccountCode": "MERCHANT_ACCOUNT_CODE", "merchantReference": "14-08-2020-09:53:00",
              "paymentMethod": "klarna_paynow", "pspReference": "853597395210930A", "reason": "113 No InvoiceLines provided", "success": "false"}
ADYEN_FIELDS = ["853597395210930A", "", "MERCHANT_ACCOUNT_CODE", "14-08-2020-09:53:00", "7500", "SEK", "AUTHORISATION", "false"]
ADYEN_ITEM["additionalData"]["hmacSignature"] = base64.b64encode(hmac.new(bytes.fromhex(HEX_KEY), ":".join(ADYEN_FIELDS).encode(), "sha256").digest()).decode()
ADYEN = json.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": ADYEN_ITEM}]})
ADYEN_LINES = "i = json.loads(body)['notificationItems'][0]['NotificationRequestItem']; f = [i['pspReference'], i.get('originalReference', ''), i['merchantAccountCode'], i['merchantReference'], str(i['amount']['value']), i['amount']['currency'], i['eventCode'], i['success']]; "
MAILGUN_TOKEN = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
MAILGUN = json.dumps({"signature": {"token": MAILGUN_TOKEN, "timestamp": STAMP, "signature": mac(SECRET, STAMP, MAILGUN_TOKEN).hexdigest()}, "event-data": {"event": "delivered", "id": "CPgfbmQMTCKtHW6uIWtuVe"}})
MANDRILL = "mandrill_events=" + __import__("urllib.parse").parse.quote_plus('[{"event":"click","url":"http:\\/\\/www.apple.com\\/","ts":1483465151,"msg":{"subject":"Hi & bye"}}]')
GROUP = "AccountSid=AC1&Attributes=%7B%7D&EventType=onConversationAdd&MessagingBinding.Address=%2B18550000000&MessagingBinding.Address=%2B18330000000&Source=SMS"
NULLS = '{"uuid":"b0d1c0a2","order_id":"7","amount":"10.00","network":null,"txid":null,"status":"paid","additional_data":null}'
RETRIED = '{"id":"evt_9","type":"document.created","sendAttempts":2,"data":{"id":"D1"}}'
SEPARATED = '{"id":"ord_1","note":"a\u2028\u2028\u20287248-22","url":"https:\\/\\/shop.example.com\\/o"}'
LINES = '{\n  "id": "evt_1",\n  "name": "Ren\u00e9e \U0001f600"\n}\n'
SPACED = "ToCountry=US&Body=+Hello+there+&From=%2B15551112222&To=%2B15553334444&MessageSid=SM1&CalledCity="

case("adyen-colons-escaped", "adyen", "Adyen/adyen-python-api-library#117, Adyen/adyen-ruby-api-library#108 | the library escapes `:` in each value before it joins them",
     "content. each value escaped", "python", ADYEN_LINES + "k = bytes.fromhex(secret); say(base64.b64encode(mac(':'.join(v.replace('\\\\', '\\\\\\\\').replace(':', '\\\\:') for v in f), k).digest()).decode())", body=ADYEN, secret=HEX_KEY, want="^content\\.")
case("adyen-key-text", "adyen", "Adyen/adyen-php-api-library#679 | the key's hex text is the key",
     "secret.hex", "php", "$i = json_decode($body, true)['notificationItems'][0]['NotificationRequestItem']; echo base64_encode(hash_hmac('sha256', implode(':', [$i['pspReference'], '', $i['merchantAccountCode'], $i['merchantReference'], $i['amount']['value'], $i['amount']['currency'], $i['eventCode'], $i['success']]), $secret, true));", body=ADYEN, secret=HEX_KEY, want="^secret\\.hex")
case("adyen-empty-left-out", "adyen", "kin of Adyen/adyen-python-api-library#117 | a value that is not there leaves its colon out",
     "content.separator", "python", ADYEN_LINES + "say(base64.b64encode(mac(':'.join(v for v in f if v), bytes.fromhex(secret)).digest()).decode())", body=ADYEN, secret=HEX_KEY, want="^content\\.")
case("box-escape-unicode", "box", "box/box-python-sdk-gen#596 | line breaks and all beyond ASCII of the raw body are written as escapes",
     "body. escapes in place", "python", "t = ''.join({'\\n': '\\\\n', '\\r': '\\\\r', '\\t': '\\\\t'}.get(c, c if ord(c) < 128 else ''.join('\\\\u%04x' % u for u in ([ord(c)] if ord(c) < 0x10000 else [0xd800 + ((ord(c) - 0x10000) >> 10), 0xdc00 + ((ord(c) - 0x10000) & 0x3ff)]))) for c in body.decode()); say(base64.b64encode(mac(t + stamp).digest()).decode())",
     body=LINES, stamp=BOX_TIME, want="^body\\.")
case("box-time-first", "box", "kin of box/box-python-sdk#302 | the timestamp before the body",
     "content.separator", "python", "m = hmac.new(secret.encode(), digestmod='sha256'); m.update(stamp.encode()); m.update(body); say(base64.b64encode(m.digest()).decode())", stamp=BOX_TIME, want="^content\\.")
case("mandrill-slashes", "mandrill", "mailchimp/mailchimp-client-lib-codegen#281, anymail/django-anymail#48 | the field's JSON is written again without the `\\/`",
     "body.form", "node", "const f = querystring.parse(text); print(hmac(url + 'mandrill_events' + JSON.stringify(JSON.parse(f.mandrill_events)), secret, 'sha1').digest('base64'))", body=MANDRILL, type=FORM, url="https://host.example.com/hook", want="^(body|content)\\.")
case("mandrill-url-user", "mandrill", "anymail/django-anymail#48 | the URL that was entered has a user and a password, which the handler's has not",
     "content.url", "python", "import urllib.parse\nf = dict(urllib.parse.parse_qsl(body.decode())); say(base64.b64encode(mac('https://user:pass@host.example.com/hook' + ''.join(k + f[k] for k in sorted(f)), digest='sha1').digest()).decode())", body=MANDRILL, type=FORM, url="https://host.example.com/hook", direction="sent", want="^(content\\.url|unknown)", unknown=True)
case("airtable-dash", "airtable", "gtalarico/pyairtable#312 | `hmac-sha256-` for `hmac-sha256=`",
     "signature.prefix", "python", "say('hmac-sha256-' + hmac.new(base64.b64decode(secret), body, hashlib.sha256).hexdigest())", secret=base64.b64encode(bytes(range(32))).decode(), want="^signature\\.prefix")
case("webflow-no-time", "webflow", "simstudioai/sim#4612 | the body alone is hashed",
     "content.timestamp-missing", "node", "print(hmac(text).digest('hex'))", stamp=MILLIS, want="^content\\.timestamp-missing")
case("typeform-hex", "typeform", "product-os/jellyfish#4263 | hex where base64 is due behind sha256=",
     "signature.encoding", "node", "print('sha256=' + hmac(body).digest('hex'))", want="^signature\\.encoding")
case("mailgun-dot", "mailgun", "kin of symfony/symfony#65700 | a dot between timestamp and token",
     "content.separator", "php", "$s = json_decode($body, true)['signature']; echo hash_hmac('sha256', $s['timestamp'] . '.' . $s['token'], $secret);", body=MAILGUN, want="^content\\.")
case("mailgun-token-first", "mailgun", "kin of slickplaid/node-slack-mailgun#5 | the token before the timestamp",
     "content.separator", "node", "const s = JSON.parse(text).signature; print(hmac(s.token + s.timestamp).digest('hex'))", body=MAILGUN, want="^content\\.")
case("mailgun-body", "mailgun", "kin of slickplaid/node-slack-mailgun#5 | the whole body is hashed",
     "content.", "node", "print(hmac(body).digest('hex'))", body=MAILGUN, want="^content\\.")
case("twilio-values-sorted", "twilio", "twilio/twilio-node#722 | the values of one field are signed sorted, and hashed as they came",
     "content.separator", "node", "const f = querystring.parse(text); print(hmac(url + Object.keys(f).sort().map((k) => [].concat(f[k]).map((v) => k + v).join('')).join(''), secret, 'sha1').digest('base64'))", body=GROUP, url="https://xxx.ngrok.io/api/v1/chat/conversations", signed_url="https://xxx.ngrok.io/api/v1/chat/conversations", want="^(content|body)\\.")
case("twilio-last-value", "twilio", "twilio/twilio-python#613 | of a field that is there twice the last value is hashed",
     "body.form", "python", "import urllib.parse\nf = dict(urllib.parse.parse_qsl(body.decode())); say(base64.b64encode(mac(url + ''.join(k + f[k] for k in sorted(f)), digest='sha1').digest()).decode())", body=GROUP, url="https://xxx.ngrok.io/api/v1/chat/conversations", want="^(content|body)\\.")
case("twilio-trimmed", "twilio", "twilio.com/docs/api/errors/57012 | the framework trims each field",
     "body.form", "node", "const f = querystring.parse(text); print(hmac(url + Object.keys(f).sort().map((k) => k + f[k].trim()).join(''), secret, 'sha1').digest('base64'))", body=SPACED, url="https://host.example.com/sms", want="^(content|body)\\.")
case("twilio-form-text", "twilio", "taourl.com/read-2191702.html | the sorted form's text behind the URL",
     "content.", "node", "const p = new URLSearchParams(text); p.sort(); print(hmac(url + p.toString(), secret, 'sha1').digest('base64'))", body=SMS, url="https://host.example.com/sms", want="^(content|body)\\.")
case("segment-first-of-batch-sent", "github", "segmentio/action-destinations#3988 | the first event of a batch alone is signed",
     "body.reserialised", "node", "print('sha256=' + hmac(JSON.stringify(JSON.parse(text)[0])).digest('hex'))", body='[{"type":"track","event":"Product Viewed","userId":"user-1","properties":{"sku":"AAA-111","price":9.99}},{"type":"track","event":"Product Viewed","userId":"user-2","properties":{"sku":"BBB-222","price":42.5}}]', direction="sent", want="^body\\.")
case("heleket-nulls-sorted", "github", "BEDOLAGA-DEV/remnawave-bedolaga-telegram-bot#1882 | null members dropped and the keys sorted",
     "body.reserialised", "python", "say('sha256=' + mac(json.dumps({k: v for k, v in sorted(json.loads(body).items()) if v is not None}, separators=(',', ':'))).hexdigest())", body=NULLS, want="^body\\.")
case("reapit-attempt-counted", "github", "reapit/foundations#11108 | a retry counts its attempts in the body, and keeps the signature of the first one",
     "body.reserialised", "python", "say('sha256=' + mac(body.replace(b'\"sendAttempts\":2', b'\"sendAttempts\":1')).hexdigest())", body=RETRIED, direction="sent", want="^body\\.")
case("shopify-line-separators", "shopify", "jonpulice/node-shopify-auth#2 | JSON.stringify, with / escaped by a replace",
     "body.reserialised", "node", "print(hmac(JSON.stringify(JSON.parse(text)).replace(/\\//g, '\\\\/')).digest('base64'))", body='{"id":"ord_1","note":"a\\u2028\\u2028\\u20287248-22","url":"https:\\/\\/shop.example.com\\/o"}', want="^body\\.")
case("shopify-body-from-base64", "shopify", "community.shopify.com 1357402 | a text that is no base64 is decoded from it by Buffer.from",
     "body.double-encoded", "node", "print(hmac(Buffer.from(text, 'base64')).digest('base64'))", want="^body\\.")
case("php-body-from-base64", "shopify", "kin of community.shopify.com 1357402 | base64_decode of a text that is no base64",
     "body.double-encoded", "php", "echo base64_encode(hash_hmac('sha256', base64_decode($body), $secret, true));", want="^body\\.")
case("python-body-from-base64", "shopify", "kin of community.shopify.com 1357402 | b64decode of a text that is no base64",
     "body.double-encoded", "python", "say(base64.b64encode(mac(base64.b64decode(body + b'==')).digest()).decode())", want="^body\\.")
case("node-body-from-hex", "github", "kin of community.shopify.com 1357402 | Buffer.from(body, 'hex') of a text that is no hex",
     "body.empty", "node", "print('sha256=' + hmac(Buffer.from(text, 'hex')).digest('hex'))", want="^body\\.")
case("github-form-stringified", "github", "nodejs/node#11844 | GitHub sends a form, and the parsed form is written as JSON",
     "body.form", "node", "print('sha256=' + hmac(JSON.stringify(querystring.parse(text))).digest('hex'))", body="payload=" + __import__("urllib.parse").parse.quote_plus(EVENT), type=FORM, want="^body\\.form")
case("authy-to-query", "github", "TwilioDevEd/api-snippets#619 | Rails' to_query of the parsed JSON",
     "body.form", "ruby", "require 'active_support/core_ext/object/to_query'\nprint 'sha256=' + OpenSSL::HMAC.hexdigest('sha256', secret, JSON.parse(body).to_query)", want="^body\\.")
case("plug-chunks-reversed", "github", "darwin67/inngest-ex#99 | the pieces of a body that was read in several are joined from the last to the first",
     "body. pieces in another order", "python", "parts = [body[i:i + 1000] for i in range(0, len(body), 1000)]; say('sha256=' + mac(b''.join(reversed(parts))).hexdigest())", body='{"items":[' + ",".join('{"id":"evt_%d","amount":%d.5}' % (i, i) for i in range(100)) + "]}", want="^body\\.")
case("node-last-chunk", "github", "kin of darwin67/inngest-ex#99 | each piece takes the place of the one before: the last one is hashed",
     "body.empty", "node", "let b; for (let i = 0; i < body.length; i += 16384) b = body.subarray(i, i + 16384); print('sha256=' + hmac(b).digest('hex'))", body='{"items":[' + ",".join('{"id":"evt_%d","amount":%d.5}' % (i, i) for i in range(1000)) + "]}", want="^body\\.")
case("websockets-65535", "github", "beyondcode/laravel-websockets#34 | only the first 65,536 bytes of the request are read",
     "body.empty", "python", "say('sha256=' + mac(body[:65536]).hexdigest())", body='{"items":[' + ",".join('{"id":"evt_%d","amount":%d.5}' % (i, i) for i in range(2500)) + "]}", want="^body\\.")
case("secret-in-content", "github", "passimpay.gitbook.io webhook | the secret stands behind the body in what is hashed, too",
     "content.", "java", 'System.out.print("sha256=" + hex(mac((new String(body, "UTF-8") + ";" + System.getenv("SECRET")).getBytes("UTF-8"))));', want="^(content|secret|body)\\.")
case("secret-before-content", "github", "kin of passimpay.gitbook.io webhook | the secret stands before the body in what is hashed, too",
     "content.", "php", "echo 'sha256=' . hash_hmac('sha256', $secret . $body, $secret);", want="^(content|secret|body)\\.")
case("rapyd-hex-in-base64", "generic-sha256", "community.rapyd.net 1382 | base64 of hash_hmac's hex over json_encode of the parsed body",
     "signature.encoding", "php", "echo base64_encode(hash_hmac('sha256', json_encode(json_decode($body, true), JSON_UNESCAPED_SLASHES), $secret));", body=EVENT, want="^(body|signature)\\.")
case("crypto-js-hex-key", "github", "brix/crypto-js#265 | a hex key is used as its text, where the sender decodes it",
     "secret.hex", "node", "print('sha256=' + hmac(text, Buffer.from(secret, 'hex')).digest('hex'))", secret="18a52de7b5a1bc2b046237a58a5b745b2b8dbe2b6634179c21b4f6782afd6582", want="^secret\\.hex")
case("go-hex-key-cut", "github", "kin of brix/crypto-js#265 | hex.DecodeString of what is no hex, with its error not looked at",
     "secret.hex", "go", 'key, _ := hex.DecodeString(os.Getenv("SECRET")); mac = hmac.New(sha256.New, key); mac.Write(body); fmt.Print("sha256=" + hex.EncodeToString(mac.Sum(nil)))', secret="18a52de7b5a1bc2b-0462-37a5", want="^secret\\.hex")
case("apps-script-signed-bytes", "github", "kin of receptron/mulmoclaude#457 | Apps Script's bytes have signs: toString(16) of each",
     "signature.encoding", "node", "print('sha256=' + [...new Int8Array(hmac(body).digest())].map((b) => b.toString(16)).join(''))", want="^signature\\.encoding")
case("apps-script-list", "github", "kin of receptron/mulmoclaude#457 | Apps Script's signed bytes, as a list",
     "signature.encoding", "node", "print(String([...new Int8Array(hmac(body).digest())]))", want="^signature\\.encoding")
case("powershell-lines-spaced", "github", "kin of PSModule/GitHub#160 | Get-Content gives lines, and a string of them has spaces between",
     "body.line-endings", "python", "say('sha256=' + mac(' '.join(body.decode().splitlines())).hexdigest())", body=PRETTY + "\n", want="^body\\.")
case("powershell-out-string", "github", "kin of PSModule/GitHub#160 | Out-String writes CRLF behind each line",
     "body.line-endings", "python", "say('sha256=' + mac(''.join(l + '\\r\\n' for l in body.decode().splitlines())).hexdigest())", body=PRETTY, want="^body\\.")
case("blindpay-whole-header", "svix", "blindpaylabs/blindpay-node#24 | the MAC without `v1,` is compared with the whole header",
     "signature.prefix", "node", "print(hmac(`${id}.${stamp}.${text}`, Buffer.from(secret.slice(6), 'base64')).digest('base64'))", secret=WHSEC, want="^(valid|signature\\.prefix)")
case("cut-digest", "github", "kin of workos/emulate#35 | `sha256=abc`: a digest of three digits",
     "signature. a cut, or no MAC", "node", "print('sha256=abc')", direction="sent", want="^signature\\.")
case("short-digest-logged", "github", "kin of workos/emulate#35 | a log shows the first seven digits",
     "signature. a cut, or no MAC", "node", "print('sha256=' + hmac(body).digest('hex').slice(0, 7))", want="^signature\\.")

for row in CASES:
    if not sys.argv[1:] or row["name"] in sys.argv[1:]:
        write(row)
