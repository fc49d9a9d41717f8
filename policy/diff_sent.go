package policy

import (
	"net/http"
	"slices"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/textclasses"
)

// This file finds the requests that SDK calls may be sent as, and judges calls together with them.

// trySent looks at an AWS call, by each kind of caller and sent as each of the requests.
func (c *comparison) trySent(call Call, all []sentAs, text func() (call, where string)) bool {
	// http: rules of blacklists are not about this call's requests.
	if len(all) == 0 {
		return c.try(call, "aws", text)
	}
	for _, by := range c.callers {
		call.Caller = by.find()
		// A call that is blocked before it is sent has no request. One stands for all.
		some := all
		if c.refused(call) {
			some = all[:1]
		}
		for _, as := range some {
			if c.left--; c.left < 0 {
				c.exact = false
				return false
			}
			if !c.look(&tried{Call: call, kind: "aws", text: text, where: by.where(), sent: as}) {
				return false
			}
		}
	}
	return true
}

// refused reports whether all policies block a call, whatever it is sent as. For Never, both are
// one policy.
func (c *comparison) refused(call Call) bool {
	for _, p := range [...]*Policy{c.old, c.new} {
		if d := p.DecideBriefly(call); d.Verdict != Block {
			return false
		}
	}
	return true
}

// decide judges a call, and the request that it is sent as.
func (t *tried) decide(p *Policy) Decision { return decideSent(p, t.Call, t.sent.request) }

// decideSent judges a call, and the request that it is sent as; nil: it is not known. The stricter
// verdict holds.
func decideSent(p *Policy, call Call, request *http.Request) Decision {
	d := p.Decide(call)
	if request != nil {
		if wire := p.Decide(onWire(call, request)); wire.Verdict < d.Verdict {
			return wire
		}
	}
	return d
}

// onWire is an AWS call on the wire.
func onWire(call Call, request *http.Request) Call {
	call.HTTP, call.Via = request, ViaWire
	return call
}

// services returns the services, by IAM prefix, whose hosts the names distinguish from others of
// their region.
func (w *wireSpace) services(s *space) (all []string) {
	// Rules that are about all services alike distinguish nothing.
	if w == nil || len(w.names) == 0 {
		return nil
	}
	found := map[string]bool{}
	// Hosts that the names match were written out; each belongs to some services.
	for _, host := range w.written {
		if e, ok := awscall.ParseEndpoint(host); ok {
			for _, service := range e.Services() {
				prefix, _ := awsops.Service(service)
				found[prefix] = true
			}
		}
	}
	// The labels of all services are compared, because a glob may match some: "s*.amazonaws.com".
	for _, name := range awsops.Services() {
		prefix, _ := awsops.Service(name)
		if _, known := found[prefix]; !known {
			found[prefix] = w.isDistinct(s, prefix)
		}
	}
	for service, is := range found {
		if is && service != "" {
			all = append(all, service)
		}
	}
	slices.Sort(all)
	return all
}

// isDistinct reports whether the names distinguish a service's hosts from any others.
func (w *wireSpace) isDistinct(s *space, service string) bool {
	labels := awsops.Labels(service)
	// Each region that the names distinguish.
	for _, region := range append([]string{s.own[0]}, w.regions...) {
		others := w.keys("zz9", region) // a label that no service has
		for _, label := range labels {
			if !slices.Equal(w.keys(label, region), others) {
				return true
			}
		}
	}
	return false
}

// keys returns the key of each host that a label has in a region.
func (w *wireSpace) keys(label, region string) []string {
	keys := hostsAt(label, region)
	for i, host := range keys {
		keys[i] = w.key(host)
	}
	return keys
}

// hostsAt returns the hosts of a service's endpoints in a region, by the label that they begin
// with.
func hostsAt(label, region string) (hosts []string) {
	// The forms of AWS's hosts: plain, FIPS, dual-stack, VPC endpoint, account, bucket, and global.
	for _, suffix := range awsname.Suffixes(region) {
		hosts = append(hosts, label+"."+region+"."+suffix, label+"-fips."+region+"."+suffix,
			label+".dualstack."+region+"."+suffix, "vpce-0a1b2c3d-x."+label+"."+region+".vpce."+suffix,
			"111122223333."+label+"."+region+"."+suffix, "x."+label+"."+region+"."+suffix, label+"."+suffix)
	}
	return hosts
}

// requestsOf returns the requests that calls of a service in a region may be sent as, one of each
// kind.
func (w *wireSpace) requestsOf(service, region string) []sentAs {
	if w == nil {
		return nil
	}
	at := [2]string{service, region}
	// Operations of one service in one region share their requests.
	if have, ok := w.sent[at]; ok {
		return have
	}
	seen := map[string]bool{}
	all := []sentAs{}
	add := func(host string) {
		// A host counts if it is an endpoint of this service in this region.
		e, ok := awscall.ParseEndpoint(host)
		if !ok || e.Region != region && (e.Region != "" || e.Partition != awsname.PartitionOf(region)) {
			return
		}
		// One of each set of names that match it.
		if _, own := e.Of(service); own && !seen[w.key(host)] {
			seen[w.key(host)] = true
			all = append(all, w.requestsTo(host)...)
		}
	}
	for _, label := range awsops.Labels(service) {
		for _, host := range hostsAt(label, region) {
			add(host)
		}
	}
	for _, host := range w.written {
		add(host)
	}
	w.sent[at] = all
	return all
}

// requestsTo returns one request to a host of each kind that blacklists distinguish.
func (w *wireSpace) requestsTo(host string) (all []sentAs) {
	// Only the paths of patterns that are about the host matter.
	var patterns []textclasses.Pattern
	for _, p := range w.patterns {
		if p.Path != "" && isAt(p, host) {
			patterns = append(patterns, textclasses.PathPattern(p.Path, p.Wide))
		}
	}
	paths, _ := textclasses.Divide(textclasses.Paths(), patterns, divisionLimit)
	for _, path := range paths {
		for _, method := range w.methods {
			r, err := http.NewRequest(method, "https://"+host+path.Text, nil)
			if err != nil {
				continue
			}
			text := "to " + host
			// With one path and one method, the host says all.
			if len(paths) > 1 || len(w.methods) > 1 {
				text = "as " + method + " " + r.URL.String()
			}
			all = append(all, sentAs{r, text})
		}
	}
	return all
}
