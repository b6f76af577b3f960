// What Go makes of a key, of a value and of a MAC: a line for each, `table kind name secret text`, the last two in base64.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	body  = `{"id":"evt_1","sent":"2026-05-08T11:59:58Z","order":{"number":4711}}`
	stamp = "1778241600250"
	id    = "msg_1"
	token = "k3y-for-tests_0123456789"
)

func content(id, stamp any) string { return fmt.Sprintf("%v.%v.%s", id, stamp, body) }

func mac(key []byte, text string) []byte {
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(text))
	return sum.Sum(nil)
}

func line(table, kind, name, secret, text string) {
	encode := base64.StdEncoding.EncodeToString
	fmt.Println(strings.Join([]string{table, kind, name, encode([]byte(secret)), encode([]byte(text))}, "\t"))
}

func key(kind, name, secret string, made []byte) {
	line("key", kind, name, secret, hex.EncodeToString(mac(made, content(id, stamp))))
}

func value(kind, name, text string) {
	line("value", kind, name, token, hex.EncodeToString(mac([]byte(token), text)))
}

func shown(kind, name, text string) { line("mac", kind, name, token, text) }

func main() {
	marked := "abcdefgh-secret_key"
	partial, _ := base64.StdEncoding.DecodeString(marked)
	key("secret.base64", "DecodeString with its error dropped", marked, partial)
	urls := "abcdefgh+secret/key"
	partial, _ = base64.URLEncoding.DecodeString(urls)
	key("secret.base64", "DecodeString of base64url with its error dropped", urls, partial)
	partial, _ = hex.DecodeString("abcdef012345xyz0")
	key("secret.hex", "hex.DecodeString with its error dropped", "abcdef012345xyz0", partial)
	var missing any
	var header map[string][]string
	value("content.timestamp-missing", "nil", content(id, missing))
	value("content.timestamp-missing", "a header that is not there", content(id, strings.Join(header["X"], "")))
	value("content.timestamp-missing", "Sprintf of nil", fmt.Sprintf("%s.%s.%s", id, missing, body))
	value("content.id-missing", "nil", content(missing, stamp))
	value("content.timestamp-unit", "a float64", content(id, float64(1778241600250)))
	at := time.UnixMilli(1778241600250).UTC()
	value("content.timestamp-unit", "Time of seconds", content(id, at.Truncate(time.Second)))
	value("content.timestamp-unit", "RFC3339", content(id, at.Format(time.RFC3339)))
	value("content.timestamp-unit", "UnixNano", content(id, at.UnixNano()))
	value("content.timestamp-unit", "UnixMicro", content(id, at.UnixMicro()))
	value("content.timestamp-unit", "Unix", content(id, at.Unix()))
	value("content.timestamp-other", "a slice", content(id, []string{stamp}))
	value("content.id-other", "a slice", content([]string{id}, stamp))
	right := mac([]byte(token), content(id, stamp))
	shown("signature.encoding", "%v", fmt.Sprintf("%v", right))
	shown("signature.encoding", "% x", fmt.Sprintf("% x", right))
	shown("signature.encoding", "%#v", fmt.Sprintf("%#v", right))
	shown("signature.encoding", "%#x", fmt.Sprintf("%#x", right))
	shown("signature.encoding", "%q", fmt.Sprintf("%q", right))
	shown("signature.case", "%X", fmt.Sprintf("sha256=%X", right))
	written, _ := json.Marshal(map[string]any{"computed": right})
	shown("signature.encoding", "json.Marshal", string(written))
	shown("signature.prefix", "a log line", fmt.Sprintf(`level=info msg="bad signature" computed=%x expected=other`, right))
}
