package backup_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"terrace/backup"
)

// keyFiles writes a pair of keys in openssl's format.
func keyFiles(t *testing.T) (private, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	folder := t.TempDir()
	write := func(name, kind string, der []byte, err error) string {
		must(t, err)
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	private = write("backup.key", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(pub)
	return private, write("backup.pub", "PUBLIC KEY", der, err)
}

func TestASignedBackupIsToldFromOneThatSomebodyMade(t *testing.T) {
	t.Parallel()
	o := found(t)
	private, public := keyFiles(t)
	_, others := keyFiles(t)
	source := o.source()
	var err error
	source.Key, err = backup.ReadPrivateKey(private)
	must(t, err)
	folder := filepath.Join(t.TempDir(), "backup")
	_, err = backup.Make(t.Context(), source, folder, quietly)
	must(t, err)
	resummed := copyOf(t, folder) // an attacker without the key adds a file and lists it everywhere
	must(t, listed("notes.txt")(resummed))
	tests := map[string]struct{ folder, key, want string }{
		"by the key's other half":               {folder, public, ""},
		"by another key":                        {folder, others, "SHA256SUMS.sig: the signature was not made with this key"},
		"over other sums":                       {resummed, public, "SHA256SUMS.sig: the signature was not made with this key"},
		"not at all":                            {o.save(), public, "SHA256SUMS.sig: the backup is not signed"},
		"by a key that nobody asks about":       {folder, "", ""},
		"not at all, and nobody asks for a key": {o.save(), "", ""},
	}
	for name, test := range tests {
		var key ed25519.PublicKey
		if test.key != "" {
			key, err = backup.ReadPublicKey(test.key)
			must(t, err)
		}
		c := check(t, test.folder, key)
		got := ""
		if len(c.Findings) > 0 {
			got = c.Findings[0].String()
		}
		if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") || c.Signed != (test.key != "" && test.want == "") {
			t.Errorf("signed %s: found %q, signed %t", name, got, c.Signed)
		}
		if c.Whole() == (name == "over other sums") {
			t.Errorf("signed %s: whole %t: %v", name, c.Whole(), c.Findings)
		}
		if c.Unproved != (name == "by a key that nobody asks about") {
			t.Errorf("signed %s: unproved %t", name, c.Unproved)
		}
	}
	for _, wrong := range []string{public, folder + "/manifest.json", folder + "/none"} {
		if _, err := backup.ReadPrivateKey(wrong); err == nil {
			t.Errorf("%s counts as a private key", wrong)
		}
	}
	if _, err := backup.ReadPublicKey(private); err == nil || !strings.Contains(err.Error(), "holds a private key: give the public one") {
		t.Error("a private key counts as a public one")
	}
	withoutTerrace(t, folder, public)
}

// withoutTerrace checks a backup with standard tools only.
func withoutTerrace(t *testing.T, folder, public string) {
	t.Helper()
	for _, command := range []string{
		"sha256sum --check --strict --quiet SHA256SUMS",
		"openssl pkeyutl -verify -pubin -inkey " + public + " -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig",
	} {
		words := strings.Fields(command)
		if _, err := exec.LookPath(words[0]); err != nil {
			t.Logf("no %s on this machine", words[0])
			continue
		}
		cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
		cmd.Dir = folder
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
}
