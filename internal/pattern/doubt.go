package pattern

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/report"
)

// This file finds patterns that are valid, but probably not what the author intended.

// Doubts calls found with each way in which a pattern may mean something other than it seems. text
// is the pattern as written, and m the mode that it was parsed in. dead reports that a whitelist
// must not hold it: it matches nothing that was meant, or hosts of anybody.
func Doubts(p Pattern, text string, m Mode, found func(dead bool, p *report.Problem)) {
	warn := func(what, fix string) { found(false, &report.Problem{What: what, Fix: fix}) }
	switch p := p.(type) {
	case *HTTP:
		hostDoubts("http", p.Host, text, m, found)
		pathDoubts(p, text, m, found)
		// For example lambda.eu-west-1.amazonaws.com in an http: whitelist.
		if service := signedOnly(p.Host); service != "" && m == Narrow {
			warn(p.Host+" takes signed calls only, and this entry allows each of them, whoever signs", "write aws: "+service+":… for what is called there")
		}
		// "http://a.com:443"
		if p.Scheme == "http" && p.Port == 443 || p.Scheme == "https" && p.Port == 80 {
			warn(fmt.Sprintf("http: %q has the port of the other scheme", report.Short(text)), "write "+quoteText(otherScheme(p)))
		}
	case *Net:
		hostDoubts("net", p.Host, text, m, found)
		// A network of all addresses loads, and is mostly a slip.
		if m == Narrow && p.Prefix.IsValid() && p.Prefix.Bits() == 0 {
			warn(fmt.Sprintf("net: %q allows every address", report.Short(text)), "name the networks that are meant")
		}
	case *AWS:
		name, _, _ := strings.Cut(p.Text, ":")
		// The two ways in which the tables and unlisted: disagree.
		switch {
		case p.Unlisted && !p.Declared:
			what := "the tables of this version do not have the service " + report.Quoted(name) + "; the rule goes by its SDK id, its package or the name it is signed for"
			warn(what, orUnlisted(nearestService(p.Text)))
		case p.Declared && !p.Unlisted:
			warn("the tables of this version have the service "+report.Quoted(name), "delete unlisted:")
		}
	case *IP:
		// Bits behind the prefix: 10.0.0.1/8.
		if p.Doubt != "" {
			warn(p.Doubt, "write "+p.text)
		}
		if m == Narrow && p.Ranges[0].Bits() == 0 {
			warn(p.text+" allows every address", "name the networks that are meant")
		}
	}
}

// otherScheme returns a pattern with the scheme that its port belongs to.
func otherScheme(p *HTTP) string {
	scheme := "https"
	if p.Port == 80 {
		scheme = "http"
	}
	return string(appendForm(nil, scheme, p, ""))
}

// hostDoubts finds hosts that anybody can have, and hosts that look like others.
func hostDoubts(key, host, text string, m Mode, found func(dead bool, p *report.Problem)) {
	// "*" in a name without dots: "api*".
	if host != "*" && strings.Contains(host, "*") && !strings.Contains(host, ".") {
		found(false, report.OfKey(key, text, " matches names without a dot alone", "name the domains that are meant"))
	}
	// A word such as internal, which is a host only in some networks.
	if key == "http" && bareName(host, text) {
		found(false, report.OfKey("http", text, " is the name of a host without a domain",
			"name the domain too, or write http://"+host+" if it is meant"))
	}
	// The parser takes "-a.com", and nobody can register it.
	if trimmed := strings.Trim(host, "-"); trimmed != host && strings.Contains(trimmed, ".") {
		found(false, report.OfKey(key, text, ": no domain begins or ends with a hyphen",
			"write "+quoteText(strings.Replace(text, host, trimmed, 1))))
	}
	// "10.0.0.256" would be a name to a resolver, and its last label a number, which no name has.
	if host != "" && strings.Trim(host, "0123456789.") == "" {
		found(true, report.OfKey(key, text, " can never match: the numbers of an address go up to 255", "write the address that is meant"))
	}
	// "co.uk" in a blacklist holds for that very name, which nobody calls.
	if isSuffix(host) && key == "http" {
		found(false, report.OfKey("http", text, " is an end of domains, and does not cover what is below it", suffixFix(host, m)))
	}
	// From the widest: a label that is open, a shared domain, buckets.
	under, below := strings.CutPrefix(host, "*.")
	// "*github.com" takes evilgithub.com.
	if label, rest := openLabel(host); label != "" {
		found(true, openProblem(key, host, label, rest, text, m))
	} else if below && m == Narrow && sharedDomain(under) {
		found(false, &report.Problem{What: "anybody can have a host under " + under, Fix: "name the hosts that are yours, or write aws: rules"})
	} else if m == Narrow && key == "http" && isBucketGlob(host) {
		found(false, report.OfKey(key, text, " does not allow presigned URLs of other accounts: anybody can have a bucket whose host fits",
			"name the host in full; ${region} and ${region_nodash} stand for the region"))
	}
	// Letters of another script may look like Latin ones.
	if written := hostPart(text); !report.IsASCIIText(written) && (m == Narrow || oddLetters(written)) {
		found(false, report.OfKey("", text, " is "+host+", which can look like another host and not be it",
			"write "+strings.Replace(text, written, host, 1)))
	}
}

