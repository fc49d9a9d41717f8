package pattern

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/report"
)

// This file parses the hosts of http: and net: subjects.

// patternHost brings the host of an http: or net: subject to canonical form. key is the rule's key.
func patternHost(key, text, host string, m Mode) (string, netip.Addr, error) {
	fail := func(what, fix string) (string, netip.Addr, error) {
		return "", netip.Addr{}, report.OfKey(key, text, ": "+what, fix)
	}
	// An address in brackets. IPv4 stands without them.
	if inner, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		switch {
		case err != nil || addr.Is4():
			return fail("the brackets hold no IPv6 address", "write it as [2001:db8::1]")
		case addr.Zone() != "":
			return fail("the address has a zone", "leave out the % and what follows; a rule holds for every zone")
		}
		return "", addr.Unmap(), nil
	}
	// A pattern is checked label by label, because IDNA maps none with a star.
	if strings.Contains(host, "*") {
		name, what, fix := wildcardHost(key, host)
		if what != "" {
			return fail(what, fix)
		}
		return name, netip.Addr{}, nil
	}
	// "a.com." and "a.com" are the same host.
	name, addr, err := canon.Host(strings.TrimSuffix(host, "."))
	if err != nil {
		fix := "write a domain name or an IP address"
		// ".a.com" of cookies and proxies means the domain and all below it.
		if bare := strings.TrimLeft(host, "."); bare != host && bare != "" && key == "http" && !(m == Narrow && (isSuffix(bare) || tooWide("*."+bare))) {
			if _, _, wrong := canon.Host(bare); wrong == nil {
				fix = writeList([]string{strings.Replace(text, host, "*."+bare, 1), strings.Replace(text, host, bare, 1)})
			}
		}
		return fail(err.Error(), fix)
	}
	// "127.1" and "0x7f.1" are 127.0.0.1 to some resolvers and names to others.
	if legacy, ok := canon.LegacyIPv4(name); ok && !addr.IsValid() {
		return fail("an IPv4 address in a form that not every resolver reads", fmt.Sprintf("write %q", legacy))
	}
	return name, addr, nil
}

// wildcardHost checks a host with wildcards, label by label.
func wildcardHost(key, host string) (name, what, fix string) {
	if host == "*" {
		return host, "", ""
	}
	// "**.a.com"
	if strings.Contains(host, "**") {
		return "", `"**" has no meaning in a host`, `write "*." for one or more labels, or "` + key + `: any"`
	}
	// A trailing dot does not count here either.
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	numeric := true
	for i, label := range labels {
		// A star is checked as a letter: "api-*" is as valid as "api-x".
		plain := strings.ReplaceAll(label, "*", "x")
		if strings.Trim(label, "0123456789*") != "" {
			numeric = false
		}
		if report.IsASCIIText(label) || !strings.Contains(label, "*") {
			// canon.Host also refuses what is too long, or has other characters.
			c, addr, err := canon.Host(plain)
			if err != nil || addr.Is6() || strings.Contains(c, ".") {
				return "", fmt.Sprintf("%q is not a label of a host", report.Short(label)), "write letters, digits, - and *"
			}
			if strings.Contains(label, "*") {
				c = strings.ToLower(label)
			}
			labels[i] = c
			continue
		}
		return "", fmt.Sprintf("the label %q has a wildcard beside characters that IDNA maps", report.Short(label)), "write the label in its xn-- form, or make it a * of its own"
	}
	// "*.*" leaves everything open.
	if strings.Trim(host, "*.") == "" {
		return "", "it names no domain", `name the domain, such as "*.example.com", or write ` + key + ": any"
	}
	// "10.0.*.*" is a network, which ip: has.
	if numeric {
		return "", "a wildcard in an IP address", "write ip: with a CIDR, such as 10.0.0.0/16"
	}
	return strings.Join(labels, "."), "", ""
}

// tooWide reports whether a host pattern leaves open whose domain it is: "*", "*.com",
// "api.*.com", "example.*".
func tooWide(host string) bool {
	if !strings.Contains(host, "*") {
		return false
	}
	// The last two labels are what is registered, as a rule.
	labels := strings.Split(host, ".")
	n := len(labels)
	return n < 2 || strings.Contains(labels[n-1], "*") || labels[n-2] == "*"
}

// wideProblem words that a host opens too much.
func wideProblem(key, host string) *report.Problem {
	if host == "*" {
		return report.OfKey(key, host, " in a whitelist allows every host", "write "+key+": any, with a reason, if that is meant")
	}
	return report.OfKey(key, host, " is too wide for a whitelist",
		`name the domain, such as "*.example.com", or write `+key+": any with a reason")
}
