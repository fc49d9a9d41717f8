package notify

import (
	"fmt"
	"strings"
)

// Limits of Slack's Block Kit, in characters, and how much of a message we use. Bytes are counted, which are never fewer.
const (
	slackHeader  = 150
	slackSection = 3000
	slackContext = 2000
	slackFull    = 8 // of more alerts than this, each is told in a few lines
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

type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // no automatic links
	Emoji    *bool  `json:"emoji,omitempty"`
}

func section(s string) block { return block{Type: "section", Text: mrkdwn(s)} }

func mrkdwn(s string) *text { return &text{Type: "mrkdwn", Text: s, Verbatim: true} }

// slackMessage renders alerts, clean ones, for a person who has five seconds: what happened as the header, the facts below
// it in the order of the questions, then how to allow it.
func slackMessage(alerts []Alert) message {
	noEmoji := false
	title := headlines(alerts)
	blocks := []block{{Type: "header", Text: &text{Type: "plain_text", Text: cut(title, slackHeader), Emoji: &noEmoji}}}
	for i, a := range alerts {
		if i == slackAlerts {
			blocks = append(blocks, section(fmt.Sprintf("and %s more: each is a line in the function's log", number(len(alerts)-i))))
			break
		}
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
		s := escape(words)
		blocks = append(blocks, section(s+"\n```"+codeBlock(yaml, slackSection-len(s)-7)+"```"))
	} else if words != "" {
		blocks = append(blocks, section(escape(words)))
	}
	blocks = append(blocks, block{Type: "context", Elements: []text{*mrkdwn(cut(escape(foot(alerts[0])), slackContext))}})
	return message{Text: cut(escape(title), 1000), Blocks: blocks}
}

// full tells all facts, a line each.
func full(a Alert) string {
	var b strings.Builder
	for _, f := range facts(a) {
		l := "*" + f.name + "*  " + value(f) + "\n"
		if b.Len()+len(l) > slackSection {
			b.WriteString(more)
			break
		}
		b.WriteString(l)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// short tells the most important facts, in two lines.
func short(a Alert) string {
	s := verb(a) + " " + code(cut(a.Call.String(), 600)) + "\n" + escape(rule(a))
	if a.Caller != "" {
		s += " · " + code(a.Caller)
	}
	return s
}

// value sets off what comes from outside as code, in which Slack makes no links, mentions and bold type.
func value(f fact) string {
	switch f.name {
	case "Tried", "and on", "Called by", "Request":
		return code(cut(f.value, 900))
	}
	return escape(cut(f.value, 900))
}

// entities are all that Slack's mrkdwn has to be escaped: without < there is no link, mention or channel-wide alarm.
var (
	entities  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	codeChars = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "ˋ") // there is no escape for a backquote in code
)

func escape(s string) string { return entities.Replace(s) }

// code sets s off as code.
func code(s string) string { return "`" + codeChars.Replace(s) + "`" }

// codeBlock escapes what goes between three backquotes, cut to whole lines of at most n bytes in all.
func codeBlock(s string, n int) string {
	s = codeChars.Replace(s)
	if len(s) <= n {
		return s
	}
	return s[:strings.LastIndexByte(s[:n], '\n')+1]
}
