package awscall

import "strings"

// partiQL has the actions that IAM asks for in PartiQL, and those with the same effect without it.
// A blacklist of either catches the other.
var partiQL = [...]struct {
	verb, action string
	also         []string
}{
	{"SELECT", "PartiQLSelect", []string{"GetItem", "Query", "Scan"}},
	{"INSERT", "PartiQLInsert", []string{"PutItem"}},
	{"UPDATE", "PartiQLUpdate", []string{"UpdateItem"}},
	{"DELETE", "PartiQLDelete", []string{"DeleteItem"}},
}

// partiQL adds the actions that statements can take.
// They are added when the plan is made, since an Op must not change later.
func (op *Op) partiQL() {
	for _, p := range partiQL {
		op.action(p.action)
		for _, name := range p.also {
			op.action(name)
		}
	}
}

// parsePartiQL reads the table, and the index, of a PartiQL statement of DynamoDB.
func parsePartiQL(ts *Touches, s *step, values []string) {
	// The text is SQL of the caller's, such as SELECT * FROM "orders" WHERE id = ?.
	verb, table, index := statement(values[0])
	i := 0
	for i < len(partiQL) && partiQL[i].verb != verb {
		i++
	}
	// What is not understood may do anything to any table.
	if i == len(partiQL) || table == "" {
		ts.step = explicitARNStep
		ts.unknown()
		ts.step = s
		return
	}
	p := &partiQL[i]
	// The touch takes the action of its verb alone.
	ts.step = &step{action: ts.op.index("dynamodb", p.action)} // primaryActions if it is not there
	switch {
	case index != "" && !isName(index):
		ts.unknown()
	case isARN(table) && index != "":
		ts.arn(table + "/index/" + index)
	case isARN(table):
		ts.arn(table)
	case !isName(table):
		ts.unknown()
	case index != "":
		ts.put("dynamodb", "table/", table, "/index/", index)
	default:
		ts.put("dynamodb", "table/", table)
	}
	ts.step = s
	for _, name := range p.also {
		ts.List[len(ts.List)-1].Also.Add(ts.op.index("dynamodb", name))
	}
}

// statement returns a PartiQL statement's verb in upper case, and the names of its table and index.
// It returns no table for a statement that it does not understand.
func statement(text string) (verb, table, index string) {
	return command(tokens(text))
}

// command reads the words of a statement. It accepts few forms: what it does not know is unknown.
func command(words []string) (verb, table, index string) {
	// next takes the next word; "" at the end.
	next := func() (w string) {
		if len(words) > 0 {
			w, words = words[0], words[1:]
		}
		return w
	}
	verb = strings.ToUpper(next())
	switch verb {
	case "SELECT":
		// The columns may hold anything but FROM.
		for w := next(); !strings.EqualFold(w, "FROM"); w = next() {
			if w == "" {
				return verb, "", ""
			}
		}
	case "INSERT":
		if !strings.EqualFold(next(), "INTO") {
			return verb, "", ""
		}
	case "DELETE":
		// DELETE without FROM is not PartiQL of DynamoDB.
		if !strings.EqualFold(next(), "FROM") {
			return verb, "", ""
		}
	case "UPDATE":
	case "EXISTS": // a condition of a transaction
		if next() != "(" {
			return verb, "", ""
		}
		return command(words)
	default:
		return verb, "", ""
	}
	if table = unquote(next()); table == "" {
		return verb, "", ""
	}
	// "orders"."by-date" is an index of the table.
	w := next()
	if w == "." {
		index, w = unquote(next()), next()
		if index == "" {
			return verb, "", ""
		}
	}
	// Before the clause that follows there may only be another name for the table. A list of
	// tables, a path, or a name with a hyphen, which has to be quoted, would name something else.
	for ; !isClause(w); w = next() {
		if unquote(w) == "" {
			return verb, "", ""
		}
	}
	// So would a second FROM, a join, or another statement.
	for ; w != ""; w = next() {
		if strings.EqualFold(w, "FROM") || strings.EqualFold(w, "JOIN") || w == ";" && len(words) > 0 {
			return verb, "", ""
		}
	}
	return verb, table, index
}

// isClause reports whether a word begins a clause that may follow a table, or ends the statement.
func isClause(word string) bool {
	switch strings.ToUpper(word) {
	case "WHERE", "ORDER", "SET", "REMOVE", "VALUE", "RETURNING", "ON", "LIMIT", ")", ";", "":
		return true
	}
	return strings.EqualFold(word, "FROM") || strings.EqualFold(word, "JOIN") // which the caller refuses
}

// unquote returns the name in a token, which is a word or a text in double quotes. It returns ""
// for any other token.
func unquote(token string) string {
	if len(token) >= 2 && token[0] == '"' {
		return strings.ReplaceAll(token[1:len(token)-1], `""`, `"`)
	}
	// A text in single quotes is a value, not a name.
	if token == "" || token[0] == '\'' || !isWordByte(token[0]) {
		return ""
	}
	return token
}

// tokens cuts a statement into words, quoted pieces and single characters, without comments. It
// returns nil if a piece does not end, or if readers may disagree about where a comment or a
// literal ends.
func tokens(s string) (list []string) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(s[i:], "--"):
			// A line end inside the comment would end it for some readers.
			comment, _, _ := strings.Cut(s[i:], "\n")
			if strings.Contains(strings.TrimSuffix(comment, "\r"), "\r") {
				return nil
			}
			i += len(comment)
		case strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i+2:], "*/")
			// Nested comments end at different places for different readers.
			if n < 0 || strings.Contains(s[i+2:i+2+n], "/*") {
				return nil
			}
			i += n + 4
		case c == '`':
			return nil // an Ion literal
		case c == '"' || c == '\'':
			end := i + 1
			for ; end < len(s); end++ {
				if s[end] != c {
					continue
				}
				// A doubled quote is a quote inside the text.
				if end+1 < len(s) && s[end+1] == c {
					end++
					continue
				}
				break
			}
			if end >= len(s) {
				return nil
			}
			list = append(list, s[i:end+1])
			i = end + 1
		case isWordByte(c):
			end := i
			for end < len(s) && isWordByte(s[end]) {
				end++
			}
			list = append(list, s[i:end])
			i = end
		default:
			list = append(list, s[i:i+1])
			i++
		}
	}
	return list
}

// isWordByte reports whether a byte may be in a name that is not in quotes.
func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
