package store

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// ClaimReply holds the place of r's answer, with Status 0 while it is under
// way, and returns r and true. Where the place is taken it returns what is
// there and false. Of those who claim one place at once, one holds it.
func (s *Store) ClaimReply(ctx context.Context, r access.Reply) (access.Reply, bool, error) {
	type claim struct {
		reply access.Reply
		held  bool
	}
	c, err := write(ctx, s, func(x *tx) (claim, error) {
		there, found, err := x.reply(r.Environment, r.Key)
		if err != nil || found {
			return claim{reply: there}, err
		}
		held := access.Reply{
			Environment: r.Environment, Key: r.Key, RequestHash: r.RequestHash,
			CreatedAt: r.CreatedAt,
		}
		_, err = x.exec(`
			INSERT INTO reply (environment, key, request_hash, status, content_type, body,
				created_at)
			VALUES ($1, $2, $3, 0, '', '', $4)`,
			string(r.Environment), r.Key, hexOf(r.RequestHash), micros(r.CreatedAt))
		return claim{held, true}, err
	})
	return c.reply, c.held, err
}

// reply returns what is kept for a key, and whether there is something.
func (x *tx) reply(env dnc.Environment, key string) (r access.Reply, found bool, err error) {
	err = x.query(func(row row) error {
		found = true
		r, err = replyRow(row)
		return err
	}, `
		SELECT environment, key, request_hash, status, content_type, body, created_at
		FROM reply
		WHERE environment = $1 AND key = $2`, string(env), key)
	return r, found, err
}

// SaveReply keeps the answer of a reply that was claimed. One that is no
// longer claimed, because it was dropped or its environment removed, is not
// kept.
func (s *Store) SaveReply(ctx context.Context, r access.Reply) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`
			UPDATE reply
			SET status = $3, content_type = $4, body = $5
			WHERE environment = $1 AND key = $2`,
			string(r.Environment), r.Key, int64(r.Status), r.ContentType,
			base64.StdEncoding.EncodeToString(r.Body))
		return err
	})
}

// DropReply gives up a claim: nothing was done, and it may be tried again.
func (s *Store) DropReply(ctx context.Context, env dnc.Environment, key string) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`
			DELETE FROM reply
			WHERE environment = $1 AND key = $2`, string(env), key)
		return err
	})
}

// RemoveRepliesBefore removes the replies claimed before t.
func (s *Store) RemoveRepliesBefore(ctx context.Context, t time.Time) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`DELETE FROM reply WHERE created_at < $1`, micros(t))
		return err
	})
}

func replyRow(r row) (access.Reply, error) {
	var reply access.Reply
	var hash, body string
	var createdAt int64
	err := r.Scan(&reply.Environment, &reply.Key, &hash, &reply.Status, &reply.ContentType,
		&body, &createdAt)
	if err != nil {
		return access.Reply{}, err
	}
	reply.CreatedAt = timeOf(createdAt)
	var hashErr, bodyErr error
	reply.RequestHash, hashErr = hashOf(hash)
	if reply.Body, bodyErr = base64.StdEncoding.DecodeString(body); len(reply.Body) == 0 {
		reply.Body = nil
	}
	return reply, errors.Join(hashErr, bodyErr)
}
