package policy

import (
	"bytes"
	"strings"
)

// This file reads what it can of a policy that Parse refuses: where to report that, and its stage.

// TargetsOf returns the entries of notify: of a file that Parse refuses, as far as they can be
// read. The report about a broken policy goes there. An entry with an error is left out, and so is
// everything but notify: and stage:.
//
// It never fails: of a text that is not a policy file it returns nil.
func TargetsOf(name string, data []byte, env Env) []Target {
	if p := salvage(name, data, env); p != nil {
		return p.Targets()
	}
	return nil
}

// StageOf returns the stage that a file which Parse refuses names by stage:; "" if it cannot be
// read, or env does not know its variables. env.Stage has precedence, as in Parse.
func StageOf(name string, data []byte, env Env) string {
	if env.Stage == "" {
		if p := salvage(name, data, env); p != nil {
			return p.Info()[0].Stage
		}
	}
	return env.Stage
}

// salvage compiles what is readable of the keys notify: and stage: of a file, or returns nil.
func salvage(name string, data []byte, env Env) (p *Policy) {
	// Nothing here may make a broken policy worse.
	defer func() {
		if recover() != nil { // a text that made Parse fail may hold anything
			p = nil
		}
	}()
	// By lines, because the text may not be YAML.
	lines := strings.Split(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n")
	stage, notify := block(lines, "stage:"), block(lines, "notify:")
	// parse reads some blocks as a file. It returns nil if they do not load.
	parse := func(kept ...span) *Policy { return parseOrNil(name, only(lines, kept), &env) }
	// First both as a whole, which is the usual case: the error is elsewhere.
	if p := parse(stage, notify); p != nil {
		return p
	}
	// stage: may be broken, and ${stage} in an entry then has no value.
	if p = parse(stage); p == nil {
		stage, p = span{}, parse()
	}
	// The line "notify:" itself.
	key := span{notify.from, min(notify.from+1, notify.to)}
	var readable []span
	// Entry by entry: one that is wrong does not take the others along.
	for _, entry := range entries(lines, notify) {
		if len(readable) < maxSalvaged && parse(stage, key, entry) != nil {
			readable = append(readable, entry)
		}
	}
	// All readable ones together, because each alone may depend on the others' key.
	if len(readable) > 0 {
		if all := parse(append([]span{stage, key}, readable...)...); all != nil {
			p = all
		}
	}
	return p
}

// parseOrNil returns the policy of a file that loads, or nil.
func parseOrNil(name string, data []byte, env *Env) *Policy {
	p, err := Parse(name, data, *env)
	if err != nil {
		return nil
	}
	return p
}

// maxSalvaged is how many entries of a broken file are read: no file has more.
const maxSalvaged = 50

// A span is a range of lines, without the last one.
type span struct{ from, to int }

// block returns the lines of a key at the top level. A key that stands there twice counts where it
// first stands.
func block(lines []string, key string) span {
	for i, l := range lines {
		if !strings.HasPrefix(l, key) {
			continue
		}
		end := i + 1
		// Up to the next key at the margin. Comments and lists at the margin belong to the block.
		for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || strings.IndexByte(" \t#-]}", lines[end][0]) >= 0) {
			end++
		}
		return span{i, end}
	}
	return span{}
}

// entries returns the entries of the list that a key has as its value, one a line or more.
func entries(lines []string, key span) (all []span) {
	// The first dash gives the column of the list.
	indent := -1
	for i := key.from + 1; i < key.to; i++ {
		text := strings.TrimLeft(lines[i], " ")
		if !strings.HasPrefix(text, "- ") {
			continue
		}
		at := len(lines[i]) - len(text)
		if indent < 0 {
			indent = at
		}
		// A deeper dash is in a list of its entry, such as verdicts:.
		if at != indent {
			continue
		}
		// An entry ends where the next one begins.
		if n := len(all); n > 0 {
			all[n-1].to = i
		}
		all = append(all, span{i, key.to})
	}
	return all
}

// only returns a policy file of some of the lines, each in its place.
func only(lines []string, kept []span) []byte {
	var b bytes.Buffer
	// Lines that are left out stay as empty ones, so that places are right.
	for i, l := range lines {
		for _, s := range kept {
			if i >= s.from && i < s.to {
				b.WriteString(l)
				break
			}
		}
		b.WriteByte('\n')
	}
	// In the last place, so that it shifts nothing.
	b.WriteString("version: 1\n")
	return b.Bytes()
}
