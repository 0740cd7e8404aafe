package resp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// ErrPlain reports an address that other machines reach, on which keys would go
// over the network for anybody to read.
var ErrPlain = errors.New("other machines reach this address, and keys would not be encrypted")

// Door says where clients come in.
type Door struct {
	Address  string // such as 127.0.0.1:6379
	CertFile string // with KeyFile, in PEM: clients speak TLS; "" for none
	KeyFile  string
	Plain    bool // without TLS other machines are let in all the same
}

// Listen opens the door. Without TLS it is [ErrPlain] to open it for other
// machines, unless that is said to be meant.
func (d Door) Listen() (net.Listener, error) {
	address, err := net.ResolveTCPAddr("tcp", d.Address)
	if err != nil {
		return nil, err
	}
	secret := d.CertFile != "" || d.KeyFile != ""
	if !secret && !d.Plain && !address.IP.IsLoopback() {
		return nil, fmt.Errorf("listen on %s: %w", d.Address, ErrPlain)
	}
	if !secret {
		return net.ListenTCP("tcp", address)
	}
	pair, err := tls.LoadX509KeyPair(d.CertFile, d.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate for clients of Redis: %w", err)
	}
	l, err := net.ListenTCP("tcp", address)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}}), nil
}
