
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
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand send 'Deliver a signed event'
            cand sign 'Print the signature headers for exactly these bytes'
            cand verify 'Say whether a signature is right'
            cand events 'List the event types, or show one''s payload'
            cand providers 'List, show, copy and test providers'
            cand completions 'Print a shell''s completion script'
            cand man 'Print the manual page, in roff'
            cand exit-codes 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;send'= {
            cand --color 'When to use colour'
            cand --to 'Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what arrives'
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
            cand --concurrency 'How many at a time'
            cand --rate 'How many begin per time: 50/s, 90/m'
            cand --retry 'Try again as the provider does, N times if given'
            cand --expect 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]'
            cand --expect-body 'A text that the answer must hold'
            cand --expect-within 'How long the delivery may take'
            cand --break 'Put one fault into the delivery, which the receiver must refuse'
            cand --print 'How --dry-run shows it'
            cand --timeout 'How long an attempt may take [default: the provider''s]'
            cand --cacert 'Trust this CA certificate too'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand --as-is 'Refresh nothing: the fixture''s own id and times'
            cand --no-sign 'Send no signature at all'
            cand --dry-run 'Send nothing, show exactly what would go out'
            cand --follow 'Follow redirects'
            cand --insecure 'Check no certificate'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ckwh;sign'= {
            cand --color 'When to use colour'
            cand --body-out 'Where the body is written'
            cand --print 'How the headers are printed'
            cand --method 'The HTTP method, for schemes that sign it'
            cand --content-type 'The content type, for schemes that sign a form''s fields'
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
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;events'= {
            cand --color 'When to use colour'
            cand --provider 'Whose webhook it is; `ckwh providers` lists them'
            cand --dialect 'Which of the provider''s dialects'
            cand --public-url 'The URL that the sender signs, for schemes that sign it'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the providers (what `ckwh providers` alone does)'
            cand show 'Show how a provider signs and delivers'
            cand new 'Begin a provider of your own as a copy'
            cand test 'Check a provider''s folder: its tables, its fixtures, its known answers'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;providers;list'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;show'= {
            cand --dialect 'In this dialect'
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;new'= {
            cand --from 'The provider to copy'
            cand --color 'When to use colour'
            cand --user 'For yourself, instead of for this project'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;test'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;providers;help'= {
            cand list 'List the providers (what `ckwh providers` alone does)'
            cand show 'Show how a provider signs and delivers'
            cand new 'Begin a provider of your own as a copy'
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
        &'ckwh;completions'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;man'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;exit-codes'= {
            cand --color 'When to use colour'
            cand --json 'Print one JSON object per line on stdout, and nothing else'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ckwh;help'= {
            cand send 'Deliver a signed event'
            cand sign 'Print the signature headers for exactly these bytes'
            cand verify 'Say whether a signature is right'
            cand events 'List the event types, or show one''s payload'
            cand providers 'List, show, copy and test providers'
            cand completions 'Print a shell''s completion script'
            cand man 'Print the manual page, in roff'
            cand exit-codes 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ckwh;help;send'= {
        }
        &'ckwh;help;sign'= {
        }
        &'ckwh;help;verify'= {
        }
        &'ckwh;help;events'= {
        }
        &'ckwh;help;providers'= {
        }
        &'ckwh;help;completions'= {
        }
        &'ckwh;help;man'= {
        }
        &'ckwh;help;exit-codes'= {
        }
        &'ckwh;help;help'= {
        }
    ]
    $completions[$command]
}
