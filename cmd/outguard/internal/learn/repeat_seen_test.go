package learn_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/internal/corpustest"
)

// Lines of allowed calls count as if each had been decoded, whatever their order. A blank before
// the form keeps a line from being known.
func TestSeenRepeats(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	for range corpustest.Sample(30, 200) {
		var log strings.Builder
		for range 1 + r.IntN(40) {
			id, call, form := r.IntN(1000), "", ""
			switch r.IntN(3) {
			case 0:
				method, host := pick("GET", "POST"), pick("a.example", "b.example")
				form = fmt.Sprintf("%s https://%s/v1/*", method, host)
				call = fmt.Sprintf(`"kind":"http","method":%q,"url":"https://%s/v1/%d%s","via":%q`, method, host, id, pick("", "", `\u0061`, "\x01"), pick("transport", "wire"))
			case 1:
				form = "s3:PutObject on arn:aws:s3:::receipts/*"
				call = fmt.Sprintf(`"kind":"aws","service":"s3","operation":"PutObject","access":"write","resources":["arn:aws:s3:::receipts/%d"%s],"region":%q,"via":"sdk"`,
					id, pick("", "", `,"arn:aws:s3:::receipts/1"`, `,7`), pick("eu-west-1", "us-east-1"))
			default:
				form, call = "db.internal:5432", `"kind":"net","net":"db.internal:5432","via":"dial"`
			}
			fmt.Fprintf(&log, `{"level":"INFO","timestamp":"2026-11-20T09:00:%02dZ","schema":"outguard.seen/v1","time":%q,"verdict":"allow","function":%q,"stage":%q,"region":"eu-west-1","account":"111122223333",`+
				`"form":%q,"call":{%s},"list":"whitelist","rule":"r"%s,"count":%s%s}`+"\n",
				r.IntN(60), pick("2026-11-20T09:00:01Z", "2026-11-21T09:00:01Z", "x"), pick("checkout", "pay"), pick("dev", "prod"), form, call,
				pick(``, `,"caller":"example.com/a.F a.go:1"`, `,"caller":"example.com/b.F b.go:2"`), pick("1", "7", "x"), pick(``, `,"distinct":3`, `,"distinct":5,"since":"2026-11-20T08:00:00Z"`))
		}
		text := log.String()
		for _, only := range []learn.Options{{}, {Function: "pay", Stage: "prod"}} {
			want, decoded := learned(t, strings.ReplaceAll(text, `"form":`, `"form": `), only)
			got, l := learned(t, text, only)
			assert.Equal(t, decoded.Counts, l.Counts, text)
			assert.Equal(t, string(want.Policy()), string(got.Policy()), text)
			assert.Equal(t, string(want.Cases()), string(got.Cases()), text)
		}
		if t.Failed() {
			return
		}
	}
}

// The form of a line names its first resource alone. A line with another one behind it counts too.
func TestSeenOfSeveralResources(t *testing.T) {
	line := `{"schema":"outguard.seen/v1","time":"2026-11-20T09:00:01Z","verdict":"allow","function":"pay","form":"s3:PutObject on arn:aws:s3:::receipts/*, …",` +
		`"call":{"kind":"aws","service":"s3","operation":"PutObject","resources":["arn:aws:s3:::receipts/1","arn:aws:s3:::%s/1"]},"count":1}` + "\n"
	got, _ := learned(t, fmt.Sprintf(line+line+line, "a", "b", "a"), learn.Options{})
	assert.Contains(t, string(got.Policy()), "[a/*, b/*, receipts/*]")
}
