<?php
// What PHP makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in base64.
error_reporting(0);
date_default_timezone_set('UTC');
const BODY = '{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}';
const STAMP = '1778241600250';
const ID = 'msg_1';
const TOKEN = 'k3y-for-tests_0123456789';

function content($id = ID, $stamp = STAMP) { return "$id.$stamp." . BODY; }
function hex($key, $text = null) { return hash_hmac('sha256', $text ?? content(), $key); }
function line($table, $kind, $name, $secret, $text) { echo implode("\t", [$table, $kind, $name, base64_encode($secret), base64_encode($text)]), "\n"; }
function key_of($kind, $name, $secret, $made) { line('key', $kind, $name, $secret, hex($made)); }
function value($kind, $name, $text) { line('value', $kind, $name, TOKEN, hex(TOKEN, $text)); }
function shown($kind, $name, $text) { line('mac', $kind, $name, TOKEN, $text); }

key_of('secret.base64', 'base64_decode of a secret with marks', 'my-secret_key.with+chars', base64_decode('my-secret_key.with+chars'));
key_of('secret.hex', 'pack H*', 'zJ7pQ2vLk9TnR4xW', pack('H*', 'zJ7pQ2vLk9TnR4xW'));
key_of('secret.hex', 'hex2bin', '6b33792d666f722d74657374735f3031', hex2bin('6b33792d666f722d74657374735f3031'));
key_of('secret.hex', 'hex2bin of no hex', 'zJ7pQ2vLk9TnR4xW', (string) hex2bin('zJ7pQ2vLk9TnR4xW'));
key_of('secret.hex', 'bin2hex', TOKEN, bin2hex(TOKEN));
key_of('secret.html-escaped', 'htmlspecialchars', 'a<b>&"c\'', htmlspecialchars('a<b>&"c\'', ENT_QUOTES));
key_of('secret.html-escaped', 'html_entity_decode', 'a&lt;b&gt;&amp;', html_entity_decode('a&lt;b&gt;&amp;'));
key_of('secret.url-encoded', 'rawurlencode', 'a+b/c=d&e', rawurlencode('a+b/c=d&e'));
key_of('secret.quoted', 'stripslashes', 'a\\b\\c', stripslashes('a\\b\\c'));
key_of('secret.hashed', 'md5', TOKEN, md5(TOKEN));
key_of('secret.hashed', 'hash sha256 raw', TOKEN, hash('sha256', TOKEN, true));
key_of('secret.truncated', 'substr 24', TOKEN . TOKEN, substr(TOKEN . TOKEN, 0, 24));
key_of('secret.truncated', 'substr 32', TOKEN . TOKEN, substr(TOKEN . TOKEN, 0, 32));
value('content.timestamp-missing', 'null', content(ID, null));
value('content.timestamp-missing', 'an array', content(ID, []));
value('content.id-missing', 'an array', content([]));
value('content.timestamp-unit', 'DATE_ATOM', content(ID, date(DATE_ATOM, 1778241600)));
value('content.timestamp-unit', 'DATE_ISO8601', content(ID, date(DATE_ISO8601, 1778241600)));
value('content.timestamp-unit', 'DATE_RFC2822', content(ID, date(DATE_RFC2822, 1778241600)));
value('content.timestamp-unit', 'number_format', content(ID, number_format(1778241600250)));
ini_set('precision', 12);
value('content.timestamp-unit', 'a float of 12 digits', content(ID, (string) 1778241600250.0));
value('content.timestamp-unit', 'time()', content(ID, 1778241600));
value('content.id-other', 'str_replace', content(strtoupper(ID)));
$right = hash_hmac('sha256', content(), TOKEN, true);
shown('signature.encoding', 'raw bytes', mb_convert_encoding($right, 'UTF-8', 'ISO-8859-1'));
shown('signature.encoding', 'base64 of hex', base64_encode(bin2hex($right)));
shown('signature.encoding', 'json_encode of unpack', json_encode(array_values(unpack('C*', $right))));
shown('signature.encoding', 'json_encode of base64', json_encode(base64_encode($right)));
shown('signature.prefix', 'var_export', var_export(bin2hex($right), true));
