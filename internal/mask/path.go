package mask

import "strings"

// path masks the path of a URL at a host, and the URLs inside it. The paths of AWS's APIs hold
// names, those of webhooks are secrets, and others are searched.
func path(host, p string) string {
	// A path may hold further URLs: /fetch/https://user:pw@host/x. Each is masked by its own host.
	var b strings.Builder
	for {
		at, slashes := innerURL(p)
		if at < 0 {
			break
		}
		// What is in front of the URL belongs to the host before it.
		b.WriteString(onePath(host, p[:at]))
		b.WriteString(p[at:slashes])
		p = p[slashes:]
		// The host of the inner URL goes to the next slash, as in URL.
		end := strings.IndexAny(p, `/\`)
		if end < 0 {
			end = len(p)
		}
		host, p = Host(p[:end]), p[end:]
		// A port has digits only. Anything else means that the @ is behind a slash.
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

// innerURL finds a URL in a path. It begins at from, and its host after the slashes. Both are -1 if
// there is none. Proxies merge slashes, so that one is enough: http:/host.
func innerURL(p string) (from, host int) {
	for at := 0; ; {
		i := strings.Index(p[at:], ":/")
		if i < 0 {
			return -1, -1
		}
		colon := at + i
		from, at = colon, colon+1
		// The scheme is read backwards, and no further than the longest one, so that time stays
		// linear.
		for from > 0 && isAlnum(p[from-1]) && colon-from < maxScheme {
			from--
		}
		// Other words before a colon are names: "table:/x", "C:/x".
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

// maxScheme is the length of the longest scheme that innerURL knows.
const maxScheme = len("https")

// onePath masks a path that holds no further URL. Names at AWS stay; the rest is searched.
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
	// rest has what is in front of the domain: s3.eu-west-1, or bucket.s3, or lambda.eu-west-1.
	labels := strings.Split(rest, ".")
	for i, l := range labels {
		// s3-eu-west-1 and s3express-euw1-az1 are older and newer spellings of s3's hosts.
		if l == "s3" || strings.HasPrefix(l, "s3-") || strings.HasPrefix(l, "s3express-") {
			if i > 0 {
				return "", p // the bucket is in the host
			}
			// In path style, the first segment is the bucket, which is a name: /bucket/key.
			if i := strings.IndexByte(p[1:], '/'); i >= 0 {
				return p[:i+2], p[i+2:]
			}
			return p, ""
		}
	}
	// What remains is an API by its number of labels, or what a customer serves.
	switch len(labels) {
	// A global service: sts.amazonaws.com.
	case 1:
		return p, ""
	// lambda.eu-west-1, or in the older order eu-west-1.queue.
	case 2:
		if isRegion(labels[0]) || isRegion(labels[1]) {
			return p, ""
		}
	// Services with a second endpoint: api.ecr.eu-west-1, streams.dynamodb.eu-west-1.
	case 3:
		switch labels[0] {
		case "api", "runtime", "streams", "portal", "data", "control":
			return p, ""
		}
	}
	// Among others API Gateway: abc123.execute-api.eu-west-1 has any path.
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

// plainHost is a host in lower case, without its port and one trailing dot. "A.com.:443" is a.com.
func plainHost(host string) string {
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 && countDigits(host[i+1:]) == len(host)-i-1 {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}

// isRegion reports a label such as eu-west-1: one digit at the end, and two hyphens or more.
func isRegion(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i > 3 && i+2 == len(s) && isDigit(s[i+1]) && strings.IndexByte(s[:i], '-') >= 2
}
