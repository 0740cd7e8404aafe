package node

import (
	"context"
	"fmt"
	"net"

	"nocall/internal/dnc"
	"nocall/internal/resp"
)

// redisDoor is where clients of Redis come in. A nil one is not open.
type redisDoor struct {
	net.Listener
	server *resp.Server
}

// openRedis opens the door, if an address for it is set.
func openRedis(c Config) (*redisDoor, error) {
	if c.RedisListen == "" {
		return nil, nil
	}
	l, err := resp.Door{
		Address: c.RedisListen, Plain: c.RedisPlain,
		CertFile: c.RedisCertFile, KeyFile: c.RedisKeyFile,
	}.Listen()
	if err != nil {
		return nil, fmt.Errorf("clients of Redis: %w", err)
	}
	return &redisDoor{Listener: l}, nil
}

// answerBy has clients answered from the node's list.
func (d *redisDoor) answerBy(
	n *Node, region func(context.Context, dnc.Environment) (string, error),
) {
	if d != nil {
		d.server = &resp.Server{
			List: n.list, Access: n.access, Region: region, Ready: n.ready, Log: n.config.Log,
		}
	}
}

// serve answers clients until ctx is done.
func (d *redisDoor) serve(ctx context.Context) error {
	if d == nil {
		return nil
	}
	return d.server.Serve(ctx, d.Listener)
}

func (d *redisDoor) close() error {
	if d == nil {
		return nil
	}
	return d.Listener.Close()
}

// RedisAddress returns where the node listens for clients of Redis, "" for
// nowhere.
func (n *Node) RedisAddress() string {
	if n.redis == nil {
		return ""
	}
	return n.redis.Addr().String()
}
