//go:build linux

package faulttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// This file has receivers that speak TLS, and fail at it.

// trusted is a certificate for 127.0.0.1 that this process trusts, stranger one that it does not,
// expired one that is over.
var trusted, stranger, expired tls.Certificate

// trust makes the certificates, and has the process trust one of them. It must be called before the
// first use of TLS.
func trust(dir string) error {
	file := filepath.Join(dir, "roots.pem")
	var err error
	if stranger, _, err = certificate(time.Hour); err != nil {
		return err
	}
	var roots, old []byte
	if trusted, roots, err = certificate(time.Hour); err != nil {
		return err
	}
	if expired, old, err = certificate(-time.Hour); err != nil {
		return err
	}
	if err := os.WriteFile(file, append(roots, old...), 0o600); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_FILE", file)
}

// certificate returns a certificate that signs itself, and its text.
func certificate(left time.Duration) (c tls.Certificate, text []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return c, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: serial.String()}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(left), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return c, nil, err
	}
	text = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text, nil
}

// overTLS returns a connection that is c with TLS around it, or nil if the fault ended it.
func (r *receiver) overTLS(c net.Conn) net.Conn {
	use := trusted
	if !r.works() {
		switch r.fault {
		case "tls-hang":
			<-r.over
			return nil
		case "tls-reset":
			_, _ = io.CopyN(io.Discard, c, 50)
			reset(c)
			return nil
		case "tls-garbage":
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			return nil
		case "tls-stranger":
			use = stranger
		case "tls-expired":
			use = expired
		case "tls-alert":
			_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) // handshake_failure
			return nil
		}
	}
	return tls.Server(c, &tls.Config{Certificates: []tls.Certificate{use}, NextProtos: []string{"h2", "http/1.1"}})
}
