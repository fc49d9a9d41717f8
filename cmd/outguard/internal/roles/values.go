package roles

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What is known only where the function runs, in texts that are evaluated.
// They are control characters, which no valid name has; plain refuses texts of a file that hold
// them.
const (
	ownRegion    = "\x01"
	ownAccount   = "\x02"
	ownPartition = "\x03"
)

// A scope evaluates values of a template. The zero scope knows literal texts only.
// locals are the second argument of Fn::Sub, or the parameters of a policy template. depth grows
// with each level of evaluation; the file may define a value by itself.
type scope struct {
	r       *Reader
	root    *tree // the template
	locals  map[string][]string
	file    string            // of a nested template
	outer   *scope            // the template that a nested one stands in
	given   *tree             // its parameters, as values there
	logical string            // its resource there
	nested  map[string]*scope // the templates of nested stacks, by resource
	naming  bool              // a parameter may have any value: it stands for *
	depth   int
	expand  func(string) (texts []string, why string) // what ${…} stands for in plain texts; nil: nothing
}

// most bounds how many texts a value may stand for, by Fn::If and lists.
// Each Fn::If in a text doubles them.
const most = 64

// texts returns the texts that a value may have. why says why none or not all are known.
func (s *scope) texts(t *tree) (all []string, why string) {
	if s.depth > 20 {
		// A value that takes twenty levels refers to itself.
		return nil, "it is defined by itself"
	}
	inner := *s
	inner.depth++
	switch {
	case t == nil:
		return nil, "it has no value"
	case t.kind == 's':
		return inner.plain(t.text)
	case t.kind == 'l':
		for _, item := range t.items {
			if !isNoValue(item) {
				// An unknown item of a list does not hide the known ones. why reports it.
				more, w := inner.texts(item)
				all, why = append(all, more...), first(why, w)
			}
		}
		return all, why
	}
	name, arg := t.call()
	args := arg.list()
	// Wrong arguments fall through to the last return: CloudFormation would also refuse them.
	arity := func(n int) bool { return arg != nil && arg.kind == 'l' && len(args) >= n }
	switch name {
	case "Ref":
		return inner.ref(arg.str())
	case "Fn::GetAtt":
		// Both "Table.Arn" and ["Table", "Arn"] are written.
		logical, attr, _ := strings.Cut(arg.str(), ".")
		if arity(2) {
			logical, attr = args[0].str(), args[1].str()
		}
		return inner.attribute(logical, attr)
	case "Fn::Sub":
		// {"Fn::Sub": ["${x}", {"x": …}]} has variables of its own, which hide those of the
		// template.
		if arity(2) {
			inner.locals = maps.Clone(s.locals)
			if inner.locals == nil {
				inner.locals = map[string][]string{}
			}
			for k, v := range args[1].entries {
				// The values are evaluated outside, where other variables of the same map are not
				// visible.
				texts, w := s.deeper().texts(v)
				if w == "" {
					inner.locals[k] = texts
				}
				why = first(why, w)
			}
			if why != "" {
				return nil, why
			}
			arg = args[0]
		}
		return inner.sub(arg.str())
	case "Fn::Join":
		if !arity(2) || args[1].kind != 'l' {
			break
		}
		// An unknown part makes the whole text unknown: half an ARN names nothing.
		all = []string{""}
		for i, item := range args[1].items {
			more, w := inner.texts(item)
			if w != "" {
				return nil, w
			}
			if i > 0 {
				all, why = product(all, []string{args[0].str()}, why)
			}
			all, why = product(all, more, why)
		}
		return all, why
	case "Fn::If":
		if !arity(3) {
			break
		}
		for _, branch := range args[1:3] {
			// A branch of AWS::NoValue adds nothing to the list.
			if isNoValue(branch) {
				continue
			}
			more, w := inner.texts(branch)
			all, why = append(all, more...), first(why, w)
		}
		// Which branch holds is known at deployment only.
		if s.r != nil {
			s.r.note("both branches of a condition (Fn::If) are in the policy")
		}
		return all, why
	case "Fn::FindInMap":
		if arity(3) {
			return inner.find(args)
		}
	case "Fn::Select":
		if arity(2) {
			return inner.choose(args[0].str(), args[1])
		}
	// The other stack may be in no file that is read here.
	case "Fn::ImportValue":
		return nil, "it is exported by another stack (Fn::ImportValue)"
	}
	if name == "" {
		name = "a map"
	}
	return nil, name + " cannot be evaluated here"
}

