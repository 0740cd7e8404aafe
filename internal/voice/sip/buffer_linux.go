package sip

import (
	"net"
	"syscall"
)

// soRcvbufForce sets a receive buffer beyond the system's limit, as root may.
const soRcvbufForce = 33

// bufferBytes is the receive buffer of the signalling socket: with the usual
// one, bursts of some hundred messages are lost and sent again.
const bufferBytes = 8 << 20

func enlarge(conn *net.UDPConn) {
	conn.SetReadBuffer(bufferBytes) // as far as the system allows
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soRcvbufForce, bufferBytes)
	})
}
