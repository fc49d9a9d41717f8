package awscall

import "strings"

// This file takes ARNs apart.

// isARN reports whether a text claims to be an ARN. cutARN checks it.
func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// An arn is an ARN cut at its first five colons.
type arn struct{ partition, service, region, account, resource string }

// cutARN reports false unless the ARN has all parts that every ARN has. Region and account may be
// empty.
func cutARN(s string) (a arn, ok bool) {
	rest, ok := strings.CutPrefix(s, "arn:")
	for _, part := range [...]*string{&a.partition, &a.service, &a.region, &a.account} {
		if ok {
			*part, rest, ok = strings.Cut(rest, ":")
		}
	}
	// The resource keeps its colons: "function:orders:prod".
	a.resource = rest
	return a, ok && rest != "" && a.partition != "" && a.service != "" && isPlain(s)
}

// parseARN is the parser of entries without another one.
func parseARN(ts *Touches, s *step, values []string) { ts.arn(values[0]) }

// arn adds the resource that an ARN names, or an unknown one if text is not an ARN.
func (ts *Touches) arn(text string) *Touch {
	a, ok := cutARN(text)
	// A proxy or a service may resolve dots to another resource. S3 takes them literally.
	if !ok || (a.service != "s3" && hasDots(a.resource)) {
		ts.unknown()
		return &ts.List[len(ts.List)-1]
	}
	switch {
	// Both forms of a log group's ARN are in use, with and without ":*".
	case a.service == "logs":
		a.resource = strings.TrimSuffix(a.resource, ":*")
	case strings.HasPrefix(a.service, "s3"):
		a.resource = accessPoint(a.resource)
	}
	t := ts.add(Touch{
		Partition: a.partition, Service: a.service, Region: a.region, Account: a.account, Resource: ts.join(a.resource),
	})
	// settle may have merged the touch with one that has an alias.
	if t.Alias == nil {
		ts.alias(t, a.resource)
	}
	return t
}

// alias sets the other name of a touch's resource. A secret also goes by its name without the
// random suffix, and a subscription by its topic. A log group goes by what is in it, and the other
// way round. A revision goes by its family.
func (ts *Touches) alias(t *Touch, resource string) {
	switch t.Service {
	case "secretsmanager":
		if name := CutSuffix(resource); name != "" {
			t.Alias = ts.join(name)
		} else {
			t.Alias = ts.join(resource, suffix) // the ARN may have been given without its random end
		}
	case "sns":
		// arn:aws:sns:eu-west-1:111122223333:orders:0a1b… is a subscription of the topic orders.
		if topic, _, ok := strings.Cut(resource, ":"); ok {
			t.Alias = ts.join(topic)
		}
	case "logs":
		// A rule may name the group alone, or everything in it, "log-group:orders:*".
		if group, isGroup := strings.CutPrefix(resource, "log-group:"); isGroup {
			name, _, _ := strings.Cut(group, ":log-stream:")
			if t.Alias = ts.join("log-group:", name); name == group {
				t.Alias = ts.join("log-group:", name, ":")
			}
		}
	case "ecs", "batch":
		// "task-definition/orders:7" is also "task-definition/orders".
		name, _, ok := strings.Cut(resource, ":")
		if ok && (strings.HasPrefix(name, "task-definition/") || strings.HasPrefix(name, "job-definition/")) {
			t.Alias = ts.join(name)
		}
	}
}

// relative adds a resource of the operation's service, in the caller's region and account, from
// what follows the fifth colon of its ARN.
func (ts *Touches) relative(text string) {
	switch {
	case strings.TrimSpace(text) == "" || !isPlain(text):
		// Blank text in the place of a name is an error of the caller's, and proves nothing.
		ts.unknown()
	case ts.op.Service == "s3":
		// A bucket has neither region nor account.
		ts.add(Touch{Partition: ts.at.Partition, Service: "s3", Resource: ts.join(text)})
	default:
		ts.alias(ts.put(ts.op.Service, text), text)
	}
}
