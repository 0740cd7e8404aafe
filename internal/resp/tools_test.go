package resp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nocall/internal/resp"
)

// tool returns a command of Redis's own with the arguments that connect it.
func (h *house) tool(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not there; install the package redis-tools", name)
	}
	host, port, err := net.SplitHostPort(h.at)
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"-h", host, "-p", port}, args...)
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+h.key)
	return cmd
}

// TestRedisCLI asks with Redis's own client.
func TestRedisCLI(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct{ ask, want string }{
		{"SISMEMBER production " + listed, "1\n"},
		{"SMISMEMBER production " + listed + " " + clear, "1\n0\n"},
		{"SISMEMBER production nobody", "ERR number cannot be read: "},
		{"SISMEMBER sandbox " + clear, "NOPERM "},
		{"-3 SISMEMBER production " + clear, "0\n"},
		{"-3 HELLO 3", "server redis\n"},
		{"PING", "PONG\n"},
	} {
		said, err := h.tool(t, "redis-cli", strings.Fields(test.ask)...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(said), test.want) {
			t.Errorf("%s: %q, %v; want %q", test.ask, said, err, test.want)
		}
	}
	cmd := h.tool(t, "redis-cli", "SISMEMBER", "production", clear)
	cmd.Env = append(cmd.Env, "REDISCLI_AUTH=wrong")
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "NOAUTH ") {
		t.Errorf("with a wrong key: %q, %v", said, err)
	}
}

// TestRedisBenchmark is asked by Redis's own load generator, which makes do
// without an answer to CONFIG.
func TestRedisBenchmark(t *testing.T) {
	h := newHouse(t)
	said, err := h.tool(t, "redis-benchmark", "-a", h.key, "-c", "8", "-P", "100", "-n", "20000",
		"-r", "100000000", "-q", "SISMEMBER", "production", "431__rand_int__").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "requests per second") {
		t.Errorf("%q, %v", said, err)
	}
}

// TestTLS lets clients in that speak TLS, and others not.
func TestTLS(t *testing.T) {
	h := newHouse(t)
	h.closed()
	cert, key := certificate(t)
	h.open(t, resp.Door{Address: "127.0.0.1:0", CertFile: cert, KeyFile: key})
	said, err := h.tool(t, "redis-cli", "--tls", "--cacert", cert,
		"SISMEMBER", "production", listed).CombinedOutput()
	if err != nil || string(said) != "1\n" {
		t.Errorf("by TLS: %q, %v", said, err)
	}
	l := h.dial(t)
	l.send(request("AUTH", h.key))
	if got := l.answer(); got == "+OK" {
		t.Error("without TLS a key is taken")
	}
}

// certificate makes one for this machine, and returns its files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(
		rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for name, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: made}, key: {Type: "PRIVATE KEY", Bytes: text},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
