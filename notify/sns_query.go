package notify

import (
	"encoding/xml"
	"net/url"
	"strconv"
)

// This file is SNS's query protocol: a form goes out, XML comes back.

// publishForm returns the form of Publish for one message and of PublishBatch for several. Its
// fields are those that the SDK's client sends.
func publishForm(topic string, messages []snsMessage) url.Values {
	form := url.Values{"Version": {"2010-03-31"}, "TopicArn": {topic}}
	if len(messages) == 1 {
		form.Set("Action", "Publish")
		messages[0].fill(form, "")
		return form
	}
	form.Set("Action", "PublishBatch")
	for i, m := range messages {
		prefix := "PublishBatchRequestEntries.member." + strconv.Itoa(i+1) + "."
		form.Set(prefix+"Id", entryID(i))
		m.fill(form, prefix)
	}
	return form
}

// entryID is the id of a message within its batch.
func entryID(i int) string { return "m" + strconv.Itoa(i) }

// fill adds m's fields, each with prefix before its name.
func (m snsMessage) fill(form url.Values, prefix string) {
	form.Set(prefix+"Subject", m.subject)
	form.Set(prefix+"Message", m.body)
	form.Set(prefix+"MessageStructure", "json")
	if m.group != "" {
		form.Set(prefix+"MessageGroupId", m.group)
	}
	if m.id != "" {
		form.Set(prefix+"MessageDeduplicationId", m.id)
	}
	for i, a := range m.attributes() {
		entry := prefix + "MessageAttributes.entry." + strconv.Itoa(i+1) + "."
		form.Set(entry+"Name", a.name)
		form.Set(entry+"Value.DataType", "String")
		form.Set(entry+"Value.StringValue", a.value)
	}
}

// An snsAnswer says what became of each message, by its id within the batch. A message in neither
// map is not confirmed: the response was cut, or is not from SNS.
type snsAnswer struct {
	published map[string]bool
	failed    map[string]snsFault
}

type snsFault struct {
	code      string
	permanent bool // the request is at fault, so the same again would fail too
}

// readPublished reads the response to Publish, whole or cut.
func readPublished(body []byte) snsAnswer {
	var r struct {
		XMLName   xml.Name `xml:"PublishResponse"`
		MessageID string   `xml:"PublishResult>MessageId"`
	}
	_ = xml.Unmarshal(body, &r) // of a response that was cut, what has come counts
	return snsAnswer{published: map[string]bool{entryID(0): r.MessageID != ""}}
}

// readBatchPublished reads the response to PublishBatch, whole or cut.
func readBatchPublished(body []byte) snsAnswer {
	type member struct {
		ID          string `xml:"Id"`
		MessageID   string `xml:"MessageId"`
		Code        string
		SenderFault bool
	}
	var r struct {
		XMLName    xml.Name `xml:"PublishBatchResponse"`
		Successful []member `xml:"PublishBatchResult>Successful>member"`
		Failed     []member `xml:"PublishBatchResult>Failed>member"`
	}
	_ = xml.Unmarshal(body, &r)
	a := snsAnswer{map[string]bool{}, map[string]snsFault{}}
	for _, m := range r.Successful {
		a.published[m.ID] = m.MessageID != ""
	}
	for _, m := range r.Failed {
		if m.ID != "" && !a.published[m.ID] {
			code := apiCode(m.Code)
			a.failed[m.ID] = snsFault{code, m.SenderFault && !transientCode(code)}
		}
	}
	return a
}

// snsFailure returns the code of an ErrorResponse.
func snsFailure(body []byte) string {
	var r struct {
		Code string `xml:"Error>Code"`
	}
	_ = xml.Unmarshal(body, &r)
	return r.Code
}
