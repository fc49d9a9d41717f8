package pattern

import (
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
)

// This file knows hosts that anybody can have, and hosts that take signed calls only.

// sharedDomains are some of the domains under which anybody can have a host: a whitelist entry
// for all of them lets data out to everybody. The public suffix list has all, at the price of its
// size.
var sharedDomains = []string{
	"amazoncognito.com", "amplifyapp.com", "appspot.com", "awsapprunner.com", "awsapps.com", "azure-api.net", "azureedge.net", "azurewebsites.net", "blob.core.windows.net", "cloudapp.net",
	"cloudfront.net", "cloudfunctions.net", "digitaloceanspaces.com", "firebaseapp.com", "firebaseio.com", "fly.dev", "github.io",
	"googleusercontent.com", "netlify.com", "r2.cloudflarestorage.com", "backblazeb2.com", "wasabisys.com", "linodeobjects.com",
	"githubusercontent.com", "gitlab.io", "herokuapp.com", "myshopify.com", "netlify.app", "ngrok.app", "ngrok.io", "onrender.com",
	"pages.dev", "r2.dev", "run.app", "storage.googleapis.com", "supabase.co", "trycloudflare.com", "vercel.app", "web.app",
	"windows.net", "workers.dev",
	"b-cdn.net", "bitbucket.io", "blogspot.com", "cloudapp.azure.com", "cn.com", "de.com", "duckdns.org", "elasticbeanstalk.com", "eu.org",
	"glitch.me", "gradio.live", "hf.space", "localtest.me", "loca.lt", "mockapi.io", "ngrok-free.app", "ngrok-free.dev", "ngrok.dev",
	"nip.io", "no-ip.org", "notion.site", "ondigitalocean.app", "repl.co", "replit.app", "replit.dev", "serveo.net", "sslip.io",
	"streamlit.app", "surge.sh", "uk.com", "up.railway.app", "us.com", "webflow.io", "wixsite.com", "wordpress.com", "xip.io",
	"zapto.org", "ddns.net", "tunnelmole.net",
	// catchers of requests
	"beeceptor.com", "burpcollaborator.net", "dnslog.cn", "interact.sh", "m.pipedream.net", "oast.fun", "oast.live", "oast.me", "oast.online",
	"oast.pro", "oast.site", "oastify.com", "requestcatcher.com", "webhook.site",
}

// sharedDomain reports whether anybody can have a host under a domain.
func sharedDomain(domain string) bool {
	// awsname has those of AWS.
	if slices.Contains(sharedDomains, domain) || awsname.Shared(domain) {
		return true
	}
	first, country, _ := strings.Cut(domain, ".")
	return secondLevelDomain(first, country) // *.co.uk, *.com.au
}

// signedOnly returns the service whose API endpoint a host is, when that API takes no unsigned
// requests; "" otherwise.
func signedOnly(host string) string {
	// A name with a dot belongs to a customer: a bucket, an API.
	h, ok := awsname.Parse(host)
	if !ok || strings.ContainsAny(h.Name, ".*") || h.VPC {
		return ""
	}
	switch h.Name { // these also serve public objects, keys, tokens or web pages
	case "s3", "sts", "cognito-idp", "cognito-identity", "oidc", "portal", "scim", "sso", "signin", "execute-api", "iot", "sns", "mobileanalytics":
		return ""
	}
	prefix, ok := awsops.Service(h.Name)
	if !ok {
		return ""
	}
	return prefix
}

// NamesAWSHost reports whether an http: pattern names a host of AWS's in full. It then also allows
// what another account signed for that host.
func NamesAWSHost(p Pattern) bool {
	h, ok := p.(*HTTP)
	return ok && !strings.Contains(h.Host, "*") && awsname.MayBeEndpoint(h.Host)
}
