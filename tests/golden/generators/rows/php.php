<?php
// What PHP makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed.
$folder = __DIR__ . '/../../texts/';
function trimmed($value) {
    return is_array($value) ? array_map('trimmed', $value) : (is_string($value) ? trim($value) : $value);
}
function nulled($value) {
    return is_array($value) ? array_map('nulled', $value) : ($value === '' ? null : $value);
}
function filtered($value) {
    return is_array($value) ? array_map('filtered', array_filter($value, fn ($item) => $item !== null)) : $value;
}
$any = [
    'bin2hex' => fn ($body) => bin2hex($body),
    'strtoupper(bin2hex)' => fn ($body) => strtoupper(bin2hex($body)),
    'base64_encode' => fn ($body) => base64_encode($body),
    'chunk_split(base64_encode)' => fn ($body) => chunk_split(base64_encode($body)),
    'rawurlencode' => fn ($body) => rawurlencode($body),
    'trim' => fn ($body) => trim($body),
    'addslashes' => fn ($body) => addslashes($body),
    'stripslashes' => fn ($body) => stripslashes($body),
    'htmlspecialchars' => fn ($body) => preg_match('//u', $body) ? htmlspecialchars($body) : $body,
    'htmlspecialchars ENT_COMPAT' => fn ($body) => preg_match('//u', $body) ? htmlspecialchars($body, ENT_COMPAT) : $body,
    'htmlspecialchars ENT_NOQUOTES' => fn ($body) => preg_match('//u', $body) ? htmlspecialchars($body, ENT_NOQUOTES) : $body,
    'utf8_encode' => fn ($body) => @utf8_encode($body),
    'utf8_decode' => fn ($body) => preg_match('//u', $body) ? @utf8_decode($body) : $body,
    '(string) []' => fn ($body) => @(string) [],
    'json_encode($_POST)' => fn ($body) => json_encode([]),
    'json_encode(null)' => fn ($body) => json_encode(null),
    'print_r([])' => fn ($body) => print_r([], true),
    'serialize([])' => fn ($body) => serialize([]),
    'preg_replace("/\s+/", " ")' => fn ($body) => preg_replace('/\s+/', ' ', $body),
    'str_replace("\n", "")' => fn ($body) => str_replace("\n", '', $body),
    'substr 0 255' => fn ($body) => substr($body, 0, 255),
    'htmlentities' => fn ($body) => preg_match('//u', $body) ? htmlentities($body) : $body,
    'htmlspecialchars HTML 5' => fn ($body) => preg_match('//u', $body) ? htmlspecialchars($body, ENT_QUOTES | ENT_HTML5) : $body,
    'mb_convert_encoding HTML-ENTITIES' => fn ($body) => preg_match('//u', $body) ? @mb_convert_encoding($body, 'HTML-ENTITIES', 'UTF-8') : $body,
    'FILTER_SANITIZE_STRING' => fn ($body) => @filter_var($body, FILTER_SANITIZE_STRING),
    'FILTER_SANITIZE_SPECIAL_CHARS' => fn ($body) => filter_var($body, FILTER_SANITIZE_SPECIAL_CHARS),
    'strtolower' => fn ($body) => strtolower($body),
    'nl2br' => fn ($body) => nl2br($body),
    'strip_tags' => fn ($body) => strip_tags($body),
    'json_encode($raw)' => fn ($body) => json_encode($body) ?: $body,
    'json_encode($raw, slashes and Unicode)' => fn ($body) => json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE) ?: $body,
    'var_export of json' => fn ($body) => $body,
];
$json = [
    'http_build_query' => fn ($data) => http_build_query($data),
    'http_build_query RFC 3986' => fn ($data) => http_build_query($data, '', '&', PHP_QUERY_RFC3986),
    'print_r' => fn ($data) => print_r($data, true),
    'serialize' => fn ($data) => serialize($data),
    'var_export' => fn ($data) => var_export($data, true),
    'var_export of objects' => fn ($data) => var_export(json_decode($GLOBALS['body']), true),
    'print_r of objects' => fn ($data) => print_r(json_decode($GLOBALS['body']), true),
    'serialize of objects' => fn ($data) => serialize(json_decode($GLOBALS['body'])),
    'var_dump' => function ($data) { ob_start(); var_dump($data); return ob_get_clean(); },
    'ksort' => function ($data) { ksort($data); return json_encode($data); },
    'ksort, http_build_query' => function ($data) { ksort($data); return http_build_query($data); },
    'urldecode(http_build_query)' => fn ($data) => urldecode(http_build_query($data)),
    'implode' => fn ($data) => @implode('', $data),
    'implode ,' => fn ($data) => @implode(',', $data),
    'array_values' => fn ($data) => json_encode(array_values($data)),
    'three members' => fn ($data) => json_encode(['id' => $data['id'], 'type' => $data['type'], 'amount' => $data['amount']]),
    'htmlentities(json_encode)' => fn ($data) => htmlentities(json_encode($data)),
    'TrimStrings' => fn ($data) => json_encode(trimmed($data)),
    'TrimStrings and ConvertEmptyStringsToNull' => fn ($data) => json_encode(nulled(trimmed($data))),
    'ConvertEmptyStringsToNull' => fn ($data) => json_encode(nulled($data)),
    'TrimStrings, slashes' => fn ($data) => json_encode(trimmed($data), JSON_UNESCAPED_SLASHES),
    'without nulls' => fn ($data) => json_encode(filtered($data)),
    'array_filter' => fn ($data) => json_encode(array_filter($data, fn ($item) => $item !== null)),
    'JSON_FORCE_OBJECT' => fn ($data) => json_encode($data, JSON_FORCE_OBJECT),
    'JSON_NUMERIC_CHECK' => fn ($data) => json_encode($data, JSON_NUMERIC_CHECK),
    'JSON_PRESERVE_ZERO_FRACTION' => fn ($data) => json_encode($data, JSON_PRESERVE_ZERO_FRACTION),
    'JSON_HEX_TAG' => fn ($data) => json_encode($data, JSON_HEX_TAG),
    'JSON_HEX_AMP' => fn ($data) => json_encode($data, JSON_HEX_AMP),
    'JSON_HEX_QUOT' => fn ($data) => json_encode($data, JSON_HEX_QUOT),
    'JSON_HEX_APOS' => fn ($data) => json_encode($data, JSON_HEX_APOS),
    'JSON_HEX_TAG | JSON_HEX_AMP | UNICODE | SLASHES' => fn ($data) => json_encode($data, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES),
    'JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE' => fn ($data) => json_encode($data, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE),
    'JSON_UNESCAPED_LINE_TERMINATORS' => fn ($data) => json_encode($data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS),
    'json_encode(json_encode)' => fn ($data) => json_encode(json_encode($data)),
    'addslashes(json_encode)' => fn ($data) => addslashes(json_encode($data)),
    'stripslashes(json_encode)' => fn ($data) => stripslashes(json_encode($data)),
    'unset id' => function ($data) { unset($data['id']); return json_encode($data); },
    'customer' => fn ($data) => json_encode($data['customer']),
];
$form = [
    'http_build_query($_POST)' => fn ($post) => http_build_query($post),
    'json_encode($_POST)' => fn ($post) => json_encode($post),
    'http_build_query RFC 3986($_POST)' => fn ($post) => http_build_query($post, '', '&', PHP_QUERY_RFC3986),
];
$show = fn ($name, $file, $made) => print("$name\t$file\t" . base64_encode($made) . "\n");
$files = scandir($folder);
foreach (array_diff($files, ['.', '..']) as $file) {
    $body = file_get_contents($folder . $file);
    foreach ($any as $name => $make) $show($name, $file, $make($body));
    if (str_ends_with($file, '.json') && str_contains($body, 'customer')) {
        foreach ($json as $name => $make) $show($name, $file, $make(json_decode($body, true)));
    }
    if ($file === 'form.txt') {
        parse_str($body, $post);
        foreach ($form as $name => $make) $show($name, $file, $make($post));
    }
}
