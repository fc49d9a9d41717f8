package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// sharedDomains are some of the domains under which anybody can have a host: a whitelist entry for all of them lets data
// out to everybody. The public suffix list has all, at the price of its size.
var sharedDomains = []string{
	"appspot.com", "azure-api.net", "azureedge.net", "azurewebsites.net", "blob.core.windows.net", "cloudapp.net",
	"cloudfront.net", "cloudfunctions.net", "digitaloceanspaces.com", "firebaseapp.com", "firebaseio.com", "fly.dev", "github.io",
	"githubusercontent.com", "gitlab.io", "herokuapp.com", "myshopify.com", "netlify.app", "ngrok.app", "ngrok.io", "onrender.com",
	"pages.dev", "r2.dev", "run.app", "storage.googleapis.com", "supabase.co", "trycloudflare.com", "vercel.app", "web.app",
	"windows.net", "workers.dev",
}

// shared reports whether anybody can have a host under a domain.
func SharedDomain(domain string) bool {
	if slices.Contains(sharedDomains, domain) || domain == "amazonaws.com" || domain == "on.aws" {
		return true
	}
	first, rest, _ := strings.Cut(domain, ".")
	if strings.HasSuffix(domain, ".amazonaws.com") || strings.HasSuffix(domain, ".amazonaws.com.cn") || strings.HasSuffix(domain, ".on.aws") {
		switch first { // *.s3.eu-west-1.amazonaws.com, *.lambda-url.eu-west-1.on.aws
		case "s3", "execute-api", "elb", "lambda-url", "elasticbeanstalk", "compute", "iot":
			return true
		}
		return awsRegion(first)
	}
	switch first { // *.co.uk, *.com.au
	case "co", "com", "net", "org", "gov", "edu", "ac":
		return len(rest) == 2
	}
	return false
}

// awsRegion reports whether a label looks like a region: eu-west-1.
func awsRegion(label string) bool {
	return strings.Count(label, "-") >= 2 && label[len(label)-1] >= '0' && label[len(label)-1] <= '9'
}

// signedOnly returns the service whose API endpoint a host is, when that API takes no unsigned requests; "" otherwise.
func SignedOnly(host string) string {
	name, ok := strings.CutSuffix(strings.TrimSuffix(host, ".cn"), ".amazonaws.com")
	label, region, regional := strings.Cut(name, ".")
	if !ok || regional && strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	switch label { // serve public objects, keys, tokens or web pages as well
	case "s3", "sts", "cognito-idp", "cognito-identity", "oidc", "portal", "scim", "sso", "signin", "execute-api", "iot", "sns", "mobileanalytics":
		return ""
	}
	prefix, ok := awsops.Service(label)
	if !ok {
		return ""
	}
	return prefix
}
