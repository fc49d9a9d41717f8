//go:build linux

package faulttest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// allFaults lists the faults. "ok" is the control.
var allFaults = []string{
	"ok", "refuse", "connect-hang", "header-hang", "header-hang-taken", "body-hang",
	"reset-request-0", "reset-request-1", "reset-request-150", "reset-request-700",
	"reset-response-0", "reset-response-20", "end-response-0", "end-response-90",
	"429", "429-after-2", "429-at", "429-after-60", "500", "503-after-1", "200-no", "drip",
	"redirect", "redirect-elsewhere", "200-10mb", "500-10mb", "no-http", "403",
}

// respond responds to a request as the fault says. It reports whether the connection goes on.
func (r *receiver) respond(c net.Conn, body []byte) bool {
	full := response(200, "", "text/plain", r.yes(body))
	send := func(text string) bool {
		_, err := io.WriteString(c, text)
		return err == nil
	}
	if r.works() {
		r.take(body)
		return send(full)
	}
	hang := func() bool { <-r.over; return false }
	if n, ok := strings.CutPrefix(r.fault, "reset-response-"); ok {
		r.take(body)
		send(head(full, n))
		reset(c)
		return false
	}
	if n, ok := strings.CutPrefix(r.fault, "end-response-"); ok {
		r.take(body)
		send(head(full, n))
		return false
	}
	busy := func(status int, header string) bool {
		return send(response(status, header, "text/plain", r.no("Throttling")))
	}
	switch r.fault {
	case "header-hang":
		return hang()
	case "header-hang-taken":
		r.take(body)
		return hang()
	case "body-hang":
		r.take(body)
		send(full[:len(full)-len(r.yes(body))/2-1])
		return hang()
	case "429":
		return busy(429, "")
	case "429-after-2":
		return busy(429, "Retry-After: 2\r\n")
	case "429-after-60":
		return busy(429, "Retry-After: 60\r\n")
	case "429-at":
		return busy(429, "Retry-After: "+time.Now().Add(3*time.Second).UTC().Format(http.TimeFormat)+"\r\n")
	case "500":
		return send(response(500, "", "text/plain", "no"))
	case "503-after-1":
		return send(response(503, "Retry-After: 1\r\n", "text/plain", "no"))
	case "200-no":
		return send(r.falseYes(body))
	case "drip":
		r.take(body)
		for i := range full {
			if !send(full[i : i+1]) {
				return false
			}
			select {
			case <-r.over:
				return false
			case <-time.After(200 * time.Millisecond):
			}
		}
		return false
	case "redirect":
		return send(response(307, "Location: /elsewhere\r\n", "text/plain", ""))
	case "redirect-elsewhere":
		return send(response(302, "Location: http://127.0.0.2:1/elsewhere\r\n", "text/plain", ""))
	case "200-10mb":
		r.take(body)
		return send(response(200, "", "text/plain", strings.Repeat("x", 10<<20)))
	case "500-10mb":
		return send(response(500, "", "text/plain", strings.Repeat("x", 10<<20)))
	case "no-http":
		send("SSH-2.0-OpenSSH\r\n\r\n")
		return false
	case "403":
		return send(response(403, "", "text/plain", r.no("AuthorizationError")))
	}
	r.t.Errorf("there is no fault %q", r.fault)
	return false
}

// falseYes is a response with status 200 that confirms nothing.
func (r *receiver) falseYes(body []byte) string {
	switch r.sink {
	case "slack token":
		return response(200, "", "application/json", `{"ok":false,"error":"channel_not_found"}`)
	case "eventbridge":
		return response(200, "", "application/json", entries(body, `{"ErrorCode":"InternalFailure"}`))
	}
	return response(200, "", "text/html", "<html>sign in to the guest network</html>")
}

func head(s, n string) string {
	bytes, _ := strconv.Atoi(n)
	return s[:min(bytes, len(s))]
}
