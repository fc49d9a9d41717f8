package syntax

import (
	"go.yaml.in/yaml/v3"
)

func (d *decoder) targets(n *yaml.Node) []target {
	d.private = true
	defer func() { d.private = false }()
	if n.Kind != yaml.SequenceNode {
		d.Fail(at(n), "notify: is "+d.shape(n)+", not a list", "begin each target with a dash: - sns: …")
		return nil
	}
	out := make([]target, 0, len(n.Content))
	for _, item := range n.Content {
		if t, ok := d.target(item); ok {
			out = append(out, t)
		}
	}
	return out
}

func (d *decoder) target(n *yaml.Node) (target, bool) {
	t := target{Place: at(n)}
	before := len(d.Errors)
	d.mapping(n, "a notify entry", TargetKeys(), func(key string, k, v *yaml.Node) {
		switch key {
		case "channel":
			t.Channel, _ = d.scalar(v, "channel:")
		case "secret":
			t.Secret, _ = d.scalar(v, "secret:")
		case "verdicts":
			t.Verdicts = d.list(v, "verdicts:")
		case "functions":
			t.Functions = d.list(v, "functions:")
			for _, f := range t.Functions {
				d.functionGlob(f)
			}
		default:
			if t.Kind != "" {
				d.Fail(at(k), "the notify entry has two destinations, "+t.Kind+": and "+key+":", "make two entries of it")
				return
			}
			t.Kind = key
			t.Dest, _ = d.scalar(v, key+":")
		}
	})
	if t.Kind == "" {
		if len(d.Errors) == before {
			d.Fail(at(n), "the notify entry has no destination", "add sns:, slack:, eventbridge: or webhook:")
		}
		return t, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch k := n.Content[i]; {
		case k.Value == "channel" && t.Kind != "slack":
			d.Fail(at(k), "channel: in an entry with "+t.Kind+":", "channel: goes with slack:; delete it")
		case k.Value == "secret" && t.Kind != "webhook":
			d.Fail(at(k), "secret: in an entry with "+t.Kind+":", "secret: goes with webhook:; delete it")
		}
	}
	return t, true
}