// isBucketGlob reports whether a host pattern is for S3's buckets in several regions.
func isBucketGlob(host string) bool {
	_, after, ok := strings.Cut(host, ".s3.")
	return ok && strings.Contains(after, "*") && awsname.MayBeEndpoint(strings.ReplaceAll(host, "*", "x"))
}

// openProblem words that a wildcard leaves open whose domain it is.
func openProblem(key, host, label, rest, text string, m Mode) *report.Problem {
	// joined: "*acme.com" most likely meant acme.com and what is below it.
	bare := strings.TrimPrefix(label, "*")
	joined := strings.HasPrefix(label, "*") && !strings.Contains(bare, "*") && bare[0] != '-' && host == label+"."+rest
	p := &report.Problem{Fix: "name the hosts that are meant"}
	if joined {
		p.Fix = writeList([]string{"*." + bare + "." + rest, bare + "." + rest})
	}
	// In a whitelist it opens, in a blacklist it leaves out.
	if m == Narrow {
		p.What = fmt.Sprintf("%s: %q allows names that anybody can register, such as %s", key, report.Short(text), sampleHost(host, "evil"))
		return p
	}
	p.What = fmt.Sprintf("%s: %q does not cover www.%s: a * inside a label stays inside it", key, report.Short(text), sampleHost(host, ""))
	if !joined {
		p.Fix = "name the hosts below it too, if they are meant"
	}
	return p
}

// sampleHost returns a host that a pattern matches, with a word in the place of each *.
func sampleHost(host, word string) string {
	host = strings.TrimPrefix(host, "*.")
	s := strings.ReplaceAll(host, "*", word)
	// With nothing in place of the *, the name may be impossible: "-a.com".
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, ".") {
		s = strings.ReplaceAll(host, "*", "x")
	}
	return s
}

// hostPart returns the host of a pattern as written.
func hostPart(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	if i := strings.IndexAny(text, "/:"); i >= 0 {
		text = text[:i]
	}
	return text
}

// oddLetters reports whether a host mixes scripts, or holds characters that are not letters,
// digits or marks, or that IDNA maps to others.
func oddLetters(host string) bool {
	var script *unicode.RangeTable
	// script is that of the letters so far.
	for _, r := range host {
		switch {
		case r == '.' || r == '-' || r == '*' || r == '_' || r >= '0' && r <= '9':
			// Digits and separators belong to every script.
			continue
		case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r):
			return true
		case r >= 0xff00 && r <= 0xffef || r >= 0x2100 && r <= 0x214f || r >= 0x1d400 && r <= 0x1d7ff || r == 'ſ' || r == 'ı':
			return true // wide, mathematical and other forms of plain letters
		}
		// Only scripts with look-alikes count: a mixture of Latin and Han is usual in Japan.
		s := scriptOf(r)
		if s == nil {
			continue
		}
		if script != nil && s != script {
			return true
		}
		script = s
	}
	return false
}

