// What Go makes of a body's bytes and text: what was done <TAB> body <TAB> base64 of the bytes that are hashed.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

func marshal(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	folder := os.Args[1]
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		file := entry.Name()
		body, _ := os.ReadFile(filepath.Join(folder, file))
		show := func(name, made string) {
			fmt.Println(strings.Join([]string{name, file, base64.StdEncoding.EncodeToString([]byte(made))}, "\t"))
		}
		show("fmt.Sprint(body)", fmt.Sprint(body))
		show("hex.EncodeToString", hex.EncodeToString(body))
		show("%X", fmt.Sprintf("%X", body))
		show("%#v of bytes", fmt.Sprintf("%#v", body))
		show("% x", fmt.Sprintf("% x", body))
		show("json.Marshal(body)", marshal(body))
		show("string([]rune(body))", string([]rune(string(body))))
		show("ToValidUTF8", strings.ToValidUTF8(string(body), ""))
		show("fmt.Sprint(nil)", fmt.Sprint(nil))
		show("fmt.Sprint(map)", fmt.Sprint(map[string]any{}))
		show("TrimSpace", strings.TrimSpace(string(body)))
		show("make([]byte, 4096)", string(append(append([]byte{}, body...), make([]byte, max(4096-len(body)))...)))
		if !utf8.Valid(body) {
			continue
		}
		show("json.Marshal(string(body))", marshal(string(body)))
		show("%q", fmt.Sprintf("%q", string(body)))
		show("%+q", fmt.Sprintf("%+q", string(body)))
		show("strings.ToLower", strings.ToLower(string(body)))
		show("html.EscapeString", html.EscapeString(string(body)))
		show("url.QueryEscape", url.QueryEscape(string(body)))
		if strings.HasSuffix(file, ".json") {
			var out bytes.Buffer
			_ = json.Compact(&out, body)
			show("json.Compact", out.String())
			out.Reset()
			_ = json.Indent(&out, body, "", "  ")
			show("json.Indent", out.String())
			out.Reset()
			_ = json.Indent(&out, body, "", "\t")
			show("json.Indent tab", out.String())
			out.Reset()
			json.HTMLEscape(&out, body)
			show("json.HTMLEscape", out.String())
			var value map[string]any
			_ = json.Unmarshal(body, &value)
			show("%#v", fmt.Sprintf("%#v", value))
			show("fmt.Sprint(value)", fmt.Sprint(value))
			show("json.Marshal(json.Marshal)", marshal(marshal(value)))
			if customer, ok := value["customer"]; ok {
				show("json.Marshal(customer)", marshal(customer))
				delete(value, "id")
				show("json.Marshal without id", marshal(value))
			}
		}
		if file == "form.txt" {
			values, _ := url.ParseQuery(string(body))
			show("values.Encode()", values.Encode())
			show("json.Marshal(values)", marshal(values))
			show("fmt.Sprint(values)", fmt.Sprint(values))
			text, _ := url.QueryUnescape(string(body))
			show("url.QueryUnescape", text)
		}
	}
}

func max(length int) int {
	if length < 0 {
		return 0
	}
	return length
}
