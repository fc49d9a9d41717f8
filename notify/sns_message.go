package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// An snsMessage is one message to a topic. Its body (MessageStructure "json") has a text for each
// kind of subscriber: paragraphs for e-mail, a line for SMS, and an [Envelope] for all others.
type snsMessage struct {
	alerts  []Alert
	subject string
	body    string
	group   string // FIFO only
	id      string // FIFO only
}

// size estimates the bytes that count towards SNS's limit. 2048 stand for the attributes and ids.
func (m snsMessage) size() int { return len(m.body) + len(m.subject) + 2048 }

// messages groups alerts into messages, in the order of first sight.
func (s *SNS) messages(alerts []Alert) []snsMessage {
	var groups [][]Alert
	if s.fifo() {
		for _, a := range alerts {
			groups = append(groups, []Alert{a})
		}
	} else {
		groups = groupBy(alerts, func(a Alert) [4]string { return [4]string{a.Function, a.Stage, a.Verdict, service(a)} })
	}
	var messages []snsMessage
	for len(groups) > 0 {
		g := groups[0]
		m := snsMessage{alerts: g, subject: subject(g), body: snsBody(g)}
		// Halves, each with its own subject, until one fits or is a single alert.
		if m.size() > batchBytes && len(g) > 1 {
			groups = append([][]Alert{g[:len(g)/2], g[len(g)/2:]}, groups[1:]...)
			continue
		}
		if s.fifo() {
			m.group, m.id = fifoGroup(g[0].Function), fifoID(g[0])
		}
		messages, groups = append(messages, m), groups[1:]
	}
	return messages
}

// groupBy returns groups of equal key, in the order of first sight, which a map alone does not
// have.
func groupBy[K comparable](alerts []Alert, key func(Alert) K) [][]Alert {
	index := map[K]int{}
	var groups [][]Alert
	for _, a := range alerts {
		k := key(a)
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], a)
	}
	return groups
}

// snsBody returns the JSON of MessageStructure "json". Lambda, SQS and HTTP subscribers get the
// default.
func snsBody(alerts []Alert) string {
	envelope, _ := marshal(envelope(alerts))
	body, _ := marshal(map[string]string{"default": string(envelope[:len(envelope)-1]), "email": plainText(alerts), "sms": subject(alerts)})
	return string(body)
}

// An attribute is something that a subscription's filter policy can name.
type attribute struct{ name, value string }

// attributes returns the attributes that have a value, sorted by name.
func (m snsMessage) attributes() []attribute {
	a := m.alerts[0]
	all := []attribute{{"function", a.Function}, {"service", service(a)}, {"stage", a.Stage}, {"verdict", a.Verdict}}
	kept := all[:0]
	for _, a := range all {
		if a.value != "" {
			kept = append(kept, a)
		}
	}
	return kept
}

// service is the AWS service of a call, else its kind.
func service(a Alert) string {
	if a.Call.Service != "" {
		return a.Call.Service
	}
	return a.Call.Kind
}

// fifoGroup returns the message group, which is the function: its alerts keep their order. A group
// may have 300 messages a second.
func fifoGroup(function string) string {
	for i := range len(function) {
		// SNS takes printable ASCII alone in a group's name, and at most 128 characters.
		if c := function[i]; c <= ' ' || c > '~' {
			return hash(function)
		}
	}
	if function == "" || len(function) > 128 {
		return hash(function)
	}
	return function
}

// fifoID returns the deduplication id: the fingerprint, the five minutes of the alert's own time,
// and whether it is a sum. It is the same in every container, so a fleet that sees a violation at
// once sends one message. SNS drops a message whose id it got in the last five minutes. The time of
// the alert does not change with a retry.
func fifoID(a Alert) string {
	id := a.Fingerprint + " " + strconv.FormatInt(Bucket(a.Time), 10)
	if a.IsSum() {
		// The first sight and a sum may fall into the same five minutes.
		id += " again"
	}
	return hash(id)
}

// Bucket returns the number of the five minutes in which t is, since 1970. A FIFO topic gets one
// message for each violation and bucket, and one sum.
func Bucket(t time.Time) int64 { return t.Unix() / 300 }

// hash returns SHA-256 in hex: 64 characters, which SNS takes as a group and as an id.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
