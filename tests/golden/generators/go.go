// encoding/json over every body: style <TAB> body <TAB> base64 of the bytes.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func write(value any, html bool, indent string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func main() {
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*.json"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			panic(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var numbers any
		if err := decoder.Decode(&numbers); err != nil {
			panic(err)
		}
		for _, row := range []struct{ name, out string }{
			{"go", write(value, true, "")},
			{"go-no-html", write(value, false, "")},
			{"go-indent-2", write(value, true, "  ")},
			{"go-indent-tab", write(value, true, "\t")},
			{"go-use-number", write(numbers, true, "")},
		} {
			fmt.Printf("%s\t%s\t%s\n", row.name, filepath.Base(path), base64.StdEncoding.EncodeToString([]byte(row.out)))
		}
	}
}