// deeper returns a copy that counts one level more.
func (s *scope) deeper() *scope {
	inner := *s
	inner.depth++
	return &inner
}

// first returns the first reason: one is enough for the report.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// product returns every text of heads followed by every text of tails.
func product(heads, tails []string, why string) ([]string, string) {
	var all []string
	for _, h := range heads {
		for _, t := range tails {
			// What is beyond is dropped and reported, never silently.
			if len(all) == most {
				return all, first(why, "it may have too many values")
			}
			all = append(all, h+t)
		}
	}
	return all, why
}

// plain returns a literal text, unless it means more than it says.
// expand is for serverless.yml, which has variables in every text.
func (s *scope) plain(text string) ([]string, string) {
	if s.expand != nil && strings.Contains(text, "${") {
		return s.expand(text)
	}
	switch {
	case strings.Contains(text, "${"):
		// "${aws:username}" is a variable of IAM's policies. A rule cannot hold who calls.
		return nil, fmt.Sprintf("%q has a variable of IAM, whose value depends on who calls", shorten(text))
	// The marks for the own region and account are such characters, so that no file can forge them.
	case strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\uFFFD' }):
		return nil, "it has characters that cannot be printed"
	}
	return []string{text}, ""
}

// shorten cuts a text from a file for messages, at a character's end.
func shorten(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:97], "") + "..."
	}
	return s
}

// sub replaces ${Name}, ${Name.Attribute} and ${AWS::Region}.
func (s *scope) sub(text string) (all []string, why string) {
	all = []string{""}
	for why == "" {
		before, rest, ok := strings.Cut(text, "${")
		literal, w := (&scope{}).plain(before)
		if w != "" {
			return nil, w
		}
		all, why = product(all, literal, why)
		if !ok {
			return all, why
		}
		name, after, closed := strings.Cut(rest, "}")
		name = strings.TrimSpace(name)
		// ${!Literal} is CloudFormation's escape: the result has ${Literal}, which IAM replaces.
		if !closed || strings.HasPrefix(name, "!") {
			return nil, fmt.Sprintf("%q has a variable of IAM, whose value depends on who calls", shorten(text))
		}
		// The map of Fn::Sub comes first, as in CloudFormation; then attributes and names.
		var values []string
		if local, ok := s.locals[name]; ok {
			values = local
		} else if logical, attr, ok := strings.Cut(name, "."); ok {
			values, w = s.attribute(logical, attr)
		} else {
			values, w = s.ref(name)
		}
		if w != "" {
			return nil, w
		}
		all, why = product(all, values, why)
		text = after
	}
	return all, why
}

// ref evaluates Ref: a pseudo parameter, a parameter or a resource.
func (s *scope) ref(name string) ([]string, string) {
	// The same order as in sub: Fn::Sub's own names hide the template's.
	if local, ok := s.locals[name]; ok {
		return local, ""
	}
	if outer, value := s.parameterGiven(name); value != nil {
		inner := *outer
		inner.depth, inner.naming = s.depth+1, s.naming
		return inner.texts(value)
	}
	// -param sets pseudo parameters, too: AWS::StackName=orders. A nested stack has a name of its
	// own.
	if s.r != nil && (s.outer == nil || strings.HasPrefix(name, "AWS::") && !strings.HasPrefix(name, "AWS::Stack")) {
		if v, ok := s.r.Params[name]; ok {
			return s.plain(v)
		}
	}
	switch name {
	case "AWS::Region":
		return []string{ownRegion}, ""
	case "AWS::AccountId":
		return []string{ownAccount}, ""
	case "AWS::Partition":
		return []string{ownPartition}, ""
	// In China it is amazonaws.com.cn, and the partition is not known here.
	case "AWS::URLSuffix":
		return []string{"amazonaws.com"}, ""
	// The stack's name and id are chosen at deployment.
	case "AWS::StackName", "AWS::StackId":
		return []string{"*"}, ""
	}
	if p := s.root.get("Parameters", name); p != nil {
		return s.parameter(name, p)
	}
	// The Ref of a resource is its name or its ARN, as its type says.
	if s.root.get("Resources", name) != nil {
		return s.attribute(name, "")
	}
	return nil, fmt.Sprintf("%q is not defined in the template", shorten(name))
}

