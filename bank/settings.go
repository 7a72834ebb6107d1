package bank

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// DefaultTimeout is how long the gateway waits for a response if Settings does not say otherwise.
const DefaultTimeout = 30 * time.Second

// Settings configures the gateway. Keys and certificates are in PEM format.
type Settings struct {
	URL     string        // the bank's base URL; it must be https, unless the bank runs on this machine
	Key     string        // the Ed25519 private key (PKCS #8) that signs requests
	Cert    string        // the client certificate (required for https)
	CertKey string        // the private key of the client certificate
	CA      string        // the CA certificate for the bank's server (required for https)
	Timeout time.Duration // how long to wait for a response; 0 means DefaultTimeout
}

// Open checks the settings and returns a gateway. It does not connect to the bank.
func Open(s Settings) (*Gateway, error) {
	base, err := baseURL(s.URL)
	if err != nil {
		return nil, err
	}
	key, err := SigningKey(s.Key)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DisableKeepAlives:      true, // a request on a connection of its own is never sent a second time
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 16 << 10,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	}
	if base.Scheme == "https" {
		if transport.TLSClientConfig, err = s.tls(); err != nil {
			return nil, err
		}
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	return &Gateway{base: base, key: key, now: time.Now, client: &http.Client{
		Transport: transport, Timeout: s.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func baseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("TERRACE_BANK_URL is not set: give the address of the bank, https://…; “terrace bank --help” says how to try one on this machine")
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("TERRACE_BANK_URL is not an address like https://bank.example/v1")
	}
	ip := net.ParseIP(base.Hostname())
	local := base.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if base.Scheme != "https" && (base.Scheme != "http" || !local) {
		return nil, errors.New("TERRACE_BANK_URL must begin with https://; plain http is for this machine only")
	}
	return base, nil
}

// SigningKey parses the private key that signs requests.
func SigningKey(text string) (ed25519.PrivateKey, error) {
	if text == "" {
		return nil, errors.New("TERRACE_BANK_KEY is not set: name the file of the Ed25519 private key in TERRACE_BANK_KEY_FILE; “openssl genpkey -algorithm ed25519” makes one")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("TERRACE_BANK_KEY is not PEM; “openssl genpkey -algorithm ed25519” makes one")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("TERRACE_BANK_KEY is not an Ed25519 private key (PKCS #8); “openssl genpkey -algorithm ed25519” makes one")
	}
	return key, nil
}

func (s Settings) tls() (*tls.Config, error) {
	for _, needed := range []struct{ name, value, what string }{
		{"TERRACE_BANK_CERT", s.Cert, "the client certificate the bank has issued"},
		{"TERRACE_BANK_CERT_KEY", s.CertKey, "the private key of the client certificate"},
		{"TERRACE_BANK_CA", s.CA, "the certificate of the authority that vouches for the bank's server"},
	} {
		if needed.value == "" {
			return nil, fmt.Errorf("%s is not set: name the file with %s in %s_FILE", needed.name, needed.what, needed.name)
		}
	}
	pair, err := tls.X509KeyPair([]byte(s.Cert), []byte(s.CertKey))
	if err != nil {
		return nil, fmt.Errorf("TERRACE_BANK_CERT and TERRACE_BANK_CERT_KEY do not belong together: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(s.CA)) {
		return nil, errors.New("TERRACE_BANK_CA does not hold a certificate in PEM")
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, RootCAs: roots}, nil
}

// distrust returns why the bank's server certificate was not trusted, or an empty string for any other error.
func distrust(err error) string {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return "its server's certificate is not vouched for by TERRACE_BANK_CA, or is of another host"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS at TERRACE_BANK_URL"
	}
	return ""
}
