<?php
// json_encode as it is commonly called, over every body: style <TAB> body <TAB> base64 of the bytes.
$options = [
    '' => 0,
    '-slashes' => JSON_UNESCAPED_SLASHES,
    '-unicode' => JSON_UNESCAPED_UNICODE,
    '-slashes-unicode' => JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE,
    '-pretty' => JSON_PRETTY_PRINT,
    '-pretty-slashes' => JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES,
    '-pretty-slashes-unicode' => JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE,
    '-pretty-unicode' => JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE,
    '-hex-tag' => JSON_HEX_TAG,
    '-hex-amp' => JSON_HEX_AMP,
    '-hex-apos' => JSON_HEX_APOS,
    '-hex-quot' => JSON_HEX_QUOT,
    '-hex-tag-amp' => JSON_HEX_TAG | JSON_HEX_AMP,
    '-hex-tag-amp-slashes-unicode' => JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE,
    '-fraction' => JSON_PRESERVE_ZERO_FRACTION,
    '-fraction-slashes-unicode' => JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE,
    '-line-terminators' => JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS,
    '-hex' => JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_AMP | JSON_HEX_QUOT,
];
foreach (glob(__DIR__ . '/../bodies/*.json') as $path) {
    $text = file_get_contents($path);
    foreach (['' => false, '-array' => true] as $decoded => $assoc) {
        $value = json_decode($text, $assoc);
        foreach ($options as $suffix => $flags) {
            $out = json_encode($value, $flags);
            if ($out !== false) {
                echo "php$decoded$suffix\t", basename($path), "\t", base64_encode($out), "\n";
            }
        }
    }
}
