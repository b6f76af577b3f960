
use builtin;
use str;

set edit:completion:arg-completer[ckwh] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'ckwh'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'ckwh'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand send 'Deliver a signed event'
            cand sign 'Print the signature headers for exactly these bytes'
            cand verify 'Say whether a signature is right'
            cand listen 'Catch, verify and keep what is sent, and pass it on'
            cand replay 'Which captures are meant'
            cand check 'Say whether a webhook handler is right: some fifty cases'
            cand events 'List the event types, or show one''s payload'
            cand captures 'Which captures are meant'
            cand providers 'List, show, learn, copy and test providers'
            cand fingerprint 'Print the fingerprint of the secrets at hand, to compare with your handler''s'
            cand mcp 'Serve an agent that debugs a webhook handler, over the Model Context Protocol'
            cand trust 'Trust a project''s settings and providers as they stand'
            cand untrust 'Trust a project''s settings and providers no longer'
            cand completions 'Print a shell''s completion script'
            cand man 'Print the manual page, in roff'
            cand formats 'Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` tell by their shape:    har              HAR   ngrok            requests of ngrok''s inspector   api-gateway      an event of API Gateway or a load balancer   lambda-url       an event of a function URL or an HTTP API (payload format 2.0)   github           a delivery that GitHub keeps   gitlab           an event of a webhook that GitLab keeps   contentful       a webhook call that Contentful keeps   svix             message attempts of Svix   svix-message     messages of Svix   stripe           events of Stripe   webhook-site     requests of webhook.site   webhook-tester   requests of webhook-tester   hookdeck         requests of Hookdeck   wiremock         the journal of WireMock   httpbin          an answer of httpbin   pipedream        an event of Pipedream or RequestBin   n8n              an item of n8n''s webhook node   smee             an event of smee.io   postman          a collection of Postman   jsonl            JSON lines of requests   tcpdump          what tcpdump -A shows   mitmdump         what mitmdump shows   hurl             a file of Hurl   http-file        a .http file   http             raw HTTP   curl             curl command lines   fetch            calls of fetch(…)   powershell       lines of Invoke-WebRequest   httpie           HTTPie''s command lines   csv              CSV of requests, such as webhook.site''s  What is not known here is made into JSON lines by hand, an object each: {"method":"POST","url":"/hooks","headers":{"a":"b"},"body":"text"} (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:    jq -c ''.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}'' log.json | ckwh captures import -'
            cand exit-codes 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;send'= {
            cand --color 'When to use colour'
            cand --to 'Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what arrives'
            cand --type 'The event''s type: one without a fixture is made of what its provider''s events share'
            cand -d 'The body itself, or @FILE'
            cand --data 'The body itself, or @FILE'
            cand -H 'Add a header, or replace one of the provider''s'
            cand --header 'Add a header, or replace one of the provider''s'
            cand --set 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one'
            cand --unset 'Take a value away'
            cand --merge 'Lay a JSON file over the payload'
            cand --body-style 'How the JSON is written'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --timestamp 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m'
            cand --id 'The message''s id; with --timestamp, output is the same on every run'
            cand --count 'How many deliveries'
            cand --concurrency 'How many at a time [default: 1]'
            cand --rate 'How many begin per time: 50/s, 90/m'
            cand --retry 'Try again as the provider does, N times if given'
            cand --retry-scale 'Multiply the waits between tries, for the impatient: 0.01'
            cand --expect 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]'
            cand --expect-body 'A text that the answer must hold'
            cand --expect-json 'A jq filter that the answer must say yes to, such as ''.ok == true'''
            cand --expect-header 'A header that the answer must have'
            cand --expect-within 'How long the delivery may take'
            cand --break 'Put one fault into the delivery, which the receiver must refuse'
            cand --wait 'Try for so long until the target takes connections'
            cand --report 'Write a report for CI: junit=FILE, github'
            cand --baseline 'What failed in this earlier --json output is known, and fails no more'
            cand --print 'How --dry-run shows it'
            cand --timeout 'How long an attempt may take [default: the provider''s]'
            cand --cacert 'Trust this certificate too: a CA''s, or the server''s own'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --all 'Every event of the provider'
            cand --as-is 'Refresh nothing: the fixture''s own id and times'
            cand --fail-fast 'Begin no more after the first that is not as expected'
            cand --no-sign 'Send no signature at all'
            cand --dry-run 'Send nothing, show exactly what would go out'
            cand --no-keep 'Do not keep what goes out and comes back; else `sent` names it for verify, captures show and replay'
            cand --follow 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
            cand --insecure 'Check no certificate'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ckwh;sign'= {
            cand --color 'When to use colour'
            cand --body-out 'Where the body is written'
            cand --print 'How the headers are printed'
            cand --method 'The HTTP method, for schemes that sign it'
            cand --content-type 'The content type [default: the provider''s]'
            cand --type 'The event''s type, for headers that name it where the body does not'
            cand --set 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one'
            cand --unset 'Take a value away'
            cand --merge 'Lay a JSON file over the payload'
            cand --body-style 'How the JSON is written'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --timestamp 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m'
            cand --id 'The message''s id; with --timestamp, output is the same on every run'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --as-is 'Refresh nothing: the fixture''s own id and times'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ckwh;verify'= {
            cand --color 'When to use colour'
            cand -H 'A header of a bare body'
            cand --header 'A header of a bare body'
            cand --url 'The URL of a bare body, for schemes that sign it'
            cand --method 'The method of a bare body, for schemes that sign it'
            cand --tolerance 'How far off the timestamp may be, either way; 0 turns the check off [default: the provider''s]'
            cand --at 'The time it is judged at [default: now]'
            cand --computed 'A signature that your handler computed for this delivery: says what it did; - reads them from standard input'
            cand --effort 'How much is tried to find the cause of a mismatch'
            cand --framework 'What your handler is written with, for lines to paste [default: what the project''s files say]'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;listen'= {
            cand --color 'When to use colour'
            cand --port 'The port, as a flag'
            cand --forward 'Pass each request on, and answer with the receiver''s own answer'
            cand --respond 'The status of each answer [default: 200]'
            cand --respond-body 'The body of each answer; @FILE reads it from a file'
            cand --respond-header 'A header of each answer'
            cand --script 'The statuses of the first answers, such as 500,500,200; the last repeats'
            cand --fail-rate 'The share of answers that are 500, such as 0.2'
            cand --seed 'Which answers fail under --fail-rate: the same on every run'
            cand --delay 'Hold each answer back'
            cand --event 'Show these events only, such as ''cost.*''; every request is kept'
            cand --exec 'Run a program for each valid event, one at a time: body on stdin, CKWH_CAPTURE_* in its environment; no shell'
            cand --exit-after 'End after N requests'
            cand --for 'End after this time'
            cand --expect-event 'End when such an event was caught (exit 0; 1 where it never was); may stand several times'
            cand --max-body 'The largest body'
            cand --header-timeout 'How long the head of a request may take'
            cand --body-timeout 'How long a body may take'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --timeout 'How long an attempt may take [default: the provider''s]'
            cand --cacert 'Trust this certificate too: a CA''s, or the server''s own'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --preserve-host 'Keep the sender''s Host'
            cand --drop 'Close every connection before anything is read from it; nothing is kept'
            cand --reject-invalid 'Answer 401 where the signature is not valid; it is kept all the same'
            cand --handshake 'Answer the challenges of Meta, Dropbox and Zoom'
            cand --explain 'Say why a signature does not match, as `ckwh verify` does'
            cand --with-credentials 'Show credentials such as Authorization under --json'
            cand --exec-any 'Run it for every event, whatever the verdict'
            cand --follow 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
            cand --insecure 'Check no certificate'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;replay'= {
            cand --color 'When to use colour'
            cand --event 'By event type, such as ''cost.*'''
            cand --provider 'By provider'
            cand --since 'Not before: RFC 3339, unix seconds, or relative as -10m'
            cand --until 'Not after'
            cand --method 'By HTTP method'
            cand --path 'By path, such as ''/webhooks/*'''
            cand --status 'By what they were answered with, such as 401 or 5xx,404'
            cand --where 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900'''
            cand --from 'Requests from a file instead of the store, by their times: JSON lines, HAR, raw HTTP, curl lines …; - is standard input'
            cand --resume 'Go on with a replay that was cut off: the newest, or the one of that number'
            cand --to 'Where to: 3000, localhost:3000/hooks, https://…; the captured path is kept unless this has one'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --set 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one'
            cand --unset 'Take a value away'
            cand --merge 'Lay a JSON file over the payload'
            cand --host 'The Host header of each request, where the receiver tells its sites by it'
            cand --concurrency 'How many at a time [default: 1]'
            cand --rate 'How many begin per time: 50/s, 90/m'
            cand --retry 'Try again as the provider does, N times if given'
            cand --retry-scale 'Multiply the waits between tries, for the impatient: 0.01'
            cand --speed 'Keep the original spacing, so many times faster'
            cand --times 'How many times, one after the other'
            cand --expect 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]'
            cand --expect-body 'A text that the answer must hold'
            cand --expect-json 'A jq filter that the answer must say yes to, such as ''.ok == true'''
            cand --expect-header 'A header that the answer must have'
            cand --expect-within 'How long the delivery may take'
            cand --print 'How --dry-run shows it'
            cand --report 'Write a report for CI: junit=FILE, github'
            cand --timeout 'How long an attempt may take [default: the provider''s]'
            cand --cacert 'Trust this certificate too: a CA''s, or the server''s own'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --all 'Every capture'
            cand --invalid 'Those that were not valid when they arrived'
            cand --failed 'Those whose last delivery failed or is unknown'
            cand --file-order 'Deliver the requests of a file in its order rather than by their times; standard input as it comes'
            cand --keep-signature 'Send the signature as it was captured'
            cand --fresh-id 'Give each request a new id, so that the receiver does not take it for one that it has'
            cand --preserve-host 'Keep the Host header that each request was captured with'
            cand --with-credentials 'Send captured credentials, such as Authorization, to a host that is not this machine; show them in a dry run'
            cand --fail-fast 'Begin no more after the first that is not as expected'
            cand --dry-run 'Send nothing, show exactly what would go out'
            cand --follow 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
            cand --insecure 'Check no certificate'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ckwh;check'= {
            cand --color 'When to use colour'
            cand --to 'The handler: 3000, localhost:3000/hooks'
            cand --only 'Try these alone: a case, a family, or either with *'
            cand --skip 'Do not try these'
            cand --cases 'More cases, in TOML'
            cand --baseline 'The failures of this earlier --json output are known, and fail no more'
            cand --observe 'A command that prints the handler''s state or effects; {id} in it stands for the event''s id'
            cand --observe-url 'An address that shows them'
            cand --settle 'How long they must stay the same before they are compared'
            cand --reset 'A command that undoes them, run before each case that compares them'
            cand --explore 'Deliver a chain of events in other orders and more than once, in sequences of up to N deliveries'
            cand --chain 'The chain''s events, the first first [default: the provider''s]'
            cand --orders 'How many sequences are tried'
            cand --seed 'Chooses the sequences where there are more'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --timeout 'How long an attempt may take [default: the provider''s]'
            cand --cacert 'Trust this certificate too: a CA''s, or the server''s own'
            cand --max-requests 'How many requests may be made'
            cand --report 'Write a report for CI: junit=FILE, github'
            cand --html 'Write the report as a page'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --list 'List the cases, and try none'
            cand --strict 'A warning fails too'
            cand --follow 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
            cand --insecure 'Check no certificate'
            cand --yes 'Try a handler on another machine'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;events'= {
            cand --color 'When to use colour'
            cand -o 'Write the body, as it is sent, to this file; - is standard output'
            cand --output 'Write the body, as it is sent, to this file; - is standard output'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --raw 'The body alone, as it is sent: in the provider''s own writing, with a fresh id and fresh times'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures'= {
            cand --color 'When to use colour'
            cand --event 'By event type, such as ''cost.*'''
            cand --provider 'By provider'
            cand --since 'Not before: RFC 3339, unix seconds, or relative as -10m'
            cand --until 'Not after'
            cand --method 'By HTTP method'
            cand --path 'By path, such as ''/webhooks/*'''
            cand --status 'By what they were answered with, such as 401 or 5xx,404'
            cand --where 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900'''
            cand --limit 'The newest N alone; 0 is all'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --all 'Every capture'
            cand --invalid 'Those that were not valid when they arrived'
            cand --failed 'Those whose last delivery failed or is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List captures (what `ckwh captures` alone does)'
            cand show 'Show a capture''s head and body with its verdict'
            cand diff 'Compare two captures: head, bytes and JSON structure'
            cand export 'Write captures to a file that other programs, or `ckwh captures import`, can read'
            cand import 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened'
            cand rm 'Remove captures'
            cand prune 'Remove old captures'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;captures;list'= {
            cand --event 'By event type, such as ''cost.*'''
            cand --provider 'By provider'
            cand --since 'Not before: RFC 3339, unix seconds, or relative as -10m'
            cand --until 'Not after'
            cand --method 'By HTTP method'
            cand --path 'By path, such as ''/webhooks/*'''
            cand --status 'By what they were answered with, such as 401 or 5xx,404'
            cand --where 'Those whose body a jq filter says yes to, such as ''.cost.amount > 900'''
            cand --limit 'The newest N alone; 0 is all'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --all 'Every capture'
            cand --invalid 'Those that were not valid when they arrived'
            cand --failed 'Those whose last delivery failed or is unknown'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;show'= {
            cand --output 'Where --raw writes: a file, or - for standard output'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --raw 'Its body''s bytes alone; to a terminal only with --output -'
            cand --with-credentials 'Show credentials such as Authorization'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;diff'= {
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --with-credentials 'Show credentials such as Authorization'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;export'= {
            cand --event 'By event type, such as ''cost.*'''
            cand --provider 'By provider'
            cand --since 'Not before: RFC 3339, unix seconds, or relative as -10m'
            cand --until 'Not after'
            cand --method 'By HTTP method'
            cand --path 'By path, such as ''/webhooks/*'''
            cand --status 'By what they were answered with, such as 401 or 5xx,404'
            cand --format 'In which format; JSONL holds everything, HTTP one capture'
            cand -o 'A file, made with mode 0600 [default: standard output]'
            cand --output 'A file, made with mode 0600 [default: standard output]'
            cand --base-url 'The base of the URLs in HAR and curl lines [default: http:// and the request''s Host]'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --all 'Every capture'
            cand --invalid 'Those that were not valid when they arrived'
            cand --failed 'Those whose last delivery failed or is unknown'
            cand --with-credentials 'Export credentials such as Authorization'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ckwh;captures;import'= {
            cand --format 'The format, such as har or curl [default: by the file''s shape]'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --allow-files 'Open the files that a curl line names with @'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;rm'= {
            cand --event 'By event type, such as ''cost.*'''
            cand --provider 'By provider'
            cand --since 'Not before: RFC 3339, unix seconds, or relative as -10m'
            cand --until 'Not after'
            cand --method 'By HTTP method'
            cand --path 'By path, such as ''/webhooks/*'''
            cand --status 'By what they were answered with, such as 401 or 5xx,404'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --all 'Every capture'
            cand --invalid 'Those that were not valid when they arrived'
            cand --failed 'Those whose last delivery failed or is unknown'
            cand --yes 'Remove all without being asked'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;prune'= {
            cand --keep 'Keep the newest N'
            cand --older-than 'Only those that arrived longer ago'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;captures;help'= {
            cand list 'List captures (what `ckwh captures` alone does)'
            cand show 'Show a capture''s head and body with its verdict'
            cand diff 'Compare two captures: head, bytes and JSON structure'
            cand export 'Write captures to a file that other programs, or `ckwh captures import`, can read'
            cand import 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened'
            cand rm 'Remove captures'
            cand prune 'Remove old captures'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;captures;help;list'= {
        }
        &'ckwh;captures;help;show'= {
        }
        &'ckwh;captures;help;diff'= {
        }
        &'ckwh;captures;help;export'= {
        }
        &'ckwh;captures;help;import'= {
        }
        &'ckwh;captures;help;rm'= {
        }
        &'ckwh;captures;help;prune'= {
        }
        &'ckwh;captures;help;help'= {
        }
        &'ckwh;providers'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the providers (what `ckwh providers` alone does)'
            cand show 'Show how a provider signs and delivers'
            cand new 'Begin a provider of your own, as a copy or from one delivery'
            cand test 'Check a provider''s folder: its tables, its fixtures, its known answers'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;providers;list'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;show'= {
            cand --dialect 'In this dialect'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;new'= {
            cand --from 'The provider to copy'
            cand --learn 'A delivery of it, with whose secret its scheme is found: a capture''s number or last, a file as `verify` takes one, or - for standard input'
            cand --public-url 'The URL that the sender signs, where it signs one'
            cand --effort 'How much is tried to find the scheme'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --color 'When to use colour'
            cand --user 'For yourself, instead of for this project'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;test'= {
            cand --color 'When to use colour'
            cand --all 'Every provider that is known here'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;help'= {
            cand list 'List the providers (what `ckwh providers` alone does)'
            cand show 'Show how a provider signs and delivers'
            cand new 'Begin a provider of your own, as a copy or from one delivery'
            cand test 'Check a provider''s folder: its tables, its fixtures, its known answers'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;providers;help;list'= {
        }
        &'ckwh;providers;help;show'= {
        }
        &'ckwh;providers;help;new'= {
        }
        &'ckwh;providers;help;test'= {
        }
        &'ckwh;providers;help;help'= {
        }
        &'ckwh;fingerprint'= {
            cand --color 'When to use colour'
            cand --provider 'Of this provider''s secrets alone'
            cand --secret-file 'Read a signing secret from a file, without its last line break'
            cand --secret-env 'Take a signing secret from a variable'
            cand --secret 'A signing secret, for a quick try: other users of the machine can see it'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;mcp'= {
            cand --color 'When to use colour'
            cand --to 'Where deliveries may go, and nowhere else; the first where the agent names none [default: `to` of your own settings]'
            cand --observe-url 'An address that shows the handler''s effects, for `check`'
            cand --print-config 'Print what this client''s configuration needs, and serve nothing'
            cand --store 'The store [default: captures.db in the user''s data folder]'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --allow-bodies 'Sign and send bodies that the agent writes too, not fixture events alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;trust'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand --show 'Show what there is to trust, and trust nothing'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;untrust'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;completions'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;man'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;formats'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;exit-codes'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -v 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand --verbose 'Show more: both sides of each exchange; under --json, the notes on stderr'
            cand -q 'Show the verdict alone'
            cand --quiet 'Show the verdict alone'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;help'= {
            cand send 'Deliver a signed event'
            cand sign 'Print the signature headers for exactly these bytes'
            cand verify 'Say whether a signature is right'
            cand listen 'Catch, verify and keep what is sent, and pass it on'
            cand replay 'Deliver captured requests again'
            cand check 'Say whether a webhook handler is right: some fifty cases'
            cand events 'List the event types, or show one''s payload'
            cand captures 'List, show, compare, export, import and remove what was caught'
            cand providers 'List, show, learn, copy and test providers'
            cand fingerprint 'Print the fingerprint of the secrets at hand, to compare with your handler''s'
            cand mcp 'Serve an agent that debugs a webhook handler, over the Model Context Protocol'
            cand trust 'Trust a project''s settings and providers as they stand'
            cand untrust 'Trust a project''s settings and providers no longer'
            cand completions 'Print a shell''s completion script'
            cand man 'Print the manual page, in roff'
            cand formats 'Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` tell by their shape:    har              HAR   ngrok            requests of ngrok''s inspector   api-gateway      an event of API Gateway or a load balancer   lambda-url       an event of a function URL or an HTTP API (payload format 2.0)   github           a delivery that GitHub keeps   gitlab           an event of a webhook that GitLab keeps   contentful       a webhook call that Contentful keeps   svix             message attempts of Svix   svix-message     messages of Svix   stripe           events of Stripe   webhook-site     requests of webhook.site   webhook-tester   requests of webhook-tester   hookdeck         requests of Hookdeck   wiremock         the journal of WireMock   httpbin          an answer of httpbin   pipedream        an event of Pipedream or RequestBin   n8n              an item of n8n''s webhook node   smee             an event of smee.io   postman          a collection of Postman   jsonl            JSON lines of requests   tcpdump          what tcpdump -A shows   mitmdump         what mitmdump shows   hurl             a file of Hurl   http-file        a .http file   http             raw HTTP   curl             curl command lines   fetch            calls of fetch(…)   powershell       lines of Invoke-WebRequest   httpie           HTTPie''s command lines   csv              CSV of requests, such as webhook.site''s  What is not known here is made into JSON lines by hand, an object each: {"method":"POST","url":"/hooks","headers":{"a":"b"},"body":"text"} (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:    jq -c ''.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}'' log.json | ckwh captures import -'
            cand exit-codes 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;help;send'= {
        }
        &'ckwh;help;sign'= {
        }
        &'ckwh;help;verify'= {
        }
        &'ckwh;help;listen'= {
        }
        &'ckwh;help;replay'= {
        }
        &'ckwh;help;check'= {
        }
        &'ckwh;help;events'= {
        }
        &'ckwh;help;captures'= {
        }
        &'ckwh;help;providers'= {
        }
        &'ckwh;help;fingerprint'= {
        }
        &'ckwh;help;mcp'= {
        }
        &'ckwh;help;trust'= {
        }
        &'ckwh;help;untrust'= {
        }
        &'ckwh;help;completions'= {
        }
        &'ckwh;help;man'= {
        }
        &'ckwh;help;formats'= {
        }
        &'ckwh;help;exit-codes'= {
        }
        &'ckwh;help;help'= {
        }
    ]
    $completions[$command]
}
