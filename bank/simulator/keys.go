package simulator

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Keys holds the keys and certificates of both sides in PEM format. They are for trials with the simulated bank, are
// valid for a year, and must not be used in production.
type Keys struct {
	CA                    []byte // the CA certificate that signed both certificates
	BankCert, BankCertKey []byte // the certificate of the bank's server, and its private key
	Cert, CertKey         []byte // the payer's client certificate, and its private key
	Key, PublicKey        []byte // the keys that sign and verify the payer's requests
}

// The names of the files in a folder of keys.
const (
	CAFile          = "ca.pem"
	BankCertFile    = "bank-cert.pem"
	BankCertKeyFile = "bank-cert-key.pem"
	CertFile        = "cert.pem"
	CertKeyFile     = "cert-key.pem"
	KeyFile         = "key.pem"
	PublicKeyFile   = "key-public.pem"
)

func (k *Keys) files() map[string]*[]byte {
	return map[string]*[]byte{
		CAFile: &k.CA, BankCertFile: &k.BankCert, BankCertKeyFile: &k.BankCertKey,
		CertFile: &k.Cert, CertKeyFile: &k.CertKey, KeyFile: &k.Key, PublicKeyFile: &k.PublicKey,
	}
}

// NewKeys generates the keys for a bank that runs on this machine under the given host names.
func NewKeys(hosts ...string) (Keys, error) {
	m := &maker{}
	authority, authorityKey := m.template("Terrace trial authority"), m.newKey()
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	server, serverKey := m.template("Terrace trial bank"), m.newKey()
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			server.IPAddresses = append(server.IPAddresses, ip)
		} else {
			server.DNSNames = append(server.DNSNames, host)
		}
	}
	client, clientKey := m.template("Terrace trial payer"), m.newKey()
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	m.note(err)
	keys := Keys{
		CA:       m.certificate(authority, authority, authorityKey, authorityKey),
		BankCert: m.certificate(server, authority, serverKey, authorityKey), BankCertKey: m.private(serverKey),
		Cert: m.certificate(client, authority, clientKey, authorityKey), CertKey: m.private(clientKey),
		Key: m.private(private), PublicKey: m.public(public),
	}
	return keys, m.err
}

// maker generates keys and certificates. It stops at the first error.
type maker struct{ err error }

func (m *maker) note(err error) { m.err = errors.Join(m.err, err) }

func (m *maker) template(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	m.note(err)
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
}

func (m *maker) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.note(err)
	return key
}

func (m *maker) certificate(subject, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey) []byte {
	der, err := x509.CreateCertificate(rand.Reader, subject, issuer, key.Public(), issuerKey)
	m.note(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (m *maker) private(key any) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	m.note(err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func (m *maker) public(key any) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	m.note(err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// Write writes the keys to a folder. It never overwrites a file.
func (k Keys) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, text := range k.files() {
		file, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names the folder
		if err != nil {
			return err
		}
		_, err = file.Write(*text)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// ReadKeys reads the keys from a folder written by Write.
func ReadKeys(folder string) (Keys, error) {
	k := Keys{}
	for name, text := range k.files() {
		var err error
		if *text, err = os.ReadFile(filepath.Join(folder, name)); err != nil { //nolint:gosec // the operator names the folder
			return k, err
		}
	}
	return k, nil
}

// Payer returns the public key that verifies the payer's requests.
func (k Keys) Payer() (ed25519.PublicKey, error) {
	block, _ := pem.Decode(k.PublicKey)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", PublicKeyFile)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s is not an Ed25519 public key", PublicKeyFile)
	}
	return key, nil
}

// TLS returns the configuration that makes the bank's server require a certificate signed by the CA from every client.
func (k Keys) TLS() (*tls.Config, error) {
	pair, err := tls.X509KeyPair(k.BankCert, k.BankCertKey)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", BankCertFile, BankCertKeyFile, err)
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(k.CA) {
		return nil, fmt.Errorf("%s holds no certificate", CAFile)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}, nil
}
