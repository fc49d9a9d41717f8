package policy

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/ruleindex"
	"github.com/outguard/outguard/internal/textclasses"
)

// An SDK call is sent as a request to one of AWS's own endpoints, and the http: rules of blacklists
// hold for that request too. Of the verdicts on the call and on its request, the stricter holds.

// A wireSpace is what blacklists distinguish among the requests that SDK calls are sent as. Hosts
// are distinguished by the set of names that match them; see key. An empty key is a host that no
// blacklist is about.
type wireSpace struct {
	patterns []*pattern.HTTP  // of the rules and their except:
	names    []string         // the hosts of all patterns and feeds that may be of AWS
	hosts    *ruleindex.Hosts // the same, by their places in names
	methods  []string
	regions  []string               // that the names distinguish
	written  []string               // hosts of AWS, one for each set of names that match it
	sent     map[[2]string][]sentAs // by service and region
}

// A sentAs is a request that an SDK call may be sent as.
type sentAs struct {
	request *http.Request
	text    string // "to HOST", or "as METHOD URL" where blacklists distinguish methods or paths
}

// newWire returns nil if blacklists say the same of the requests of all SDK calls: nothing.
func newWire(s *space) *wireSpace {
	w := &wireSpace{sent: map[[2]string][]sentAs{}}
	any, methods, names := false, map[string]bool{}, map[string]bool{}
	// Only blacklists hold for the requests of SDK calls; aws: rules are about the calls
	// themselves.
	for _, r := range s.rules {
		if r.Vouches() || r.Kind == rule.AWS {
			continue
		}
		// "http: any" forbids the request of each call, whatever its host.
		any = any || r.Any && r.Kind == rule.HTTP
		// An except: distinguishes hosts, too.
		for _, p := range slices.Concat(r.Subject, r.Except) {
			if p, ok := p.(*pattern.HTTP); ok && mayNameAWS(p.Host) {
				w.patterns = append(w.patterns, p)
				names[p.Host] = true
			}
		}
		for _, host := range r.Hosts {
			if mayNameAWS(host) {
				names[host] = true
			}
		}
		for _, m := range r.Methods {
			// Not needed for the host, but for the request.
			methods[m] = true
		}
	}
	w.names = slices.Sorted(maps.Keys(names))
	// Without methods: in any rule, one method stands for all.
	w.methods = []string{"POST"}
	if len(methods) > 0 {
		// One method that no rule names is a kind of its own.
		methods[unnamed(methods, "POST", "GET", "PUT", "DELETE", "PATCH", "HEAD")] = true
		w.methods = slices.Sorted(maps.Keys(methods))
	}
	// The index that engines use, so that a host matches here exactly as it does there.
	w.hosts = ruleindex.NewHosts(len(w.names))
	for i, name := range w.names {
		w.hosts.Add(name, int32(i))
	}
	w.hosts.Done()
	w.findRegions(s)
	// No name matches a host of AWS, and http: any is in no blacklist.
	if !w.findHosts(s) && !any {
		return nil
	}
	return w
}

// mayNameAWS reports whether a host, or a pattern of hosts, may be of AWS.
func mayNameAWS(host string) bool {
	return slices.ContainsFunc(awsname.All(), func(p awsname.Partition) bool {
		return mayEndWith(host, p.Suffix) || mayEndWith(host, p.DualStack)
	})
}

// mayEndWith reports whether a host, or a pattern of hosts, may be below a domain.
func mayEndWith(host, domain string) bool {
	// Behind the last star, the text is fixed. It must end like the domain, or be an end of it:
	// "*.com" may be of amazonaws.com.
	end := host[strings.LastIndexByte(host, '*')+1:]
	domain = "." + domain
	return strings.HasSuffix(end, domain) || len(end) < len(host) && strings.HasSuffix(domain, end)
}

// findRegions finds the regions that the names distinguish, and one of each partition that they do.
func (w *wireSpace) findRegions(s *space) {
	// First the regions that names have as a label, or as a glob: "*.eu-*.amazonaws.com".
	for _, name := range w.names {
		if host, ok := awsname.Parse(name); ok && host.Region != "" {
			w.regions = append(w.regions, host.Region)
		}
		// Legacy and VPC hosts have the region in other places.
		for label := range strings.SplitSeq(name, ".") {
			if label == "*" || !strings.Contains(label, "*") {
				if awsname.LooksLikeRegion(label) {
					w.regions = append(w.regions, label)
				}
				continue
			}
			for _, region := range pattern.Regions() {
				if ok, _ := path.Match(label, region); ok {
					w.regions = append(w.regions, region)
				}
			}
		}
	}
	// Then one region of each other partition that a name reaches: "*.amazonaws.com.cn".
	for _, p := range awsname.All() {
		for _, suffix := range []string{p.Suffix, p.DualStack} {
			if w.key("x."+p.GlobalRegion+"."+suffix) != "" && p.ID != awsname.PartitionOf(s.own[0]) {
				w.regions = append(w.regions, p.GlobalRegion)
			}
		}
	}
	slices.Sort(w.regions)
	w.regions = slices.Compact(w.regions)
}

// findHosts finds one host of AWS for each set of names that match it. It reports false if no name
// matches any.
func (w *wireSpace) findHosts(s *space) (some bool) {
	if len(w.names) == 0 {
		return false
	}
	patterns := make([]textclasses.Pattern, 0, len(w.names)+64)
	// The names come first, so that their numbers are below those of AWS's forms.
	for _, name := range w.names {
		patterns = append(patterns, textclasses.HostPattern(name))
	}
	// The forms of AWS's hosts in these regions: services, buckets, access points, VPC endpoints.
	for _, region := range append([]string{s.own[0]}, w.regions...) {
		for _, suffix := range awsname.Suffixes(region) {
			if !w.mayEndWith(suffix) {
				continue
			}
			for _, before := range []string{"*.", "*.s3.", "*.s3.dualstack.", "*.s3-accesspoint."} {
				patterns = append(patterns, textclasses.HostPattern(before+region+"."+suffix))
			}
			patterns = append(patterns, textclasses.HostPattern("*."+region+".vpce."+suffix))
		}
	}
	// Global services have hosts without a region.
	for _, p := range awsname.All() {
		for _, suffix := range []string{p.Suffix, p.DualStack} {
			if w.mayEndWith(suffix) {
				patterns = append(patterns, textclasses.HostPattern("*."+suffix))
			}
		}
	}
	divided, _ := textclasses.Divide(textclasses.Hosts(), patterns, divisionLimit)
	// A class counts if some name and some form of AWS match it: a name alone is a host elsewhere.
	for _, class := range divided {
		// Matches are in order, so that the first and the last show it.
		if n := len(class.Matches); n > 1 && class.Matches[0] < len(w.names) && class.Matches[n-1] >= len(w.names) {
			some = true
			w.written = append(w.written, class.Text)
		}
	}
	return some
}

// mayEndWith reports whether some name may be below a domain.
func (w *wireSpace) mayEndWith(domain string) bool {
	return slices.ContainsFunc(w.names, func(name string) bool { return mayEndWith(name, domain) })
}

// key is the set of names that match a host, as text; "" for none. Sorted, because Find returns
// numbers in the order of its look-ups.
func (w *wireSpace) key(host string) string {
	var key []byte
	found := w.hosts.Find(host)
	var all []int32
	for i, ok := found.Next(); ok; i, ok = found.Next() {
		all = append(all, i)
	}
	slices.Sort(all)
	for _, i := range slices.Compact(all) {
		key = append(key, byte(i>>16), byte(i>>8), byte(i), ' ')
	}
	return string(key)
}
