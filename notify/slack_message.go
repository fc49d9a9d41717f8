package notify

import "strings"

// Limits of Slack's Block Kit in characters, and limits of our messages. The code counts bytes,
// which are never fewer.
const (
	slackHeader  = 150
	slackSection = 3000
	slackContext = 2000
	slackTotal   = 12_000 // of all blocks; Slack refuses more than about 13,200
	slackFull    = 8      // if there are more alerts than this, each gets two lines
	slackAlerts  = 40
)

// A message is what an incoming webhook and chat.postMessage take.
type message struct {
	Channel     string  `json:"channel,omitempty"`
	Text        string  `json:"text"` // notifications, and clients without blocks
	Blocks      []block `json:"blocks"`
	UnfurlLinks bool    `json:"unfurl_links"` // a link would be fetched, by Slack, from where the call was headed
	UnfurlMedia bool    `json:"unfurl_media"`
}

// A block is one of Block Kit: a header, a section, a divider or a context.
type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

// A text is plain_text or mrkdwn. Emoji is a pointer, because its false has to be sent with
// plain_text, and not with mrkdwn.
type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // no automatic links
	Emoji    *bool  `json:"emoji,omitempty"`
}

// section returns a block of mrkdwn.
func section(s string) block { return block{Type: "section", Text: mrkdwn(s)} }

// mrkdwn returns a text whose special characters the caller has escaped.
func mrkdwn(s string) *text { return &text{Type: "mrkdwn", Text: s, Verbatim: true} }

// slackMessage renders clean alerts for a person who has five seconds. The header says what
// happened. The facts follow in the order in which a person asks, then how to allow the call. If
// the alerts do not fit into one message, it holds the first n of them.
func slackMessage(alerts []Alert) (m message, n int) {
	// Two thirds, because with one less each time, 40 long alerts would be rendered 40 times.
	for n = min(len(alerts), slackAlerts); ; n = max(n*2/3, 1) {
		m = slackBlocks(alerts[:n])
		if n == 1 || m.length() <= slackTotal {
			return m, n
		}
	}
}

// length returns the number of bytes of all texts.
func (m *message) length() (n int) {
	for _, b := range m.Blocks {
		if b.Text != nil {
			n += len(b.Text.Text)
		}
		for _, e := range b.Elements {
			n += len(e.Text)
		}
	}
	return n
}

// slackBlocks renders all alerts, however long the message becomes.
func slackBlocks(alerts []Alert) message {
	// A path with ":skull:" in it would become a picture.
	noEmoji := false
	title := headlines(alerts)
	blocks := []block{{Type: "header", Text: &text{Type: "plain_text", Text: cut(title, slackHeader), Emoji: &noEmoji}}}
	for i, a := range alerts {
		// Nobody reads ten facts of each of 40 alerts.
		if len(alerts) > slackFull {
			blocks = append(blocks, section(short(a)))
		} else {
			if i > 0 {
				blocks = append(blocks, block{Type: "divider"})
			}
			blocks = append(blocks, section(full(a)))
		}
	}
	if words, yaml := howToAllow(alerts); yaml != "" {
		s := escapeCode(words)
		blocks = append(blocks, section(s+"\n```"+codeBlock(yaml, slackSection-len(s)-7)+"```"))
	} else if words != "" {
		blocks = append(blocks, section(escapeCode(words)))
	}
	blocks = append(blocks, block{Type: "context", Elements: []text{*mrkdwn(fit(foot(alerts[0]), slackContext, escapeCode))}})
	return message{Text: cut(escapeCode(title), 1000), Blocks: blocks}
}

// full returns all facts, one a line.
func full(a Alert) string {
	var b strings.Builder
	for _, f := range facts(a) {
		b.WriteString("*" + f.name + "*  " + value(f) + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// short returns the most important facts in two lines.
func short(a Alert) string {
	s := verb(a) + " " + code(a.Call.String(), 600) + "\n" + fit(rule(a), 600, escapeCode)
	if a.Caller != "" {
		s += " · " + code(a.Caller, 300)
	}
	return s
}

// value formats text from outside as code, in which Slack does not make links, mentions or bold
// type. Each value is cut so that all facts fit into a section: however long a text from outside
// is, the verdict and the rule keep their room.
func value(f fact) string {
	switch f.name {
	case "Tried":
		return code(f.value, 600)
	case "and on":
		return code(f.value, 150)
	case "Called by", "Request":
		return code(f.value, 200)
	case "Why":
		return fit(f.value, 600, escapeCode)
	}
	return fit(f.value, 250, escapeCode)
}

// escape replaces all that Slack's mrkdwn has to be escaped. Without < there is no link, mention or
// channel-wide alarm.
func escape(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}

// escapeCode does the same, and replaces backquotes, which cannot be escaped: one ends code, and
// three make code of what follows.
func escapeCode(s string) string { return strings.ReplaceAll(escape(s), "`", "ˋ") }

// fit escapes s, and cuts it first if the result would have more than n bytes.
func fit(s string, n int, escaped func(string) string) string {
	text := escaped(s)
	for keep := len(s); len(text) > n; text = escaped(cut(s, keep)) {
		// A byte of s has five bytes in text at most, so no step cuts more than is needed.
		keep -= max((len(text)-n)/len("&amp;"), 1)
	}
	return text
}

// code formats s as code of at most n bytes.
func code(s string, n int) string { return "`" + fit(s, n-2, escapeCode) + "`" }

// codeBlock escapes text for a block between three backquotes. It keeps whole lines, of at most n
// bytes in all.
func codeBlock(s string, n int) string {
	s = escapeCode(s)
	if len(s) <= n {
		return s
	}
	if s = s[:strings.LastIndexByte(s[:n], '\n')+1]; s == "" {
		return "# too long: the log has it"
	}
	return s
}