// scriptOf returns the script of a letter, if it is one of those with letters that look alike; nil
// otherwise.
func scriptOf(r rune) *unicode.RangeTable {
	for _, t := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee} {
		if unicode.Is(t, r) {
			return t
		}
	}
	return nil
}

// pathDoubts finds paths that match less than they look like.
func pathDoubts(p *HTTP, text string, m Mode, found func(dead bool, p *report.Problem)) {
	if m == Narrow {
		bucketPathDoubts(p, text, found)
	}
	if problem := oddPath(p.Path, text, m); problem != nil {
		found(false, problem)
	}
}

// RootAlone says that a path of a whitelist is / alone, as it stands at the end of a pasted URL. It
// is nil for any other pattern.
func RootAlone(p Pattern, text string) *report.Problem {
	h, ok := p.(*HTTP)
	if !ok || h.Wide || h.Path != "/" {
		return nil
	}
	// "https://a.com/" was pasted; an API behind it has other paths.
	return report.OfKey("http", text, " matches the path / alone", "write "+quoteText(withoutPath(text))+" for every path")
}

// Below says that a pattern of a blacklist, or of the except: of a whitelist, names a path and
// not the paths below it that are probably meant too, as /admin and /* do. covered reports whether
// another entry matches those. It is nil for any other pattern.
func Below(p Pattern, text string, covered func(Pattern) bool) *report.Problem {
	h, ok := p.(*HTTP)
	if !ok || !h.Wide || !hasNeighbours(h.Path) {
		return nil
	}
	// The path below, as a pattern: whoever covers /admin/x covers what is below /admin.
	path, bare := strings.TrimSuffix(h.Path, "/"), strings.TrimSuffix(text, "/")
	below := *h
	below.Path = path + "/x"
	if covered(&below) {
		return nil
	}
	problem := report.OfKey("http", text, " does not cover "+path+"/…", writeList([]string{text, bare + "/**"}))
	// "/*" is each path of one segment, where mostly all are meant.
	switch last := path[strings.LastIndexByte(path, '/')+1:]; {
	case last == "*" && path == "/*":
		problem.Fix = "write " + quoteText(strings.TrimSuffix(text, "/*"))
	case last == "*" || strings.HasSuffix(h.Path, "/"):
		problem.Fix = "write " + quoteText(strings.TrimSuffix(bare, "/*")+"/**")
	}
	return problem
}

// areas are paths that have others below them on most servers.
const areas = " admin administrator api app auth backup backups billing cgi-bin config console dashboard debug docs export files " +
	"graphql hidden internal login logs manage management metrics oauth oauth2 private phpmyadmin secret secrets setup static " +
	"status system test tmp upload uploads user users v1 v2 v3 webhook webhooks wp-admin wp-content wp-includes actuator " +
	".git .svn .aws .env.d .well-known latest meta-data credentials security-credentials "

// hasNeighbours reports whether a path probably means those below it too: it has well-known
// neighbours there, or ends in a slash or a *, which stays inside a segment.
func hasNeighbours(path string) bool {
	if path == "" || path == "/" {
		return false
	}
	// "/a/" is a path of its own, and most servers have more below it.
	if strings.HasSuffix(path, "/") {
		return !strings.HasSuffix(path, "*/")
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	// A * stays in its segment: /a/* is not /a/b/c.
	if strings.Contains(path, "*") {
		return strings.HasSuffix(last, "*") && last != "**"
	}
	return strings.Contains(areas, " "+strings.ToLower(last)+" ")
}

// Local reports whether a host of a rule is the function's own machine, and not a port that an
// extension of Lambda listens on.
func Local(p Pattern) bool {
	q, ok := p.(*HTTP)
	if !ok {
		if n, ok := p.(*Net); ok {
			return n.Host == "localhost" || n.Prefix.IsValid() && n.Prefix.Addr().IsLoopback()
		}
		return false
	}
	switch q.Port {
	case 2772, 2773, 4317, 4318, 8124, 8125, 8126, 2000: // parameters and secrets, OpenTelemetry, Datadog, X-Ray
		return false
	}
	return q.Host == "localhost" || q.Addr.IsLoopback()
}
