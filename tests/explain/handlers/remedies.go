// A handler that makes Go's own mistake, and the same as the remedy has it: POST /KIND/wrong and /KIND/right. It logs what
// it computed, and refuses what differs.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(os.Getenv("SECRET")))
		mac.Write([]byte(r.Header.Get("X-CostKatana-Timestamp") + "."))
		var sum []byte
		if strings.HasSuffix(r.URL.Path, "/wrong") {
			sum = mac.Sum(body)
		} else {
			mac.Write(body)
			sum = mac.Sum(nil)
		}
		computed := "sha256=" + hex.EncodeToString(sum)
		fmt.Println("computed " + computed)
		if computed != r.Header.Get("X-CostKatana-Signature") {
			w.WriteHeader(401)
		}
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
