
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ckwh' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'ckwh'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'ckwh' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Deliver a signed event')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the signature headers for exactly these bytes')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether a signature is right')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Catch, verify and keep what is sent, and pass it on')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Deliver captured requests again')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Say whether a webhook handler is right: some sixty cases')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether secrets, target, store and tunnels are as they should be')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List the event types, or show one''s payload')
            [CompletionResult]::new('captures', 'captures', [CompletionResultType]::ParameterValue, 'List, show, compare, export, import and remove what was caught')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Make, look at, migrate and copy stores: a file, or PostgreSQL for a team')
            [CompletionResult]::new('causes', 'causes', [CompletionResultType]::ParameterValue, 'Say what a cause that `verify` names is, and what to do about it')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List, show, learn, copy and test providers')
            [CompletionResult]::new('fingerprint', 'fingerprint', [CompletionResultType]::ParameterValue, 'Print the fingerprint of the secrets at hand, to compare with your handler''s')
            [CompletionResult]::new('ui', 'ui', [CompletionResultType]::ParameterValue, 'Look at what was caught, in a browser: a page on this machine alone')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serve an agent that debugs a webhook handler, over the Model Context Protocol')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of what --json prints')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trust a project''s settings and providers as they stand')
            [CompletionResult]::new('untrust', 'untrust', [CompletionResultType]::ParameterValue, 'Trust a project''s settings and providers no longer')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, in roff')
            [CompletionResult]::new('secrets', 'secrets', [CompletionResultType]::ParameterValue, 'Signing secrets are taken from the first of these that has one:    --secret-file PATH|-   a file, or standard input, without its last line break   --secret-env NAME      a variable   --env-file PATH        the provider''s variables in a file as .env   --secret VALUE         for a quick try: other users of the machine see it   CKWH_SECRET            whatever provider it is   the settings           secret_file, secret_env   the provider''s own     its variables in the environment, then in ./.env;                          `ckwh providers show NAME` names them  A secret is never shown. `ckwh fingerprint` prints the beginning of the SHA-256 of its text, to compare with your handler''s.')
            [CompletionResult]::new('targets', 'targets', [CompletionResultType]::ParameterValue, 'A target is where events go: --to, or the last word after `ckwh send`.    3000                   localhost:3000, at the provider''s documented path   3000/hooks             localhost:3000/hooks   localhost:3000/        the root   https://example.com/x  any URL  No scheme means http. localhost is this machine, by IPv6 and IPv4, whatever a resolver says. CKWH_TO, and `to` in the settings, name one for good.')
            [CompletionResult]::new('formats', 'formats', [CompletionResultType]::ParameterValue, 'Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` tell by their shape:    har              HAR   ngrok            requests of ngrok''s inspector   api-gateway      an event of API Gateway or a load balancer   lambda-url       an event of a function URL or an HTTP API (payload format 2.0)   github           a delivery that GitHub keeps   gitlab           an event of a webhook that GitLab keeps   contentful       a webhook call that Contentful keeps   svix             message attempts of Svix   svix-message     messages of Svix   stripe           events of Stripe   webhook-site     requests of webhook.site   webhook-tester   requests of webhook-tester   hookdeck         requests of Hookdeck   wiremock         the journal of WireMock   httpbin          an answer of httpbin   pipedream        an event of Pipedream or RequestBin   n8n              an item of n8n''s webhook node   smee             an event of smee.io   postman          a collection of Postman   jsonl            JSON lines of requests   tcpdump          what tcpdump -A shows   mitmdump         what mitmdump shows   hurl             a file of Hurl   http-file        a .http file   http             raw HTTP   curl             curl command lines   fetch            calls of fetch(…)   powershell       lines of Invoke-WebRequest   httpie           HTTPie''s command lines   csv              CSV of requests, such as webhook.site''s  What is not known here is made into JSON lines by hand, an object each: {"method":"POST","url":"/hooks","headers":{"a":"b"},"body":"text"} (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:    jq -c ''.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}'' log.json | ckwh captures import -')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;send' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what arrives')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The event''s type: one without a fixture is made of what its provider''s events share')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The body itself, or @FILE')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'The body itself, or @FILE')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Add a header, or replace one of the provider''s')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Add a header, or replace one of the provider''s')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value away')
            [CompletionResult]::new('--merge', '--merge', [CompletionResultType]::ParameterName, 'Lay a JSON file over the payload')
            [CompletionResult]::new('--body-style', '--body-style', [CompletionResultType]::ParameterName, 'How the JSON is written')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--timestamp', '--timestamp', [CompletionResultType]::ParameterName, 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The message''s id; with --timestamp, output is the same on every run')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'How many deliveries')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many at a time [default: 1]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many begin per time: 50/s, 90/m')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again as the provider does, N times if given')
            [CompletionResult]::new('--retry-scale', '--retry-scale', [CompletionResultType]::ParameterName, 'Multiply the waits between tries, for the impatient: 0.01')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]')
            [CompletionResult]::new('--expect-body', '--expect-body', [CompletionResultType]::ParameterName, 'A text that the answer must hold')
            [CompletionResult]::new('--expect-json', '--expect-json', [CompletionResultType]::ParameterName, 'A jq filter that the answer must say yes to, such as ''.ok == true''')
            [CompletionResult]::new('--expect-header', '--expect-header', [CompletionResultType]::ParameterName, 'A header that the answer must have')
            [CompletionResult]::new('--expect-within', '--expect-within', [CompletionResultType]::ParameterName, 'How long the delivery may take')
            [CompletionResult]::new('--break', '--break', [CompletionResultType]::ParameterName, 'Put one fault into the delivery, which the receiver must refuse')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Try for so long until the target takes connections')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report for CI: junit=FILE, github')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'What failed in this earlier --json output is known, and fails no more')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'How --dry-run shows it')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this certificate too: a CA''s, or the server''s own')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every event of the provider')
            [CompletionResult]::new('--as-is', '--as-is', [CompletionResultType]::ParameterName, 'Refresh nothing: the fixture''s own id and times')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin no more after the first that is not as expected')
            [CompletionResult]::new('--no-sign', '--no-sign', [CompletionResultType]::ParameterName, 'Send no signature at all')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Send nothing, show exactly what would go out')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Show the secret that a provider such as GitLab shows in its requests')
            [CompletionResult]::new('--no-keep', '--no-keep', [CompletionResultType]::ParameterName, 'Do not keep what goes out and comes back; else `sent` names it for verify, captures show and replay')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Check no certificate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ckwh;sign' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--body-out', '--body-out', [CompletionResultType]::ParameterName, 'Where the body is written')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'How the headers are printed')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The HTTP method, for schemes that sign it')
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The content type [default: the provider''s]')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The event''s type, for headers that name it where the body does not')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value away')
            [CompletionResult]::new('--merge', '--merge', [CompletionResultType]::ParameterName, 'Lay a JSON file over the payload')
            [CompletionResult]::new('--body-style', '--body-style', [CompletionResultType]::ParameterName, 'How the JSON is written')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--timestamp', '--timestamp', [CompletionResultType]::ParameterName, 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The message''s id; with --timestamp, output is the same on every run')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--as-is', '--as-is', [CompletionResultType]::ParameterName, 'Refresh nothing: the fixture''s own id and times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ckwh;verify' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header of a bare body')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header of a bare body')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL of a bare body, for schemes that sign it')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The method of a bare body, for schemes that sign it')
            [CompletionResult]::new('--tolerance', '--tolerance', [CompletionResultType]::ParameterName, 'How far off the timestamp may be, either way; 0 turns the check off [default: the provider''s]')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time it is judged at [default: now]')
            [CompletionResult]::new('--computed', '--computed', [CompletionResultType]::ParameterName, 'A signature that your handler computed for this delivery: says what it did; - reads them from standard input')
            [CompletionResult]::new('--effort', '--effort', [CompletionResultType]::ParameterName, 'How much is tried to find the cause of a mismatch')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'What your handler is written with, for lines to paste [default: what the project''s files say]')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;listen' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port, as a flag')
            [CompletionResult]::new('--forward', '--forward', [CompletionResultType]::ParameterName, 'Pass each request on, and answer with the receiver''s own answer')
            [CompletionResult]::new('--tunnel', '--tunnel', [CompletionResultType]::ParameterName, 'Make this port known to the internet: cloudflared, ngrok, or a command in which {port} is the port; it ends with this. A command that does not say its URL wants --public-url')
            [CompletionResult]::new('--respond', '--respond', [CompletionResultType]::ParameterName, 'The status of each answer [default: 200]')
            [CompletionResult]::new('--respond-body', '--respond-body', [CompletionResultType]::ParameterName, 'The body of each answer; @FILE reads it from a file')
            [CompletionResult]::new('--respond-header', '--respond-header', [CompletionResultType]::ParameterName, 'A header of each answer')
            [CompletionResult]::new('--script', '--script', [CompletionResultType]::ParameterName, 'The statuses of the first answers, such as 500,500,200; the last repeats')
            [CompletionResult]::new('--fail-rate', '--fail-rate', [CompletionResultType]::ParameterName, 'The share of answers that are 500, such as 0.2')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Which answers fail under --fail-rate: the same on every run')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Hold each answer back')
            [CompletionResult]::new('--ui', '--ui', [CompletionResultType]::ParameterName, 'Serve the inspector too, as `ckwh ui` does: a page that shows what arrives, and why it is wrong')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Show these events only, such as ''cost.*''; every request is kept')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run a program for each valid event, one at a time: body on stdin, CKWH_CAPTURE_* in its environment; no shell')
            [CompletionResult]::new('--exit-after', '--exit-after', [CompletionResultType]::ParameterName, 'End after N requests')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'End after this time')
            [CompletionResult]::new('--expect-event', '--expect-event', [CompletionResultType]::ParameterName, 'End when such an event was caught (exit 0; 1 where it never was); may stand several times')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'The largest body')
            [CompletionResult]::new('--header-timeout', '--header-timeout', [CompletionResultType]::ParameterName, 'How long the head of a request may take')
            [CompletionResult]::new('--body-timeout', '--body-timeout', [CompletionResultType]::ParameterName, 'How long a body may take')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--health', '--health', [CompletionResultType]::ParameterName, 'Answer /healthz at this address: 200 where what arrives can be kept, 503 where not')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this certificate too: a CA''s, or the server''s own')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--preserve-host', '--preserve-host', [CompletionResultType]::ParameterName, 'Keep the sender''s Host')
            [CompletionResult]::new('--drop', '--drop', [CompletionResultType]::ParameterName, 'Close every connection before anything is read from it; nothing is kept')
            [CompletionResult]::new('--reject-invalid', '--reject-invalid', [CompletionResultType]::ParameterName, 'Answer 401 where the signature is not valid; it is kept all the same')
            [CompletionResult]::new('--handshake', '--handshake', [CompletionResultType]::ParameterName, 'Answer the handshakes of providers, as their tables say')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Say why a signature does not match, as `ckwh verify` does')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Show credentials such as Authorization under --json')
            [CompletionResult]::new('--exec-any', '--exec-any', [CompletionResultType]::ParameterName, 'Run it for every event, whatever the verdict')
            [CompletionResult]::new('--store-may-lose', '--store-may-lose', [CompletionResultType]::ParameterName, 'Keep captures in a PostgreSQL that answers before they are on its disk: a crash of it may lose some')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Check no certificate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;replay' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'By event type, such as ''cost.*''')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'By provider')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'By HTTP method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'By path, such as ''/webhooks/*''')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'By what they were answered with, such as 401 or 5xx,404')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900''')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Requests from a file instead of the store, by their times: JSON lines, HAR, raw HTTP, curl lines …; - is standard input')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with a replay that was cut off: the newest, or the one of that number')
            [CompletionResult]::new('--join', '--join', [CompletionResultType]::ParameterName, 'Help to deliver a run that another process began, in a store that is shared: the newest, or the one of that number')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to: 3000, localhost:3000/hooks, https://…; the captured path is kept unless this has one')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value away')
            [CompletionResult]::new('--merge', '--merge', [CompletionResultType]::ParameterName, 'Lay a JSON file over the payload')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The Host header of each request, where the receiver tells its sites by it')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many at a time [default: 1]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many begin per time: 50/s, 90/m')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again as the provider does, N times if given')
            [CompletionResult]::new('--retry-scale', '--retry-scale', [CompletionResultType]::ParameterName, 'Multiply the waits between tries, for the impatient: 0.01')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Keep the original spacing, so many times faster')
            [CompletionResult]::new('--times', '--times', [CompletionResultType]::ParameterName, 'How many times, one after the other')
            [CompletionResult]::new('--ordered-by', '--ordered-by', [CompletionResultType]::ParameterName, 'One after the other where the body has the same value at a JSON pointer, such as /customer/id; a failure blocks what is behind it')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]')
            [CompletionResult]::new('--expect-body', '--expect-body', [CompletionResultType]::ParameterName, 'A text that the answer must hold')
            [CompletionResult]::new('--expect-json', '--expect-json', [CompletionResultType]::ParameterName, 'A jq filter that the answer must say yes to, such as ''.ok == true''')
            [CompletionResult]::new('--expect-header', '--expect-header', [CompletionResultType]::ParameterName, 'A header that the answer must have')
            [CompletionResult]::new('--expect-within', '--expect-within', [CompletionResultType]::ParameterName, 'How long the delivery may take')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'How --dry-run shows it')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report for CI: junit=FILE, github')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this certificate too: a CA''s, or the server''s own')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every capture')
            [CompletionResult]::new('--invalid', '--invalid', [CompletionResultType]::ParameterName, 'Those that were not valid when they arrived')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Those whose last delivery failed or is unknown')
            [CompletionResult]::new('--file-order', '--file-order', [CompletionResultType]::ParameterName, 'Deliver the requests of a file in its order rather than by their times; standard input as it comes')
            [CompletionResult]::new('--keep-signature', '--keep-signature', [CompletionResultType]::ParameterName, 'Send the signature as it was captured')
            [CompletionResult]::new('--fresh-id', '--fresh-id', [CompletionResultType]::ParameterName, 'Give each request a new id, so that the receiver does not take it for one that it has')
            [CompletionResult]::new('--preserve-host', '--preserve-host', [CompletionResultType]::ParameterName, 'Keep the Host header that each request was captured with')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Send captured credentials, such as Authorization, to a host that is not this machine; show them in a dry run')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin no more after the first that is not as expected')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Send nothing, show exactly what would go out')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Check no certificate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ckwh;check' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The handler: 3000, localhost:3000/hooks')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Try these alone: a case, a family, or either with *')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Do not try these')
            [CompletionResult]::new('--cases', '--cases', [CompletionResultType]::ParameterName, 'More cases, in TOML')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'The failures of this earlier --json output are known, and fail no more')
            [CompletionResult]::new('--observe', '--observe', [CompletionResultType]::ParameterName, 'A command that prints the handler''s state or effects; {id} in it stands for the event''s id')
            [CompletionResult]::new('--observe-url', '--observe-url', [CompletionResultType]::ParameterName, 'An address that shows them')
            [CompletionResult]::new('--settle', '--settle', [CompletionResultType]::ParameterName, 'How long they must stay the same before they are compared')
            [CompletionResult]::new('--reset', '--reset', [CompletionResultType]::ParameterName, 'A command that undoes them, run before each case that compares them')
            [CompletionResult]::new('--explore', '--explore', [CompletionResultType]::ParameterName, 'Deliver a chain of events in other orders and more than once, in sequences of up to N deliveries')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'The chain''s events, the first first [default: the provider''s]')
            [CompletionResult]::new('--orders', '--orders', [CompletionResultType]::ParameterName, 'How many sequences are tried')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Chooses the sequences where there are more')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this certificate too: a CA''s, or the server''s own')
            [CompletionResult]::new('--max-requests', '--max-requests', [CompletionResultType]::ParameterName, 'How many requests may be made')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report for CI: junit=FILE, github')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write the report as a page')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the cases, and try none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'A warning fails too')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Check no certificate')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Try a handler on another machine')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;doctor' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The handler to look at')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this certificate too: a CA''s, or the server''s own')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Check no certificate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;events' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the body, as it is sent, to this file; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the body, as it is sent, to this file; - is standard output')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'The body alone, as it is sent: in the provider''s own writing, with a fresh id and fresh times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'By event type, such as ''cost.*''')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'By provider')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'By HTTP method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'By path, such as ''/webhooks/*''')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'By what they were answered with, such as 401 or 5xx,404')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900''')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Wait no longer than this')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The newest N alone; 0 is all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every capture')
            [CompletionResult]::new('--invalid', '--invalid', [CompletionResultType]::ParameterName, 'Those that were not valid when they arrived')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Those whose last delivery failed or is unknown')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until there is one')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on showing what arrives, the oldest first, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on showing what arrives, the oldest first, until Ctrl-C')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List captures (what `ckwh captures` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a capture''s head and body with its verdict')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two captures: head, bytes and JSON structure')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List replays, or show one: latencies, failures, what changed since the time before')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write captures to a file that other programs, or `ckwh captures import`, can read')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove captures')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old captures')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;captures;list' {
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'By event type, such as ''cost.*''')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'By provider')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'By HTTP method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'By path, such as ''/webhooks/*''')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'By what they were answered with, such as 401 or 5xx,404')
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900''')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Wait no longer than this')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The newest N alone; 0 is all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every capture')
            [CompletionResult]::new('--invalid', '--invalid', [CompletionResultType]::ParameterName, 'Those that were not valid when they arrived')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Those whose last delivery failed or is unknown')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until there is one')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on showing what arrives, the oldest first, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on showing what arrives, the oldest first, until Ctrl-C')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;show' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where --raw writes: a file, or - for standard output')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Its body''s bytes alone; to a terminal only with --output -')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Show credentials such as Authorization')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;diff' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Show credentials such as Authorization')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;runs' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The newest N alone; 0 is all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;export' {
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'By event type, such as ''cost.*''')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'By provider')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'By HTTP method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'By path, such as ''/webhooks/*''')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'By what they were answered with, such as 401 or 5xx,404')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'In which format; JSONL holds everything, HTTP one capture')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'A file, made with mode 0600 [default: standard output]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'A file, made with mode 0600 [default: standard output]')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'The base of the URLs in HAR and curl lines [default: http:// and the request''s Host]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every capture')
            [CompletionResult]::new('--invalid', '--invalid', [CompletionResultType]::ParameterName, 'Those that were not valid when they arrived')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Those whose last delivery failed or is unknown')
            [CompletionResult]::new('--with-credentials', '--with-credentials', [CompletionResultType]::ParameterName, 'Export credentials such as Authorization')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ckwh;captures;import' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format, such as har or curl [default: by the file''s shape]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-files', '--allow-files', [CompletionResultType]::ParameterName, 'Open the files that a curl line names with @')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;rm' {
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'By event type, such as ''cost.*''')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'By provider')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 1h (ago), yesterday, 2026-11-28, RFC 3339 or unix seconds')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'By HTTP method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'By path, such as ''/webhooks/*''')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'By what they were answered with, such as 401 or 5xx,404')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every capture')
            [CompletionResult]::new('--invalid', '--invalid', [CompletionResultType]::ParameterName, 'Those that were not valid when they arrived')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Those whose last delivery failed or is unknown')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Remove all without being asked')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;prune' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep the newest N')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only those that arrived longer ago')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;captures;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List captures (what `ckwh captures` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a capture''s head and body with its verdict')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two captures: head, bytes and JSON structure')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List replays, or show one: latencies, failures, what changed since the time before')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write captures to a file that other programs, or `ckwh captures import`, can read')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove captures')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old captures')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;captures;help;list' {
            break
        }
        'ckwh;captures;help;show' {
            break
        }
        'ckwh;captures;help;diff' {
            break
        }
        'ckwh;captures;help;runs' {
            break
        }
        'ckwh;captures;help;export' {
            break
        }
        'ckwh;captures;help;import' {
            break
        }
        'ckwh;captures;help;rm' {
            break
        }
        'ckwh;captures;help;prune' {
            break
        }
        'ckwh;captures;help;help' {
            break
        }
        'ckwh;store' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a store; one that is there is left as it is')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what stands there (what `ckwh store` alone does)')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring a store to this ckwh''s version')
            [CompletionResult]::new('copy', 'copy', [CompletionResultType]::ParameterValue, 'Copy every capture with its number to another store, and compare both; cut off, it goes on')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;store;init' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;store;status' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;store;migrate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;store;copy' {
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of both in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;store;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a store; one that is there is left as it is')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what stands there (what `ckwh store` alone does)')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring a store to this ckwh''s version')
            [CompletionResult]::new('copy', 'copy', [CompletionResultType]::ParameterValue, 'Copy every capture with its number to another store, and compare both; cut off, it goes on')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;store;help;init' {
            break
        }
        'ckwh;store;help;status' {
            break
        }
        'ckwh;store;help;migrate' {
            break
        }
        'ckwh;store;help;copy' {
            break
        }
        'ckwh;store;help;help' {
            break
        }
        'ckwh;causes' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the providers (what `ckwh providers` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show how a provider signs and delivers')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Begin a provider of your own, as a copy or from one delivery')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a provider''s folder: its tables, its fixtures, its known answers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;providers;list' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;show' {
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'In this dialect')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;new' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The provider to copy')
            [CompletionResult]::new('--openapi', '--openapi', [CompletionResultType]::ParameterName, 'Events from this OpenAPI 3.1 document''s webhooks, or this JSON Schema, in place of the copied ones')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Chooses the values of those events')
            [CompletionResult]::new('--learn', '--learn', [CompletionResultType]::ParameterName, 'A delivery of it, with whose secret its scheme is found: a capture''s number or last, a file as `verify` takes one, or - for standard input')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, where it signs one')
            [CompletionResult]::new('--effort', '--effort', [CompletionResultType]::ParameterName, 'How much is tried to find the scheme')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'For yourself, instead of for this project')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;test' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every provider that is known here')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the providers (what `ckwh providers` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show how a provider signs and delivers')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Begin a provider of your own, as a copy or from one delivery')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a provider''s folder: its tables, its fixtures, its known answers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;providers;help;list' {
            break
        }
        'ckwh;providers;help;show' {
            break
        }
        'ckwh;providers;help;new' {
            break
        }
        'ckwh;providers;help;test' {
            break
        }
        'ckwh;providers;help;help' {
            break
        }
        'ckwh;fingerprint' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Of this provider''s secrets alone')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;ui' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The handler that is proposed to send to: 3000, localhost:3000/hooks')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Take the provider''s variables from this file instead of ./.env')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--given', '--given', [CompletionResultType]::ParameterName, 'What a provider signs beside the secret and no request holds, such as PayPal''s webhook-id')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;mcp' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where deliveries may go, and nowhere else; the first where the agent names none [default: `to` of your own settings]')
            [CompletionResult]::new('--observe-url', '--observe-url', [CompletionResultType]::ParameterName, 'An address that shows the handler''s effects, for `check`')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print what this client''s configuration needs, and serve nothing')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user''s data folder]')
            [CompletionResult]::new('--store-schema', '--store-schema', [CompletionResultType]::ParameterName, 'The schema of a store in PostgreSQL [default: ckwh]')
            [CompletionResult]::new('--store-password-file', '--store-password-file', [CompletionResultType]::ParameterName, 'A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--allow-bodies', '--allow-bodies', [CompletionResultType]::ParameterName, 'Sign and send bodies that the agent writes too, not fixture events alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;schema' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;trust' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--show', '--show', [CompletionResultType]::ParameterName, 'Show what there is to trust, and trust nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;untrust' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;secrets' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;targets' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;formats' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;exit-codes' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: both sides of each exchange; under --json, the notes on stderr')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Show times in UTC instead of local time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show the verdict alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;help' {
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Deliver a signed event')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the signature headers for exactly these bytes')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether a signature is right')
            [CompletionResult]::new('listen', 'listen', [CompletionResultType]::ParameterValue, 'Catch, verify and keep what is sent, and pass it on')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Deliver captured requests again')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Say whether a webhook handler is right: some sixty cases')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether secrets, target, store and tunnels are as they should be')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List the event types, or show one''s payload')
            [CompletionResult]::new('captures', 'captures', [CompletionResultType]::ParameterValue, 'List, show, compare, export, import and remove what was caught')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Make, look at, migrate and copy stores: a file, or PostgreSQL for a team')
            [CompletionResult]::new('causes', 'causes', [CompletionResultType]::ParameterValue, 'Say what a cause that `verify` names is, and what to do about it')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List, show, learn, copy and test providers')
            [CompletionResult]::new('fingerprint', 'fingerprint', [CompletionResultType]::ParameterValue, 'Print the fingerprint of the secrets at hand, to compare with your handler''s')
            [CompletionResult]::new('ui', 'ui', [CompletionResultType]::ParameterValue, 'Look at what was caught, in a browser: a page on this machine alone')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serve an agent that debugs a webhook handler, over the Model Context Protocol')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of what --json prints')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trust a project''s settings and providers as they stand')
            [CompletionResult]::new('untrust', 'untrust', [CompletionResultType]::ParameterValue, 'Trust a project''s settings and providers no longer')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, in roff')
            [CompletionResult]::new('secrets', 'secrets', [CompletionResultType]::ParameterValue, 'Where signing secrets are taken from')
            [CompletionResult]::new('targets', 'targets', [CompletionResultType]::ParameterValue, 'How a target is written')
            [CompletionResult]::new('formats', 'formats', [CompletionResultType]::ParameterValue, 'The formats of requests that are read')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'What each exit status means')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;help;send' {
            break
        }
        'ckwh;help;sign' {
            break
        }
        'ckwh;help;verify' {
            break
        }
        'ckwh;help;listen' {
            break
        }
        'ckwh;help;replay' {
            break
        }
        'ckwh;help;check' {
            break
        }
        'ckwh;help;doctor' {
            break
        }
        'ckwh;help;events' {
            break
        }
        'ckwh;help;captures' {
            break
        }
        'ckwh;help;store' {
            break
        }
        'ckwh;help;causes' {
            break
        }
        'ckwh;help;providers' {
            break
        }
        'ckwh;help;fingerprint' {
            break
        }
        'ckwh;help;ui' {
            break
        }
        'ckwh;help;mcp' {
            break
        }
        'ckwh;help;schema' {
            break
        }
        'ckwh;help;trust' {
            break
        }
        'ckwh;help;untrust' {
            break
        }
        'ckwh;help;completions' {
            break
        }
        'ckwh;help;man' {
            break
        }
        'ckwh;help;secrets' {
            break
        }
        'ckwh;help;targets' {
            break
        }
        'ckwh;help;formats' {
            break
        }
        'ckwh;help;exit-codes' {
            break
        }
        'ckwh;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
