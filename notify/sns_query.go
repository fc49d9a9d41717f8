package notify

import (
	"net/url"
	"strconv"
	"strings"
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

// An snsResponse says what became of each message, by its id within the batch. A message in neither
// map is not confirmed: the response was cut, or is not from SNS.
type snsResponse struct {
	published map[string]bool
	failed    map[string]snsFault
}

// An snsFault is why SNS refused one message of a batch.
type snsFault struct {
	code      string
	permanent bool // the request is at fault, so the same again would fail too
}

// readPublished reads the response to Publish, whole or cut.
func readPublished(body []byte) snsResponse {
	a := snsResponse{published: map[string]bool{}}
	walkXML(string(body), func(path, content string) {
		if path == "PublishResponse/PublishResult/MessageId" {
			// An empty id confirms nothing.
			a.published[entryID(0)] = content != ""
		}
	})
	return a
}

// readBatchPublished reads the response to PublishBatch, whole or cut.
func readBatchPublished(body []byte) snsResponse {
	a := snsResponse{map[string]bool{}, map[string]snsFault{}}
	var id, message, code, senderFault string // of the member that is being read
	walkXML(string(body), func(path, content string) {
		field, ok := strings.CutPrefix(path, "PublishBatchResponse/PublishBatchResult/")
		if !ok {
			return
		}
		switch field {
		case "Successful/member/Id", "Failed/member/Id":
			id = content
		case "Successful/member/MessageId":
			message = content
		case "Failed/member/Code":
			code = apiCode(content)
		case "Failed/member/SenderFault":
			senderFault = content
		// The end of a member: only now are its fields complete, whatever their order.
		case "Successful/member":
			a.published[id] = message != ""
			id, message = "", ""
		case "Failed/member":
			a.failed[id] = snsFault{code, senderFault == "true" && !transientCode(code)}
			id, code, senderFault = "", "", ""
		}
	})
	return a
}

// snsFailure returns the code of an ErrorResponse.
func snsFailure(body []byte) (code string) {
	walkXML(string(body), func(path, content string) {
		if path == "ErrorResponse/Error/Code" {
			code = content
		}
	})
	return code
}
