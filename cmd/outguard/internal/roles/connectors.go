package roles

import (
	_ "embed"
	"fmt"
	"strings"
)

// This file reads the connectors of SAM, which give a function permissions on other resources.

// connectorTable has what a connector from a function grants: a line with the type of the
// destination and the permission, and a line for each statement with its actions and its resources.
// % is the ARN of the destination, and execution the ARNs of a state machine's executions. The
// facts are those of connector_profiles/profiles.json in
// github.com/aws/serverless-application-model (Apache-2.0), as of 2026-05.
//
//go:embed connectors.txt
var connectorTable string

// samTypes are the types of SAM that connectors take for others.
var samTypes = map[string]string{
	"AWS::Serverless::Function":     "AWS::Lambda::Function",
	"AWS::Serverless::SimpleTable":  "AWS::DynamoDB::Table",
	"AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
}

// connectors adds what the connectors of a template grant to its functions, by their logical ids.
func (r *Reader) connectors(s *scope, functions map[string]*function) {
	for logical, res := range s.root.get("Resources").entries {
		// Connectors: {ToTable: …} inside a resource, which is their source.
		for id, c := range res.get("Connectors").entries {
			source := &tree{kind: 'm', keys: []string{"Id"}, items: []*tree{{kind: 's', text: logical}}}
			r.connector(s, functions, logical+"'s connector "+id, source, c)
		}
		if res.get("Type").str() == "AWS::Serverless::Connector" {
			r.connector(s, functions, logical, res.get("Properties", "Source"), res)
		}
	}
}

// connector adds what one connector grants to its source.
func (r *Reader) connector(s *scope, functions map[string]*function, name string, source, c *tree) {
	props := c.get("Properties")
	from := endType(s, source)
	destinations := props.get("Destination").list()
	if from == "" || len(destinations) == 0 {
		r.leave("", name, "what it connects cannot be read; write its rules by hand")
		return
	}
	for _, to := range destinations {
		typ := endType(s, to)
		f := functions[source.get("Id").str()]
		switch {
		case typ == "":
			r.leave("", name, "its destination cannot be read; write its rules by hand")
		// The poller of the event source has the function's role.
		case f == nil && typ == "AWS::Lambda::Function" && (from == "AWS::SQS::Queue" || from == "AWS::DynamoDB::Table"):
			if f := functions[to.get("Id").str()]; f != nil {
				r.uncalled(f.name, name, "Lambda reads the queue or the table's stream for the function")
			}
		// A function of another language is not guarded, and others need no rule. A function of
		// another template has a role that is not known.
		case f == nil && from == "AWS::Lambda::Function" && source.get("Id") == nil:
			r.leave("", name, "its source is not a function of the template; write its rules by hand")
		case f != nil:
			r.when(f, c, name, func() { r.connect(f, s, name, typ, to, props.get("Permissions")) })
		}
	}
}

// endType returns the type of one end of a connector; "" if it is not known.
func endType(s *scope, end *tree) string {
	typ := end.get("Type").str()
	if id := end.get("Id").str(); id != "" {
		typ = s.root.get("Resources", id, "Type").str()
	}
	if other := samTypes[typ]; other != "" {
		return other
	}
	return typ
}

// connect adds the statements that a connector from a function to a destination grants.
func (r *Reader) connect(f *function, s *scope, name, typ string, to, permissions *tree) {
	arns, why := s.texts(to.get("Arn"))
	if id := to.get("Id").str(); id != "" {
		arns, why = s.attribute(id, "Arn")
	}
	given := r.branches(permissions)
	if len(given) == 0 {
		r.leave(f.name, name, "it has no permissions that can be read; write its rules by hand")
	}
	for _, p := range given {
		_, after, ok := strings.Cut("\n"+connectorTable, "\n"+typ+" "+p.str()+"\n")
		// The words come from a file, so that one with a line break could match inside the text.
		if !ok || strings.ContainsAny(typ+p.str(), "\n\t ") {
			r.leave(f.name, name, fmt.Sprintf("what %q on %s grants is not known here; write its rules by hand", shorten(p.str()), shorten(typ)))
			continue
		}
		if why != "" {
			r.leave(f.name, name, why)
		}
		for line := range strings.Lines(after) {
			body, ok := strings.CutPrefix(line, "\t")
			if !ok {
				break
			}
			actions, resources, _ := strings.Cut(strings.TrimSpace(body), " | ")
			st := statement{from: name, actions: strings.Fields(actions)}
			for _, arn := range arns {
				for form := range strings.FieldsSeq(resources) {
					if form == "execution" {
						st.resources = append(st.resources, strings.Replace(arn, ":stateMachine:", ":execution:", 1)+":*")
					} else {
						st.resources = append(st.resources, strings.Replace(form, "%", arn, 1))
					}
				}
			}
			if len(st.resources) > 0 {
				f.statements = append(f.statements, st)
			}
		}
	}
}
