//go:build linux

package faulttest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// allFaults lists the faults. "ok" is the control.
var allFaults = []string{
	"ok", "refuse", "connect-hang", "header-hang", "header-hang-taken", "body-hang",
	"reset-request-0", "reset-request-1", "reset-request-150", "reset-request-700",
	"reset-response-0", "reset-response-20", "end-response-0", "end-response-90",
	"429", "429-after-2", "429-at", "429-after-60", "500", "503-after-1", "200-no", "drip",
	"redirect", "redirect-elsewhere", "200-10mb", "500-10mb", "no-http", "403",
	"400", "401", "404", "407", "410", "413", "418", "451", "408", "425", "502", "504", "600", "099",
	"429-after-past", "429-after-huge", "429-after-negative", "429-after-garbage", "429-after-day",
	"103-then-yes", "100-flood", "101", "204", "200-empty", "200-json", "200-html-as-text", "200-unlike-length",
	"200-gzip-bomb", "500-gzip-bomb", "200-gzip-cut", "header-bomb", "header-drip", "chunks-cut", "chunks-bad", "two-lengths", "http-09", "http-2",
	"tls-hang", "tls-reset", "tls-garbage", "tls-stranger", "tls-expired", "tls-alert",
}

// statuses are faults that are a status alone.
var statuses = []string{"400", "401", "404", "407", "410", "413", "418", "451", "408", "425", "502", "504", "600", "099"}

// retryAfters are the values of the header of faults with status 429.
var retryAfters = map[string]string{
	"429-after-past": "Sun, 06 Nov 1994 08:49:37 GMT", "429-after-huge": "99999999999999999999999", "429-after-negative": "-5",
	"429-after-garbage": "soon, \xff\x01", "429-after-day": "86400",
}

// bomb is a body in gzip that becomes 100 MB.
var bomb = sync.OnceValue(func() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 100 {
		_, _ = z.Write(zeros)
	}
	z.Close()
	return b.String()
})

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
	if slices.Contains(statuses, r.fault) {
		status, _ := strconv.Atoi(r.fault)
		return send(strings.Replace(response(status, "", "text/plain", r.no("NotFound")), " 99 ", " 099 ", 1))
	}
	if at, ok := retryAfters[r.fault]; ok {
		return busy(429, "Retry-After: "+at+"\r\n")
	}
	switch r.fault {
	case "late":
		r.take(body)
		select {
		case <-r.over:
		case <-time.After(200 * time.Millisecond):
		}
		return send(full)
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
	case "103-then-yes":
		r.take(body)
		return send(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 3) + full)
	case "100-flood":
		for send("HTTP/1.1 100 Continue\r\n\r\n") {
			select {
			case <-r.over:
				return false
			default:
			}
		}
		return false
	case "101":
		send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		return hang()
	case "204":
		r.takeIfStatusConfirms(body)
		return send("HTTP/1.1 204 No Content\r\n\r\n")
	case "200-empty":
		r.takeIfStatusConfirms(body)
		return send(response(200, "", "text/plain", ""))
	case "200-json":
		r.takeIfStatusConfirms(body)
		return send(response(200, "", "application/json", `{"error":{"code":17},"ok":"no"}`))
	case "200-html-as-text":
		return send(response(200, "", "text/plain", "\n<!doctype html><title>sign in</title>"))
	case "200-unlike-length":
		r.takeIfStatusConfirms(body)
		send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
		return false
	case "200-gzip-bomb":
		r.takeIfStatusConfirms(body)
		return send(response(200, "Content-Encoding: gzip\r\n", "application/json", bomb()))
	case "500-gzip-bomb":
		return send(response(500, "Content-Encoding: gzip\r\n", "application/json", bomb()))
	case "200-gzip-cut":
		r.takeIfStatusConfirms(body)
		return send(response(200, "Content-Encoding: gzip\r\n", "application/json", bomb()[:15]))
	case "header-bomb":
		return send("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Filler: "+strings.Repeat("x", 1000)+"\r\n", 1000) + "\r\n")
	case "header-drip":
		for send("X") {
			select {
			case <-r.over:
				return false
			case <-time.After(100 * time.Millisecond):
			}
		}
		return false
	case "chunks-cut":
		r.takeIfStatusConfirms(body)
		send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"o")
		return false
	case "chunks-bad":
		r.takeIfStatusConfirms(body)
		send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		return false
	case "two-lengths":
		send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok")
		return false
	case "http-09":
		send("ok")
		return false
	case "http-2":
		send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
		return false
	case "403":
		return send(response(403, "", "text/plain", r.no("AuthorizationError")))
	}
	r.t.Errorf("there is no fault %q", r.fault)
	return false
}

// takeIfStatusConfirms takes what a webhook gets: its status confirms, whatever comes with it.
func (r *receiver) takeIfStatusConfirms(body []byte) {
	if r.sink == "webhook" {
		r.take(body)
	}
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
