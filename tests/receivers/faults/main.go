// A right handler of Cost Katana's deliveries in Go, and the ways in which FAULT makes it wrong: one at a time.
// GET /effects prints what it did, POST /reset forgets it.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	fault   = os.Getenv("FAULT")
	secret  = []byte(os.Getenv("HANDLER_SECRET"))
	lock    sync.Mutex
	effects []string
	seen    = map[string]bool{}
)

func isSigned(r *http.Request, body []byte) bool {
	header := r.Header.Get("X-CostKatana-Signature")
	stamp := r.Header.Get("X-CostKatana-Timestamp")
	if fault == "verifies-if-signed" && header == "" {
		return true
	}
	if !strings.HasPrefix(header, "sha256=") {
		return false
	}
	given := strings.TrimPrefix(header, "sha256=")
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	right := hex.EncodeToString(mac.Sum(nil))
	if fault == "compares-the-beginning" {
		if len(given) < 16 || !strings.HasPrefix(right, given[:16]) {
			return false
		}
	} else if !hmac.Equal([]byte(given), []byte(right)) {
		return false
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	age := time.Since(time.UnixMilli(at))
	if fault == "no-time" {
		return true
	}
	return age.Abs() <= 5*time.Minute
}

func hook(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 5<<20))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if !isSigned(r, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var event struct {
		ID string `json:"event_id"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if fault == "looks-then-writes" {
		lock.Lock()
		known := seen[event.ID]
		lock.Unlock()
		time.Sleep(20 * time.Millisecond)
		if known {
			return
		}
	}
	lock.Lock()
	defer lock.Unlock()
	if fault == "looks-then-writes" || !seen[event.ID] {
		seen[event.ID] = true
		effects = append(effects, event.ID)
	}
}

func main() {
	http.HandleFunc("/hook", hook)
	http.HandleFunc("/effects", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		for _, line := range effects {
			fmt.Fprintln(w, line)
		}
	})
	http.HandleFunc("/reset", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		effects, seen = nil, map[string]bool{}
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
