package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// An internet is all the hosts of the example, in this process. The function reaches it through
// HTTPS_PROXY, so its clients, host names and TLS are what they would be in production.
type internet struct {
	// hosts has a handler for each host name. Nothing else can be reached.
	hosts map[string]http.HandlerFunc
	// The proxy takes connections from the function, and hands them to sites when they speak TLS.
	proxy *http.Server
	sites *http.Server
	conns connListener
	addr  string
	// caPEM is the certificate authority of this run, which the function trusts alone.
	caPEM []byte

	mu   sync.Mutex
	seen []arrival
}

// An arrival is a request that reached a host: proof that a call went out.
type arrival struct {
	host, what string // "sqs.eu-west-1.amazonaws.com", "ReceiveMessage" or "POST /v1/charges"
	body       string
}

// startInternet starts the proxy on a free port of loopback.
func startInternet(hosts map[string]http.HandlerFunc) (*internet, error) {
	n := &internet{hosts: hosts, conns: connListener{make(chan net.Conn), make(chan struct{})}}
	cert, err := n.certificate()
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n.addr = ln.Addr().String()
	n.sites = &http.Server{Handler: http.HandlerFunc(n.site)}
	n.proxy = &http.Server{Handler: n.connect(&tls.Config{Certificates: []tls.Certificate{cert}})}
	go n.sites.Serve(n.conns)
	go n.proxy.Serve(ln)
	return n, nil
}

// Close ends all connections, also those that clients keep for later.
func (n *internet) Close() {
	n.proxy.Close()
	n.sites.Close()
}

// connect answers CONNECT host:443 and speaks TLS as that host.
func (n *internet) connect(conf *tls.Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.Host)
		// All clients use HTTPS, so that the proxy needs no other method.
		if r.Method != http.MethodConnect || n.hosts[host] == nil {
			http.Error(w, "this little internet has no "+r.Host, http.StatusBadGateway)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		// From here on, the function's client speaks TLS with the host that it asked for.
		io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		select {
		case n.conns.next <- tls.Server(conn, conf):
		case <-n.conns.closed:
			conn.Close()
		}
	})
}

// site notes a request and lets its host respond. The body is read first, for the record.
func (n *internet) site(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	what := r.Method + " " + r.URL.Path
	// Services of AWS that speak JSON name the operation in this header.
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		what = operation
	}
	n.mu.Lock()
	n.seen = append(n.seen, arrival{r.Host, what, string(body)})
	n.mu.Unlock()
	n.hosts[r.Host](w, r)
}

// arrivals takes what has reached a host since the last time it was asked.
func (n *internet) arrivals(host string) []arrival {
	n.mu.Lock()
	defer n.mu.Unlock()
	var here []arrival
	n.seen = slices.DeleteFunc(n.seen, func(a arrival) bool {
		if a.host == host {
			here = append(here, a)
		}
		return a.host == host
	})
	return here
}

// certificate makes a certificate authority for this run and a certificate for all hosts.
func (n *internet) certificate() (tls.Certificate, error) {
	var none tls.Certificate
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return none, err
	}
	// An hour is enough for one run, and the key is never written to a file.
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "quickstart"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return none, err
	}
	n.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return none, err
	}
	// One certificate names all hosts, so that the servers need not choose.
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: ca.Subject, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for host := range n.hosts {
		leaf.DNSNames = append(leaf.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// A connListener hands connections that are already open to an http.Server.
type connListener struct {
	next   chan net.Conn
	closed chan struct{}
}

// Accept waits for the next connection of the proxy.
func (l connListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.next:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l connListener) Close() error   { close(l.closed); return nil }
func (l connListener) Addr() net.Addr { return &net.TCPAddr{} }

// The hosts of the example.
const (
	stripe    = "api.stripe.com"
	slack     = "hooks.slack.com"
	collector = "collect.evil.example"
	dynamoDB  = "dynamodb.eu-west-1.amazonaws.com"
	sqsHost   = "sqs.eu-west-1.amazonaws.com"
	snsHost   = "sns.eu-west-1.amazonaws.com"
)

// hosts answer just enough for the real clients.
func hosts() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		stripe:    text("application/json", `{"id":"ch_1","paid":true}`),
		collector: text("text/plain", "thank you"),
		slack:     text("text/plain", "ok"),
		dynamoDB:  text("application/x-amz-json-1.0", `{}`),
		sqsHost:   receive,
		snsHost:   text("text/xml", `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`),
	}
}

// text responds to every request with the same body.
func text(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

// receive is SQS with one message in the queue. The client checks the MD5 sum.
func receive(w http.ResponseWriter, r *http.Request) {
	const message = "a message that was for someone else"
	sum := md5.Sum([]byte(message))
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	fmt.Fprintf(w, `{"Messages":[{"MessageId":"1","ReceiptHandle":"1","Body":%q,"MD5OfBody":%q}]}`, message, hex.EncodeToString(sum[:]))
}
