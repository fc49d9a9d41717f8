package mask

import "strings"

// path masks the path of a URL at a host, and the URLs inside it. The paths of AWS's APIs hold
// names, those of webhooks are secrets, and others are searched.
func path(host, p string) string {
	var b strings.Builder
	for {
		at, slashes := innerURL(p)
		if at < 0 {
			break
		}
		b.WriteString(onePath(host, p[:at]))
		b.WriteString(p[at:slashes])
		p = p[slashes:]
		end := strings.IndexAny(p, `/\`)
		if end < 0 {
			end = len(p)
		}
		host, p = Host(p[:end]), p[end:]
		if _, port, ok := strings.Cut(host, ":"); ok && host[0] != '[' && countDigits(port) < len(port) {
			host = Masked // the user of a URL whose password has a slash
		}
		b.WriteString(host)
	}
	if b.Len() == 0 {
		return onePath(host, p)
	}
	b.WriteString(onePath(host, p))
	return b.String()
}

// innerURL finds a URL in a path. It begins at from, and its host after the slashes. Proxies merge
// slashes, so that one is enough.
func innerURL(p string) (from, host int) {
	for at := 0; ; {
		i := strings.Index(p[at:], ":/")
		if i < 0 {
			return -1, -1
		}
		colon := at + i
		from, at = colon, colon+1
		for from > 0 && isAlnum(p[from-1]) && colon-from < maxScheme {
			from--
		}
		switch strings.ToLower(p[from:colon]) {
		case "http", "https", "ws", "wss", "ftp":
			host = colon + 1
			for host < len(p) && p[host] == '/' {
				host++
			}
			return from, host
		}
	}
}

const maxScheme = len("https")

func onePath(host, p string) string {
	if p == "" {
		return ""
	}
	names, data := pathAtAWS(host, p)
	if data == "" {
		return names
	}
	return names + hooks(host, data)
}

// pathAtAWS cuts the path of a request to AWS into what holds names and what holds data. The paths
// of APIs hold names, such as those of functions. S3 has keys after a bucket, and what customers
// serve at hosts of AWS has any data. Elsewhere all is data.
func pathAtAWS(host, p string) (names, data string) {
	rest, ok := atAWS(host)
	if !ok {
		return "", p
	}
	labels := strings.Split(rest, ".")
	for i, l := range labels {
		if l == "s3" || strings.HasPrefix(l, "s3-") || strings.HasPrefix(l, "s3express-") {
			if i > 0 {
				return "", p // the bucket is in the host
			}
			if i := strings.IndexByte(p[1:], '/'); i >= 0 {
				return p[:i+2], p[i+2:]
			}
			return p, ""
		}
	}
	switch len(labels) {
	case 1:
		return p, ""
	case 2:
		if isRegion(labels[0]) || isRegion(labels[1]) {
			return p, ""
		}
	case 3:
		switch labels[0] {
		case "api", "runtime", "streams", "portal", "data", "control":
			return p, ""
		}
	}
	return "", p
}

// atAWS returns the labels of a host in front of AWS's domain. ok is false for other hosts.
func atAWS(host string) (labels string, ok bool) {
	host = plainHost(host)
	for _, domain := range [...]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu", ".api.amazonwebservices.com.cn"} {
		if labels, ok = strings.CutSuffix(host, domain); ok {
			return labels, true
		}
	}
	return "", false
}

// plainHost is a host in lower case, without its port and a trailing dot.
func plainHost(host string) string {
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 && countDigits(host[i+1:]) == len(host)-i-1 {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}

// isRegion reports a label such as eu-west-1.
func isRegion(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 3 && i+2 == len(s) && isDigit(s[i+1]) && strings.IndexByte(s[:i], '-') >= 2
}
