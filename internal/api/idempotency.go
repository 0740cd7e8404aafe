package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// idempotencyKey is the header with which a request says that it may come
// twice and is to be carried out once.
const idempotencyKey = "Idempotency-Key"

// replyLife is how long an answer is kept for a request that comes again.
const replyLife = 24 * time.Hour

// maxIdempotencyKey is the greatest length of an Idempotency-Key in bytes.
const maxIdempotencyKey = 255

// replies looks after the answers that are kept.
type replies struct {
	since time.Time // from when on this process has answered

	mu    sync.Mutex // guards following
	swept time.Time
}

// idempotent carries out a request with an Idempotency-Key once. One that
// comes again is answered as the first was; the answer is kept before it is
// given. What did nothing, such as a request that was not acceptable or met an
// error of the server, is not kept: it may be tried again with the same key.
func (d *desk) idempotent(rt route, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request, id access.Identity) {
		if r.Header.Get(idempotencyKey) == "" {
			h(w, r, id)
			return
		}
		claim, body, err := d.readClaim(w, r, rt, id)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		held, mine, err := d.claim(r.Context(), rt, claim)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		if !mine {
			d.replay(w, r, rt, held)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(body))
		d.carryOut(w, r, claim, func(w http.ResponseWriter) []byte {
			a := w.(*draft) //nolint:forcetypeassert // carryOut gives it
			h(a, r.WithContext(context.WithoutCancel(r.Context())), id)
			if rt.makes == makesSecret {
				return withoutSecrets(a.body.Bytes())
			}
			return a.body.Bytes()
		})
	}
}

// readClaim reads what stands for a request: whose it is, its key, and a hash
// of what it asks.
func (d *desk) readClaim(
	w http.ResponseWriter, r *http.Request, rt route, id access.Identity,
) (access.Reply, string, error) {
	key := r.Header.Get(idempotencyKey)
	if len(key) > maxIdempotencyKey {
		return access.Reply{}, "", at("header."+idempotencyKey, fmt.Errorf(
			"%w: key wants at most %d characters", errMalformed, maxIdempotencyKey))
	}
	long := d.longBody(w, r, rt)
	body, err := io.ReadAll(long)
	if err != nil {
		return access.Reply{}, "", long.err(err)
	}
	who := id.KeyID
	if who == "" {
		who = "user " + id.Name
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s\n%s\n", r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	hash.Write(body)
	return access.Reply{
		Environment: dnc.Environment(r.PathValue("environment")), Key: who + " " + key,
		RequestHash: [32]byte(hash.Sum(nil)), CreatedAt: now(),
	}, string(body), nil
}

// claim claims the right to answer, or returns the reply that is held.
func (d *desk) claim(
	ctx context.Context, rt route, c access.Reply,
) (held access.Reply, mine bool, err error) {
	if err := d.sweep(ctx, c.CreatedAt); err != nil {
		return held, false, err
	}
	for range 2 {
		held, mine, err = d.Store.ClaimReply(ctx, c)
		if err != nil || mine {
			return held, mine, err
		}
		if held.RequestHash != c.RequestHash {
			return held, false, errReused
		}
		left := held.Status == 0 && held.CreatedAt.Before(d.replies.since)
		if left && rt.makes == makesOnce {
			return held, false, errUnknownFate
		}
		if !left {
			break
		}
		// An earlier process was cut off; here it does no harm to do it again.
		if err := d.Store.DropReply(ctx, c.Environment, c.Key); err != nil {
			return held, false, err
		}
	}
	return held, false, nil
}

// sweep removes the replies that are over, once an hour.
func (d *desk) sweep(ctx context.Context, now time.Time) error {
	d.replies.mu.Lock()
	due := now.Sub(d.replies.swept) >= time.Hour
	if due {
		d.replies.swept = now
	}
	d.replies.mu.Unlock()
	if !due {
		return nil
	}
	return d.Store.RemoveRepliesBefore(ctx, now.Add(-replyLife))
}

// replay answers as the request was answered before.
func (d *desk) replay(w http.ResponseWriter, r *http.Request, rt route, held access.Reply) {
	if held.Status == 0 {
		d.fail(w, r, errUnderWay)
		return
	}
	h := w.Header()
	h.Set("Content-Type", held.ContentType)
	h.Set("Idempotent-Replayed", "true")
	if held.Status == http.StatusCreated && rt.place != "" {
		h.Set("Location", placeMade(rt, r, held.Body))
	}
	w.WriteHeader(held.Status)
	w.Write(held.Body) //nolint:errcheck // whoever asked is gone
}

// placeMade is the path of what was made, as the answer about it names it.
func placeMade(rt route, r *http.Request, body []byte) string {
	var made map[string]any
	if json.Unmarshal(body, &made) != nil {
		return ""
	}
	_, field, _ := strings.Cut(rt.place, "{}")
	name, _ := made[field].(string)
	return placeOf(rt.place, dnc.Environment(r.PathValue("environment")), name)
}

// carryOut answers a request by do and keeps the answer, or what do returns of
// it, under claim.
func (d *desk) carryOut(
	w http.ResponseWriter, r *http.Request, claim access.Reply,
	do func(w http.ResponseWriter) (kept []byte),
) {
	ctx := context.WithoutCancel(r.Context()) // it is carried out, whoever goes away
	draft := &draft{ResponseWriter: w}
	done := false
	defer func() {
		if !done { // it panicked
			d.drop(ctx, claim)
		}
	}()
	kept := do(draft)
	done = true
	if keeps(draft.status) {
		claim.Status, claim.Body = draft.status, kept
		claim.ContentType = w.Header().Get("Content-Type")
		if err := d.Store.SaveReply(ctx, claim); err != nil {
			d.Log.ErrorContext(ctx, "answer not kept", "err", err)
		}
	} else {
		d.drop(ctx, claim)
	}
	w.WriteHeader(draft.status)
	w.Write(draft.body.Bytes()) //nolint:errcheck // whoever asked is gone
}

func (d *desk) drop(ctx context.Context, claim access.Reply) {
	if err := d.Store.DropReply(ctx, claim.Environment, claim.Key); err != nil {
		d.Log.ErrorContext(ctx, "claim of an answer not dropped", "err", err)
	}
}

// keeps reports whether an answer with status tells of something done.
func keeps(status int) bool {
	return status >= 200 && status < 300 || status == http.StatusConflict
}

// withoutSecrets is an answer as it is kept: a secret is shown once.
func withoutSecrets(body []byte) []byte {
	var made map[string]any
	if json.Unmarshal(body, &made) != nil {
		return nil
	}
	blank(made)
	kept, err := json.Marshal(made)
	if err != nil {
		return nil
	}
	return append(kept, '\n')
}

func blank(made map[string]any) {
	for name, value := range made {
		if inner, ok := value.(map[string]any); ok {
			blank(inner)
		}
		if name == "secret" || name == "password" {
			made[name] = nil
		}
	}
}

// bodyError says what is wrong with a body that could not be read.
func bodyError(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return at("body", fmt.Errorf("%w: at most %d bytes", errTooLarge, tooLarge.Limit))
	}
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && timeout.Timeout() {
		return errTimeout
	}
	return at("body", fmt.Errorf("%w: it ends too early", errMalformed))
}
