package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// renames makes a line for each prefix: " Operation,Operation>Action,Action Operation>=Action ".
// Services may share a prefix and the name of an operation, but not its actions, as S3 and S3
// Control do. All but the first then have a line of their own.
func renames(in *inputs) (lines []string) {
	// Which actions an operation is named after decides about the marks.
	operations := map[string]bool{}
	for _, s := range in.services {
		for _, op := range s.operations {
			operations[s.prefix+":"+op.name] = true
		}
	}
	byKey := map[string]map[string][]string{} // the operations of each list of actions
	first := map[string]string{}
	for _, s := range in.services {
		for _, op := range s.operations {
			value := strings.Join(op.actions, ",")
			// Most actions have the operation's name, and need no entry.
			if value == "" || strings.EqualFold(value, op.name) {
				value = op.name
			}
			// The first service of a prefix has the prefix as its key; another one with other
			// actions has its id.
			key := s.prefix
			if have, ok := first[key+":"+op.name]; !ok {
				first[key+":"+op.name] = value
				if value == op.name {
					continue
				}
			} else if have != value {
				key = normal(s.id)
			} else {
				continue
			}
			if byKey[key] == nil {
				byKey[key] = map[string][]string{}
			}
			value = mark(s.prefix, value, operations)
			byKey[key][value] = append(byKey[key][value], op.name)
		}
	}
	for key, lists := range byKey {
		line := key + "= "
		for _, actions := range slices.Sorted(maps.Keys(lists)) {
			// Sorted, as everything here, so that the same data gives the same file.
			slices.Sort(lists[actions])
			line += strings.Join(lists[actions], ",") + ">" + actions + " "
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// mark puts a = before each action of a list that no operation is named after.
func mark(prefix, list string, operations map[string]bool) string {
	actions := strings.Split(list, ",")
	// Actions of other services are full names already.
	for i, a := range actions {
		full := a
		if !strings.Contains(a, ":") {
			full = prefix + ":" + a
		}
		if !operations[full] {
			actions[i] = "=" + a
		}
	}
	return strings.Join(actions, ",")
}

// verbTable lists the verbs that read, or tag, in at least nine tenths of their operations.
func verbTable(in *inputs) (lines []string) {
	// Only names with a known level count.
	counts := map[string]map[string]int{}
	all, _ := in.all()
	for name, k := range all {
		_, op, _ := strings.Cut(name, ":")
		verb := strings.ToLower(verbOf(op))
		if counts[verb] == nil {
			counts[verb] = map[string]int{}
		}
		counts[verb][k.level]++
	}
	for verb, c := range counts {
		n := c["L"] + c["R"] + c["W"] + c["T"] + c["P"]
		switch reads := c["L"] + c["R"]; {
		// Two operations of a verb prove nothing.
		case n < 3:
		// A verb that is not in the table writes, which is the strict guess.
		case reads*10 >= n*9 && c["L"] > c["R"]:
			lines = append(lines, verb+"=list")
		case reads*10 >= n*9:
			lines = append(lines, verb+"=read")
		case c["T"]*10 >= n*9:
			lines = append(lines, verb+"=tagging")
		}
	}
	slices.Sort(lines)
	return lines
}

// verbOf returns the first word of a name after Batch, Bulk or Transact. Package awsops has the
// same function.
func verbOf(name string) string {
	for {
		n := 0
		// Several capitals in a row are an abbreviation, such as the API in "APIKey".
		for n < len(name) && isUpper(name[n]) {
			n++
		}
		// The last of several capitals begins the next word.
		if n > 1 && n < len(name) {
			n--
		} else {
			for n < len(name) && !isUpper(name[n]) {
				n++
			}
		}
		switch name[:n] {
		// These say how many, and the next word says what is done.
		case "Batch", "Bulk", "Transact":
			name = name[n:]
		default:
			return name[:n]
		}
	}
}

// isUpper reports whether a byte is an upper-case letter of ASCII.
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// nameList lists the operations and actions of each prefix. A - is before an action that no
// operation takes: not by its own name, and not as one of those that its input adds.
func nameList(in *inputs) []byte {
	// A set, because most actions and operations have the same names.
	names := map[string]map[string]bool{}
	add := func(prefix, name string) {
		if names[prefix] == nil {
			names[prefix] = map[string]bool{}
		}
		names[prefix][name] = true
	}
	// Rules may name both: the actions of IAM, and the operations of the SDK.
	for key := range in.actions {
		prefix, name, _ := strings.Cut(key, ":")
		add(prefix, name)
	}
	for _, s := range in.services {
		for _, op := range s.operations {
			add(s.prefix, op.name)
		}
	}
	// A name that nothing takes is in IAM's data only.
	taken := takenActions(in)
	var b bytes.Buffer
	for _, prefix := range slices.Sorted(maps.Keys(names)) {
		b.WriteString(prefix)
		for _, name := range slices.Sorted(maps.Keys(names[prefix])) {
			b.WriteString(" ")
			// Of a service without an SDK client, nobody knows what its operations take.
			if !taken[prefix+":"+name] && slices.ContainsFunc(in.services, func(s sdkService) bool { return s.prefix == prefix }) {
				b.WriteString("-")
			}
			b.WriteString(name)
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}
