package notify

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/proxies"
)

// An Env holds what the sinks read from the environment: the region, credentials and endpoints of
// AWS, and proxies. [ReadEnv] reads it once. It never changes afterwards, so code that writes the
// environment later cannot redirect alerts. It may be used by several goroutines at once.
type Env struct {
	region       string // of calls that do not name one
	keyID        string
	secretKey    string
	sessionToken string
	container    containerEnv
	endpoint     string               // of every service
	endpoints    [serviceCount]string // of one service
	fips         bool                 // whether to use FIPS endpoints
	caBundle     string               // the file with the certificates that AWS's endpoints may use
	extension    string               // the port of the AWS Parameters and Secrets extension; "": none
	proxies      *proxies.Proxies     // for all sinks
}

// A containerEnv says where a container, or Lambda, serves the credentials of its role.
type containerEnv struct {
	full      string // a URL
	relative  string // a path at containerHost
	token     string // goes into the header Authorization
	tokenFile string // holds the token; it is read before each use, because it may be replaced
}

// ReadEnv reads an Env by getenv; nil means [os.Getenv]. getenv returns "" for a variable that is
// not set. These variables are read:
//
//   - AWS_REGION, AWS_DEFAULT_REGION
//   - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   - AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
//     AWS_CONTAINER_AUTHORIZATION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
//   - AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_EVENTBRIDGE, AWS_ENDPOINT_URL_SSM,
//     AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
//     AWS_USE_FIPS_ENDPOINT, AWS_CA_BUNDLE
//   - PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, AWS_LAMBDA_RUNTIME_API
//   - HTTP_PROXY, HTTPS_PROXY, NO_PROXY, and the same in lower case
//
// Files of profiles and instance metadata are not read. A function that has its credentials from
// there publishes through a [Notifier] of its own; see the package's examples.
func ReadEnv(getenv func(string) string) *Env {
	if getenv == nil {
		getenv = os.Getenv
	}
	// The first one that is set counts, as in the SDK.
	first := func(names ...string) string {
		for _, name := range names {
			if v := getenv(name); v != "" {
				return v
			}
		}
		return ""
	}
	e := &Env{
		region:       first("AWS_REGION", "AWS_DEFAULT_REGION"),
		keyID:        getenv("AWS_ACCESS_KEY_ID"),
		secretKey:    getenv("AWS_SECRET_ACCESS_KEY"),
		sessionToken: getenv("AWS_SESSION_TOKEN"),
		container: containerEnv{
			full:      getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
			relative:  getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
			token:     getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
			tokenFile: getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
		},
		fips:      strings.EqualFold(getenv("AWS_USE_FIPS_ENDPOINT"), "true"),
		caBundle:  getenv("AWS_CA_BUNDLE"),
		extension: getenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"),
		proxies:   proxies.Read(getenv),
	}
	if !strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		e.endpoint = getenv("AWS_ENDPOINT_URL")
		for s := range e.endpoints {
			e.endpoints[s] = getenv("AWS_ENDPOINT_URL_" + awsServices[s].id)
		}
	}
	// 2773 is the extension's port by default. Outside of Lambda there is none to ask.
	if e.extension == "" && getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		e.extension = "2773"
	}
	return e
}

// proxyFor returns the function that a transport asks for a proxy. Plain http goes without one: it
// only reaches this machine and endpoints that the environment names, and may carry credentials.
func (e *Env) proxyFor() func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme == "http" && isLocal(r.URL.Hostname()) {
			return nil, nil
		}
		return e.proxies.For(r.URL), nil
	}
}

// roots returns the certificates of AWS_CA_BUNDLE; nil means those of the system.
func (e *Env) roots() *x509.CertPool {
	if e.caBundle == "" {
		return nil
	}
	pool := x509.NewCertPool() // empty, and so nothing verifies, if the file cannot be read
	// The system's certificates must not take its place: AWS_CA_BUNDLE may be there to exclude
	// them.
	if pem, err := os.ReadFile(e.caBundle); err == nil {
		pool.AppendCertsFromPEM(pem)
	}
	return pool
}

// isLocal reports whether host is this machine or one of the addresses at which containers get
// their credentials. A name other than localhost is not: it may resolve to anything.
func isLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" {
		return false
	}
	switch ip.Unmap().String() {
	// AWS's SDKs allow plain http to the same addresses.
	case "169.254.170.2", "169.254.170.23", "fd00:ec2::23": // ECS; EKS Pod Identity
		return true
	}
	return ip.Unmap().IsLoopback()
}

// isPort reports whether s is a TCP port in decimal digits.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16) // takes neither signs nor blanks
	return err == nil && n > 0
}