// parameter returns the default of a parameter. A type of SSM's has the name of another one as its
// default.
// With naming, any value may be deployed, so that the name gets a * there.
func (s *scope) parameter(name string, p *tree) ([]string, string) {
	if s.naming {
		return []string{"*"}, ""
	}
	give := fmt.Sprintf("give one with -param %s=VALUE", name)
	typ, value := p.get("Type").str(), p.get("Default")
	switch {
	// AWS::SSM::Parameter::Value<String> has the name of an SSM parameter as its default.
	case strings.HasPrefix(typ, "AWS::SSM::"):
		return nil, fmt.Sprintf("the value of parameter %s is in Systems Manager; %s", name, give)
	// CloudFormation then demands a value, and so does this.
	case value == nil || value.kind != 's' || value.text == "":
		return nil, fmt.Sprintf("parameter %s has no default; %s", name, give)
	}
	s.r.note(fmt.Sprintf("parameter %s has its default value %q; -param %s=VALUE sets another", name, shorten(value.text), name))
	texts := []string{value.text}
	// A list parameter is one text with commas: "a,b".
	if typ == "CommaDelimitedList" || strings.HasPrefix(typ, "List<") {
		texts = strings.Split(value.text, ",")
	}
	for i := range texts {
		all, why := (&scope{}).plain(strings.TrimSpace(texts[i]))
		if why != "" {
			return nil, why
		}
		texts[i] = all[0]
	}
	return texts, ""
}

// find evaluates Fn::FindInMap. A key that is not known stands for each.
func (s *scope) find(args []*tree) (all []string, why string) {
	// A mapping has two levels of keys. Each step goes down one level in all that was found so far.
	found := []*tree{s.root.get("Mappings", args[0].str())}
	for _, key := range args[1:3] {
		keys, w := s.texts(key)
		// !FindInMap [!Ref "AWS::Region", …]: the own region is not known, so that every entry
		// counts.
		known := w == "" && !slices.ContainsFunc(keys, func(k string) bool { return strings.ContainsAny(k, "*\x01\x02\x03") })
		var next []*tree
		for _, m := range found {
			for k, v := range m.entries {
				if !known || slices.Contains(keys, k) {
					next = append(next, v)
				}
			}
		}
		found = next
	}
	for _, v := range found {
		more, w := s.texts(v)
		for _, text := range more {
			// Regions often have the same entry.
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
		why = first(why, w)
	}
	if len(all) == 0 {
		why = first(why, "the mapping has no such entry")
	}
	return all, why
}

// choose evaluates Fn::Select over a list and over Fn::Split.
func (s *scope) choose(index string, from *tree) ([]string, string) {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 {
		return nil, "the index of Fn::Select is not a number"
	}
	if from.kind == 'l' {
		if i < len(from.items) {
			return s.texts(from.items[i])
		}
		return nil, "the list of Fn::Select is too short"
	}
	// !Select [1, !Split ["/", !Ref Path]]
	if name, arg := from.call(); name == "Fn::Split" && len(arg.list()) == 2 && arg.items[0].str() != "" {
		all, why := s.texts(arg.items[1])
		for j, text := range all {
			parts := strings.Split(text, arg.items[0].str())
			// arn:aws:s3:::b split at ":" has six parts; an index beyond them is an error in
			// CloudFormation.
			if i >= len(parts) {
				return nil, "the text of Fn::Split has too few parts"
			}
			all[j] = parts[i]
		}
		return all, why
	}
	// A parameter of type CommaDelimitedList is also a list.
	all, why := s.texts(from)
	if why == "" && i < len(all) {
		return all[i : i+1], ""
	}
	return nil, first(why, "the list of Fn::Select is too short")
}
