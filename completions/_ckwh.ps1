
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
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Deliver a signed event')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the signature headers for exactly these bytes')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether a signature is right')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List the event types, or show one''s payload')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List, show, copy and test providers')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, in roff')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;send' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to: 3000, localhost:3000/hooks, https://…; without it, a server that lives for this delivery shows what arrives')
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
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--timestamp', '--timestamp', [CompletionResultType]::ParameterName, 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The message''s id; with --timestamp, output is the same on every run')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'How many deliveries')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many at a time')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many begin per time: 50/s, 90/m')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Try again as the provider does, N times if given')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'The status that is expected: 2xx, 401 or 2xx|401 [default: 2xx]')
            [CompletionResult]::new('--expect-body', '--expect-body', [CompletionResultType]::ParameterName, 'A text that the answer must hold')
            [CompletionResult]::new('--expect-within', '--expect-within', [CompletionResultType]::ParameterName, 'How long the delivery may take')
            [CompletionResult]::new('--break', '--break', [CompletionResultType]::ParameterName, 'Put one fault into the delivery, which the receiver must refuse')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'How --dry-run shows it')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long an attempt may take [default: the provider''s]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust this CA certificate too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('--as-is', '--as-is', [CompletionResultType]::ParameterName, 'Refresh nothing: the fixture''s own id and times')
            [CompletionResult]::new('--no-sign', '--no-sign', [CompletionResultType]::ParameterName, 'Send no signature at all')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Send nothing, show exactly what would go out')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow redirects')
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
            [CompletionResult]::new('--content-type', '--content-type', [CompletionResultType]::ParameterName, 'The content type, for schemes that sign a form''s fields')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a value, keeping its type: cost.amount=900; path:=JSON sets any value and may add one')
            [CompletionResult]::new('--unset', '--unset', [CompletionResultType]::ParameterName, 'Take a value away')
            [CompletionResult]::new('--merge', '--merge', [CompletionResultType]::ParameterName, 'Lay a JSON file over the payload')
            [CompletionResult]::new('--body-style', '--body-style', [CompletionResultType]::ParameterName, 'How the JSON is written')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Read a signing secret from a file, without its last line break')
            [CompletionResult]::new('--secret-env', '--secret-env', [CompletionResultType]::ParameterName, 'Take a signing secret from a variable')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--timestamp', '--timestamp', [CompletionResultType]::ParameterName, 'When it is signed: RFC 3339, unix seconds or milliseconds, or relative as -10m')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The message''s id; with --timestamp, output is the same on every run')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
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
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A signing secret, for a quick try: other users of the machine can see it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;events' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose webhook it is; `ckwh providers` lists them')
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'Which of the provider''s dialects')
            [CompletionResult]::new('--public-url', '--public-url', [CompletionResultType]::ParameterName, 'The URL that the sender signs, for schemes that sign it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the providers (what `ckwh providers` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show how a provider signs and delivers')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Begin a provider of your own as a copy')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check a provider''s folder: its tables, its fixtures, its known answers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ckwh;providers;list' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;show' {
            [CompletionResult]::new('--dialect', '--dialect', [CompletionResultType]::ParameterName, 'In this dialect')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;new' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The provider to copy')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'For yourself, instead of for this project')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;test' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;providers;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the providers (what `ckwh providers` alone does)')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show how a provider signs and delivers')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Begin a provider of your own as a copy')
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
        'ckwh;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;exit-codes' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object per line on stdout, and nothing else')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ckwh;help' {
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Deliver a signed event')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Print the signature headers for exactly these bytes')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether a signature is right')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'List the event types, or show one''s payload')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List, show, copy and test providers')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, in roff')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'Exit status:      0  yes: delivered, signed, valid     1  no: a bad signature, an unexpected status, a failed expectation     2  usage or bad input: an unknown event, a broken file, no secret     3  could not be done: refused, timed out, no such file   130  interrupted')
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
        'ckwh;help;events' {
            break
        }
        'ckwh;help;providers' {
            break
        }
        'ckwh;help;completions' {
            break
        }
        'ckwh;help;man' {
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
