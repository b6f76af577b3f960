# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ckwh_global_optspecs
    string join \n json v/verbose q/quiet color= h/help V/version
end

function __fish_ckwh_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ckwh_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ckwh_using_subcommand
    set -l cmd (__fish_ckwh_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ckwh -n "__fish_ckwh_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_needs_command" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_needs_command" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_needs_command" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ckwh -n "__fish_ckwh_needs_command" -s V -l version -d 'Print version'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "send" -d 'Deliver a signed event'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "sign" -d 'Print the signature headers for exactly these bytes'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "verify" -d 'Say whether a signature is right'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "listen" -d 'Catch, verify and keep what is sent, and pass it on'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "replay" -d 'Which captures are meant'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "check" -d 'Say whether a webhook handler is right: some fifty cases'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "events" -d 'List the event types, or show one\'s payload'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "captures" -d 'Which captures are meant'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "providers" -d 'List, show, learn, copy and test providers'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "fingerprint" -d 'Print the fingerprint of the secrets at hand, to compare with your handler\'s'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "mcp" -d 'Serve an agent that debugs a webhook handler, over the Model Context Protocol'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "trust" -d 'Trust a project\'s settings and providers as they stand'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "untrust" -d 'Trust a project\'s settings and providers no longer'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "completions" -d 'Print a shell\'s completion script'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "man" -d 'Print the manual page, in roff'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "formats" -d 'Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` tell by their shape:    har              HAR   ngrok            requests of ngrok\'s inspector   api-gateway      an event of API Gateway or a load balancer   lambda-url       an event of a function URL or an HTTP API (payload format 2.0)   github           a delivery that GitHub keeps   gitlab           an event of a webhook that GitLab keeps   contentful       a webhook call that Contentful keeps   svix             message attempts of Svix   svix-message     messages of Svix   stripe           events of Stripe   webhook-site     requests of webhook.site   webhook-tester   requests of webhook-tester   hookdeck         requests of Hookdeck   wiremock         the journal of WireMock   httpbin          an answer of httpbin   pipedream        an event of Pipedream or RequestBin   n8n              an item of n8n\'s webhook node   smee             an event of smee.io   postman          a collection of Postman   jsonl            JSON lines of requests   tcpdump          what tcpdump -A shows   mitmdump         what mitmdump shows   hurl             a file of Hurl   http-file        a .http file   http             raw HTTP   curl             curl command lines   fetch            calls of fetch(…)   powershell       lines of Invoke-WebRequest   httpie           HTTPie\'s command lines   csv              CSV of requests, such as webhook.site\'s  What is not known here is made into JSON lines by hand, an object each: {"method":"POST","url":"/hooks","headers":{"a":"b"},"body":"text"} (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:    jq -c \'.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}\' log.json | ckwh captures import -'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "exit-codes" -d 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
complete -c ckwh -n "__fish_ckwh_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l to -d 'Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what arrives' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l type -d 'The event\'s type: one without a fixture is made of what its provider\'s events share' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -s d -l data -d 'The body itself, or @FILE' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -s H -l header -d 'Add a header, or replace one of the provider\'s' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l set -d 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l unset -d 'Take a value away' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l merge -d 'Lay a JSON file over the payload' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l body-style -d 'How the JSON is written' -r -f -a "compact\t'One line, without spaces'
pretty\t'Indented by two spaces'
provider\t'As the provider writes it'"
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l timestamp -d 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l id -d 'The message\'s id; with --timestamp, output is the same on every run' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l count -d 'How many deliveries' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l concurrency -d 'How many at a time [default: 1]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l rate -d 'How many begin per time: 50/s, 90/m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l retry -d 'Try again as the provider does, N times if given' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l retry-scale -d 'Multiply the waits between tries, for the impatient: 0.01' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l expect -d 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l expect-body -d 'A text that the answer must hold' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l expect-json -d 'A jq filter that the answer must say yes to, such as \'.ok == true\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l expect-header -d 'A header that the answer must have' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l expect-within -d 'How long the delivery may take' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l break -d 'Put one fault into the delivery, which the receiver must refuse' -r -f -a "signature\t'One digit of the signature is changed'
body\t'One character of the body is changed after signing'
timestamp\t'The timestamp is changed after signing'
stale\t'It is correctly signed, an hour ago'
secret\t'It is signed with another key'
header\t'The signature header is left out'"
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l wait -d 'Try for so long until the target takes connections' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l report -d 'Write a report for CI: junit=FILE, github' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l baseline -d 'What failed in this earlier --json output is known, and fails no more' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l print -d 'How --dry-run shows it' -r -f -a "http\t'The request as it goes over the wire'
curl\t'A curl command line'
json\t'A JSON object'"
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l timeout -d 'How long an attempt may take [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l cacert -d 'Trust this certificate too: a CA\'s, or the server\'s own' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l all -d 'Every event of the provider'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l as-is -d 'Refresh nothing: the fixture\'s own id and times'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l fail-fast -d 'Begin no more after the first that is not as expected'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l no-sign -d 'Send no signature at all'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l dry-run -d 'Send nothing, show exactly what would go out'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l no-keep -d 'Do not keep what goes out and comes back; else `sent` names it for verify, captures show and replay'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l follow -d 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -l insecure -d 'Check no certificate'
complete -c ckwh -n "__fish_ckwh_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l body-out -d 'Where the body is written' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l print -d 'How the headers are printed' -r -f -a "headers\t'`Name: value` lines, as curl\'s -H @file reads them'
value\t'The signature header\'s value alone'
curl\t'Arguments for curl'
json\t'A JSON object'"
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l method -d 'The HTTP method, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l content-type -d 'The content type [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l type -d 'The event\'s type, for headers that name it where the body does not' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l set -d 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l unset -d 'Take a value away' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l merge -d 'Lay a JSON file over the payload' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l body-style -d 'How the JSON is written' -r -f -a "compact\t'One line, without spaces'
pretty\t'Indented by two spaces'
provider\t'As the provider writes it'"
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l timestamp -d 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l id -d 'The message\'s id; with --timestamp, output is the same on every run' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -l as-is -d 'Refresh nothing: the fixture\'s own id and times'
complete -c ckwh -n "__fish_ckwh_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -s H -l header -d 'A header of a bare body' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l url -d 'The URL of a bare body, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l method -d 'The method of a bare body, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l tolerance -d 'How far off the timestamp may be, either way; 0 turns the check off [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l at -d 'The time it is judged at [default: now]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l computed -d 'A signature that your handler computed for this delivery: says what it did; - reads them from standard input' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l effort -d 'How much is tried to find the cause of a mismatch' -r -f -a "low\t''
normal\t''
high\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l framework -d 'What your handler is written with, for lines to paste [default: what the project\'s files say]' -r -f -a "next\t''
nest\t''
fastify\t''
express\t''
fastapi\t''
django\t''
flask\t''
rails\t''
laravel\t''
spring\t''
aspnet\t''
gin\t''
axum\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand verify" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l port -d 'The port, as a flag' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l forward -d 'Pass each request on, and answer with the receiver\'s own answer' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l respond -d 'The status of each answer [default: 200]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l respond-body -d 'The body of each answer; @FILE reads it from a file' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l respond-header -d 'A header of each answer' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l script -d 'The statuses of the first answers, such as 500,500,200; the last repeats' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l fail-rate -d 'The share of answers that are 500, such as 0.2' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l seed -d 'Which answers fail under --fail-rate: the same on every run' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l delay -d 'Hold each answer back' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l event -d 'Show these events only, such as \'cost.*\'; every request is kept' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l exec -d 'Run a program for each valid event, one at a time: body on stdin, CKWH_CAPTURE_* in its environment; no shell' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l exit-after -d 'End after N requests' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l for -d 'End after this time' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l expect-event -d 'End when such an event was caught (exit 0; 1 where it never was); may stand several times' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l max-body -d 'The largest body' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l header-timeout -d 'How long the head of a request may take' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l body-timeout -d 'How long a body may take' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l timeout -d 'How long an attempt may take [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l cacert -d 'Trust this certificate too: a CA\'s, or the server\'s own' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l preserve-host -d 'Keep the sender\'s Host'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l drop -d 'Close every connection before anything is read from it; nothing is kept'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l reject-invalid -d 'Answer 401 where the signature is not valid; it is kept all the same'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l handshake -d 'Answer the challenges of Meta, Dropbox and Zoom'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l explain -d 'Say why a signature does not match, as `ckwh verify` does'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l with-credentials -d 'Show credentials such as Authorization under --json'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l exec-any -d 'Run it for every event, whatever the verdict'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l follow -d 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -l insecure -d 'Check no certificate'
complete -c ckwh -n "__fish_ckwh_using_subcommand listen" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l event -d 'By event type, such as \'cost.*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l provider -d 'By provider' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l since -d 'Not before: RFC 3339, unix seconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l until -d 'Not after' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l method -d 'By HTTP method' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l path -d 'By path, such as \'/webhooks/*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l status -d 'By what they were answered with, such as 401 or 5xx,404' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l where -d 'Those whose body a jq filter says yes to, such as \'.cost.amount > 900\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l from -d 'Requests from a file instead of the store, by their times: JSON lines, HAR, raw HTTP, curl lines …; - is standard input' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l resume -d 'Go on with a replay that was cut off: the newest, or the one of that number' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l to -d 'Where to: 3000, localhost:3000/hooks, https://…; the captured path is kept unless this has one' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l set -d 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l unset -d 'Take a value away' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l merge -d 'Lay a JSON file over the payload' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l host -d 'The Host header of each request, where the receiver tells its sites by it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l concurrency -d 'How many at a time [default: 1]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l rate -d 'How many begin per time: 50/s, 90/m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l retry -d 'Try again as the provider does, N times if given' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l retry-scale -d 'Multiply the waits between tries, for the impatient: 0.01' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l speed -d 'Keep the original spacing, so many times faster' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l times -d 'How many times, one after the other' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l expect -d 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l expect-body -d 'A text that the answer must hold' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l expect-json -d 'A jq filter that the answer must say yes to, such as \'.ok == true\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l expect-header -d 'A header that the answer must have' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l expect-within -d 'How long the delivery may take' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l print -d 'How --dry-run shows it' -r -f -a "http\t'The request as it goes over the wire'
curl\t'A curl command line'
json\t'A JSON object'"
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l report -d 'Write a report for CI: junit=FILE, github' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l timeout -d 'How long an attempt may take [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l cacert -d 'Trust this certificate too: a CA\'s, or the server\'s own' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l all -d 'Every capture'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l invalid -d 'Those that were not valid when they arrived'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l failed -d 'Those whose last delivery failed or is unknown'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l file-order -d 'Deliver the requests of a file in its order rather than by their times; standard input as it comes'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l keep-signature -d 'Send the signature as it was captured'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l fresh-id -d 'Give each request a new id, so that the receiver does not take it for one that it has'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l preserve-host -d 'Keep the Host header that each request was captured with'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l with-credentials -d 'Send captured credentials, such as Authorization, to a host that is not this machine; show them in a dry run'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l fail-fast -d 'Begin no more after the first that is not as expected'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l dry-run -d 'Send nothing, show exactly what would go out'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l follow -d 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -l insecure -d 'Check no certificate'
complete -c ckwh -n "__fish_ckwh_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l to -d 'The handler: 3000, localhost:3000/hooks' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l only -d 'Try these alone: a case, a family, or either with *' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l skip -d 'Do not try these' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l cases -d 'More cases, in TOML' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l baseline -d 'The failures of this earlier --json output are known, and fail no more' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l observe -d 'A command that prints the handler\'s state or effects; {id} in it stands for the event\'s id' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l observe-url -d 'An address that shows them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l settle -d 'How long they must stay the same before they are compared' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l reset -d 'A command that undoes them, run before each case that compares them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l explore -d 'Deliver a chain of events in other orders and more than once, in sequences of up to N deliveries' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l chain -d 'The chain\'s events, the first first [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l orders -d 'How many sequences are tried' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l seed -d 'Chooses the sequences where there are more' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l timeout -d 'How long an attempt may take [default: the provider\'s]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l cacert -d 'Trust this certificate too: a CA\'s, or the server\'s own' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l max-requests -d 'How many requests may be made' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l report -d 'Write a report for CI: junit=FILE, github' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l html -d 'Write the report as a page' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l list -d 'List the cases, and try none'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l strict -d 'A warning fails too'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l follow -d 'Follow up to 5 redirects; credentials go along to the same origin, and to this machine, alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l insecure -d 'Check no certificate'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -l yes -d 'Try a handler on another machine'
complete -c ckwh -n "__fish_ckwh_using_subcommand check" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -s o -l output -d 'Write the body, as it is sent, to this file; - is standard output' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l provider -d 'Whose webhook it is; `ckwh providers` lists them' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l dialect -d 'Which of the provider\'s dialects' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l public-url -d 'The URL that the sender signs, for schemes that sign it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -l raw -d 'The body alone, as it is sent: in the provider\'s own writing, with a fresh id and fresh times'
complete -c ckwh -n "__fish_ckwh_using_subcommand events" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l event -d 'By event type, such as \'cost.*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l provider -d 'By provider' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l since -d 'Not before: RFC 3339, unix seconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l until -d 'Not after' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l method -d 'By HTTP method' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l path -d 'By path, such as \'/webhooks/*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l status -d 'By what they were answered with, such as 401 or 5xx,404' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l where -d 'Those whose body a jq filter says yes to, such as \'.cost.amount > 900\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l limit -d 'The newest N alone; 0 is all' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l all -d 'Every capture'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l invalid -d 'Those that were not valid when they arrived'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -l failed -d 'Those whose last delivery failed or is unknown'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "list" -d 'List captures (what `ckwh captures` alone does)'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "show" -d 'Show a capture\'s head and body with its verdict'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "diff" -d 'Compare two captures: head, bytes and JSON structure'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "export" -d 'Write captures to a file that other programs, or `ckwh captures import`, can read'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "import" -d 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "rm" -d 'Remove captures'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "prune" -d 'Remove old captures'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and not __fish_seen_subcommand_from list show diff export import rm prune help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l event -d 'By event type, such as \'cost.*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l provider -d 'By provider' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l since -d 'Not before: RFC 3339, unix seconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l until -d 'Not after' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l method -d 'By HTTP method' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l path -d 'By path, such as \'/webhooks/*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l status -d 'By what they were answered with, such as 401 or 5xx,404' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l where -d 'Those whose body a jq filter says yes to, such as \'.cost.amount > 900\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l limit -d 'The newest N alone; 0 is all' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l all -d 'Every capture'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l invalid -d 'Those that were not valid when they arrived'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l failed -d 'Those whose last delivery failed or is unknown'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l output -d 'Where --raw writes: a file, or - for standard output' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l raw -d 'Its body\'s bytes alone; to a terminal only with --output -'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l with-credentials -d 'Show credentials such as Authorization'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -l with-credentials -d 'Show credentials such as Authorization'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l event -d 'By event type, such as \'cost.*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l provider -d 'By provider' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l since -d 'Not before: RFC 3339, unix seconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l until -d 'Not after' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l method -d 'By HTTP method' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l path -d 'By path, such as \'/webhooks/*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l status -d 'By what they were answered with, such as 401 or 5xx,404' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l format -d 'In which format; JSONL holds everything, HTTP one capture' -r -f -a "jsonl\t'One JSON object per line, as `listen --json` prints it'
har\t'HAR 1.2'
curl\t'curl command lines'
http\t'The request as it came over the wire'
fetch\t'Calls of JavaScript\'s fetch'
python\t'Python with requests'
httpie\t'HTTPie\'s command lines'
http-file\t'A .http file'
postman\t'A collection of Postman'
pytest\t'Tests for pytest, signed when they run'
vitest\t'Tests for Vitest, signed when they run'"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -s o -l output -d 'A file, made with mode 0600 [default: standard output]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l base-url -d 'The base of the URLs in HAR and curl lines [default: http:// and the request\'s Host]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l all -d 'Every capture'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l invalid -d 'Those that were not valid when they arrived'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l failed -d 'Those whose last delivery failed or is unknown'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l with-credentials -d 'Export credentials such as Authorization'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -l format -d 'The format, such as har or curl [default: by the file\'s shape]' -r -f -a "har\t'HAR'
ngrok\t'requests of ngrok\'s inspector'
api-gateway\t'an event of API Gateway or a load balancer'
lambda-url\t'an event of a function URL or an HTTP API (payload format 2.0)'
github\t'a delivery that GitHub keeps'
gitlab\t'an event of a webhook that GitLab keeps'
contentful\t'a webhook call that Contentful keeps'
svix\t'message attempts of Svix'
svix-message\t'messages of Svix'
stripe\t'events of Stripe'
webhook-site\t'requests of webhook.site'
webhook-tester\t'requests of webhook-tester'
hookdeck\t'requests of Hookdeck'
wiremock\t'the journal of WireMock'
httpbin\t'an answer of httpbin'
pipedream\t'an event of Pipedream or RequestBin'
n8n\t'an item of n8n\'s webhook node'
smee\t'an event of smee.io'
postman\t'a collection of Postman'
jsonl\t'JSON lines of requests'
tcpdump\t'what tcpdump -A shows'
mitmdump\t'what mitmdump shows'
hurl\t'a file of Hurl'
http-file\t'a .http file'
http\t'raw HTTP'
curl\t'curl command lines'
fetch\t'calls of fetch(…)'
powershell\t'lines of Invoke-WebRequest'
httpie\t'HTTPie\'s command lines'
csv\t'CSV of requests, such as webhook.site\'s'"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -l allow-files -d 'Open the files that a curl line names with @'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l event -d 'By event type, such as \'cost.*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l provider -d 'By provider' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l since -d 'Not before: RFC 3339, unix seconds, or relative as -10m' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l until -d 'Not after' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l method -d 'By HTTP method' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l path -d 'By path, such as \'/webhooks/*\'' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l status -d 'By what they were answered with, such as 401 or 5xx,404' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l all -d 'Every capture'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l invalid -d 'Those that were not valid when they arrived'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l failed -d 'Those whose last delivery failed or is unknown'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l yes -d 'Remove all without being asked'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -l keep -d 'Keep the newest N' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -l older-than -d 'Only those that arrived longer ago' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "list" -d 'List captures (what `ckwh captures` alone does)'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a capture\'s head and body with its verdict'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Compare two captures: head, bytes and JSON structure'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write captures to a file that other programs, or `ckwh captures import`, can read'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take in requests from a file: HAR, JSONL, raw HTTP, curl lines and what else `ckwh help formats` lists; nothing is run or opened'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove captures'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Remove old captures'
complete -c ckwh -n "__fish_ckwh_using_subcommand captures; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -f -a "list" -d 'List the providers (what `ckwh providers` alone does)'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -f -a "show" -d 'Show how a provider signs and delivers'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -f -a "new" -d 'Begin a provider of your own, as a copy or from one delivery'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -f -a "test" -d 'Check a provider\'s folder: its tables, its fixtures, its known answers'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and not __fish_seen_subcommand_from list show new test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -l dialect -d 'In this dialect' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l from -d 'The provider to copy' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l learn -d 'A delivery of it, with whose secret its scheme is found: a capture\'s number or last, a file as `verify` takes one, or - for standard input' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l public-url -d 'The URL that the sender signs, where it signs one' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l effort -d 'How much is tried to find the scheme' -r -f -a "low\t''
normal\t''
high\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l user -d 'For yourself, instead of for this project'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -l all -d 'Every provider that is known here'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the providers (what `ckwh providers` alone does)'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show how a provider signs and delivers'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from help" -f -a "new" -d 'Begin a provider of your own, as a copy or from one delivery'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from help" -f -a "test" -d 'Check a provider\'s folder: its tables, its fixtures, its known answers'
complete -c ckwh -n "__fish_ckwh_using_subcommand providers; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l provider -d 'Of this provider\'s secrets alone' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l secret-file -d 'Read a signing secret from a file, without its last line break' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l secret-env -d 'Take a signing secret from a variable' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l secret -d 'A signing secret, for a quick try: other users of the machine can see it' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand fingerprint" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l to -d 'Where deliveries may go, and nowhere else; the first where the agent names none [default: `to` of your own settings]' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l observe-url -d 'An address that shows the handler\'s effects, for `check`' -r
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l print-config -d 'Print what this client\'s configuration needs, and serve nothing' -r -f -a "claude-code\t''
claude-desktop\t''
codex\t''
cursor\t''
gemini\t''
vscode\t''
zed\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l store -d 'The store [default: captures.db in the user\'s data folder]' -r -F
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -l allow-bodies -d 'Sign and send bodies that the agent writes too, not fixture events alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand mcp" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -l show -d 'Show what there is to trust, and trust nothing'
complete -c ckwh -n "__fish_ckwh_using_subcommand trust" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand untrust" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand untrust" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand untrust" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand untrust" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand untrust" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand completions" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand completions" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand completions" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand completions" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand man" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand man" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand man" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand man" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand formats" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand formats" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand formats" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand formats" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand formats" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand exit-codes" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ckwh -n "__fish_ckwh_using_subcommand exit-codes" -l json -d 'Print one JSON object per line on stdout, and nothing else'
complete -c ckwh -n "__fish_ckwh_using_subcommand exit-codes" -s v -l verbose -d 'Show more: both sides of each exchange; under --json, the notes on stderr'
complete -c ckwh -n "__fish_ckwh_using_subcommand exit-codes" -s q -l quiet -d 'Show the verdict alone'
complete -c ckwh -n "__fish_ckwh_using_subcommand exit-codes" -s h -l help -d 'Print help'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "send" -d 'Deliver a signed event'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "sign" -d 'Print the signature headers for exactly these bytes'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "verify" -d 'Say whether a signature is right'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "listen" -d 'Catch, verify and keep what is sent, and pass it on'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "replay" -d 'Deliver captured requests again'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "check" -d 'Say whether a webhook handler is right: some fifty cases'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "events" -d 'List the event types, or show one\'s payload'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "captures" -d 'List, show, compare, export, import and remove what was caught'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "providers" -d 'List, show, learn, copy and test providers'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "fingerprint" -d 'Print the fingerprint of the secrets at hand, to compare with your handler\'s'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "mcp" -d 'Serve an agent that debugs a webhook handler, over the Model Context Protocol'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "trust" -d 'Trust a project\'s settings and providers as they stand'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "untrust" -d 'Trust a project\'s settings and providers no longer'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "completions" -d 'Print a shell\'s completion script'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "man" -d 'Print the manual page, in roff'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "formats" -d 'Files and lines of requests, which `verify`, `captures import`, `replay --from`, `providers new --learn` and `sign` tell by their shape:    har              HAR   ngrok            requests of ngrok\'s inspector   api-gateway      an event of API Gateway or a load balancer   lambda-url       an event of a function URL or an HTTP API (payload format 2.0)   github           a delivery that GitHub keeps   gitlab           an event of a webhook that GitLab keeps   contentful       a webhook call that Contentful keeps   svix             message attempts of Svix   svix-message     messages of Svix   stripe           events of Stripe   webhook-site     requests of webhook.site   webhook-tester   requests of webhook-tester   hookdeck         requests of Hookdeck   wiremock         the journal of WireMock   httpbin          an answer of httpbin   pipedream        an event of Pipedream or RequestBin   n8n              an item of n8n\'s webhook node   smee             an event of smee.io   postman          a collection of Postman   jsonl            JSON lines of requests   tcpdump          what tcpdump -A shows   mitmdump         what mitmdump shows   hurl             a file of Hurl   http-file        a .http file   http             raw HTTP   curl             curl command lines   fetch            calls of fetch(…)   powershell       lines of Invoke-WebRequest   httpie           HTTPie\'s command lines   csv              CSV of requests, such as webhook.site\'s  What is not known here is made into JSON lines by hand, an object each: {"method":"POST","url":"/hooks","headers":{"a":"b"},"body":"text"} (`body_base64` for bytes, `received_at` for the time). jq does it in one line, such as:    jq -c \'.[] | {method: .verb, url: .path, headers: .headers, body: .payload, received_at: .time}\' log.json | ckwh captures import -'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "exit-codes" -d 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
complete -c ckwh -n "__fish_ckwh_using_subcommand help; and not __fish_seen_subcommand_from send sign verify listen replay check events captures providers fingerprint mcp trust untrust completions man formats exit-codes help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
