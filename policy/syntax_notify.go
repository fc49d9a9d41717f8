package policy

import (
	"gopkg.in/yaml.v3"
)

func (d *decoder) targets(n *yaml.Node) []target {
	d.private = true
	defer func() { d.private = false }()
	if n.Kind != yaml.SequenceNode {
		d.fail(at(n), "notify: is "+d.shape(n)+", not a list", "begin each target with a dash: - sns: …")
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
	t := target{place: at(n)}
	before := len(d.errs)
	d.mapping(n, "a notify entry", targetKeys, func(key string, k, v *yaml.Node) {
		switch key {
		case "channel":
			t.channel, _ = d.scalar(v, "channel:")
		case "secret":
			t.secret, _ = d.scalar(v, "secret:")
		case "verdicts":
			t.verdicts = d.list(v, "verdicts:")
		case "functions":
			t.functions = d.list(v, "functions:")
			for _, f := range t.functions {
				d.functionGlob(f)
			}
		default:
			if t.kind != "" {
				d.fail(at(k), "the notify entry has two destinations, "+t.kind+": and "+key+":", "make two entries of it")
				return
			}
			t.kind = key
			t.dest, _ = d.scalar(v, key+":")
		}
	})
	if t.kind == "" {
		if len(d.errs) == before {
			d.fail(at(n), "the notify entry has no destination", "add sns:, slack:, eventbridge: or webhook:")
		}
		return t, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch k := n.Content[i]; {
		case k.Value == "channel" && t.kind != "slack":
			d.fail(at(k), "channel: in an entry with "+t.kind+":", "channel: goes with slack:; delete it")
		case k.Value == "secret" && t.kind != "webhook":
			d.fail(at(k), "secret: in an entry with "+t.kind+":", "secret: goes with webhook:; delete it")
		}
	}
	return t, true
}
