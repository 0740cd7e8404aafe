//go:build !linux

package sip

import "net"

// bufferBytes is the receive buffer of the signalling socket: with the usual
// one, bursts of some hundred messages are lost and sent again.
const bufferBytes = 8 << 20

func enlarge(conn *net.UDPConn) { conn.SetReadBuffer(bufferBytes) }
