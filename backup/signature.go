package backup

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// ReadPrivateKey reads the key that signs backups: an Ed25519 key in PKCS #8 and PEM, as written by “openssl genpkey
// -algorithm ed25519”.
func ReadPrivateKey(path string) (ed25519.PrivateKey, error) {
	key, err := readKey(path, func(der []byte) (any, error) { return x509.ParsePKCS8PrivateKey(der) })
	if err != nil {
		return nil, err
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s does not hold an Ed25519 private key", path)
	}
	return private, nil
}

// ReadPublicKey reads the public key that verifies backups, as written by “openssl pkey -pubout”.
func ReadPublicKey(path string) (ed25519.PublicKey, error) {
	key, err := readKey(path, x509.ParsePKIXPublicKey)
	if _, private := readKey(path, x509.ParsePKCS8PrivateKey); err != nil && private == nil {
		return nil, fmt.Errorf("%s holds a private key: give the public one, which “openssl pkey -in FILE -pubout” makes from it", path)
	}
	if err != nil {
		return nil, err
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%s does not hold an Ed25519 public key", path)
	}
	return public, nil
}

func readKey(path string, parse func([]byte) (any, error)) (any, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not a PEM file", path)
	}
	key, err := parse(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

var (
	errUnsigned  = errors.New("the backup is not signed: leave out --key only if nobody else could write where it was kept")
	errSignature = errors.New("the signature was not made with this key, or " + sumsFile + " was changed: give the public key that belongs to the one it was signed with, or use another backup")
)

// checkSignature verifies the signature of SHA256SUMS.
func checkSignature(folder *os.Root, sums []byte, key ed25519.PublicKey) error {
	signed, err := folder.ReadFile(signatureFile)
	if errors.Is(err, os.ErrNotExist) {
		return errUnsigned
	}
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, sums, signed) {
		return errSignature
	}
	return nil
}
