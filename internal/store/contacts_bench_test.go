//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/store"
	"nocall/internal/store/storetest"
	"nocall/internal/voice"
)

// BenchmarkAddContacts adds 100,000 contacts, and measures how long an opt-out
// waits meanwhile.
//
//	go test -run - -bench ^BenchmarkAddContacts -benchtime 1x ./internal/store/
func BenchmarkAddContacts(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkAddContacts(b, fileIn(b.TempDir())) })
	b.Run("postgres", func(b *testing.B) {
		benchmarkAddContacts(b, storetest.Schema(b, postgres(b)))
	})
}

func benchmarkAddContacts(b *testing.B, dsn string) {
	s, contacts := openWith(b, dsn, "production"), manyContacts(100_000)
	var waits []time.Duration
	begin := cpuTime()
	for i := 0; b.Loop(); i++ {
		id := addCampaign(b, s, i)
		ctx, stop := context.WithCancel(b.Context())
		var optOuts sync.WaitGroup
		optOuts.Go(func() { waits = append(waits, addEntries(ctx, b, s, i)...) })
		if n, _, err := s.AddContacts(ctx, "production", id, contacts); n != len(contacts) {
			b.Fatalf("AddContacts = %d, %v", n, err)
		}
		stop()
		optOuts.Wait()
	}
	b.ReportMetric(float64(cpuTime()-begin)/float64(b.N)/1e9, "cpu-s/op")
	slices.Sort(waits)
	if n := len(waits); n > 0 {
		b.ReportMetric(float64(waits[n/2].Milliseconds()), "ms/opt-out-p50")
		b.ReportMetric(float64(waits[n*99/100].Milliseconds()), "ms/opt-out-p99")
		b.ReportMetric(float64(waits[n-1].Milliseconds()), "ms/opt-out-max")
	}
}

// addEntries adds entries one after the other until ctx is done, and returns
// how long each took.
func addEntries(ctx context.Context, b *testing.B, s *store.Store, round int) []time.Duration {
	var waits []time.Duration
	for i := 0; ; i++ {
		begin := time.Now()
		_, _, err := s.AddEntry(ctx, dnc.Entry{
			Environment: "production", CreatedBy: dnc.System,
			Number: e164.FromUint64(uint64(14165550000 + 1_000_000*round + i)),
		})
		if errors.Is(err, context.Canceled) {
			return waits
		}
		if err != nil {
			b.Error(err)
		}
		waits = append(waits, time.Since(begin))
	}
}

// BenchmarkContacts measures what a campaign of 100,000 contacts asks for.
//
//	go test -run - -bench ^BenchmarkContacts -benchtime 500x ./internal/store/
func BenchmarkContacts(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkContacts(b, fileIn(b.TempDir())) })
	b.Run("postgres", func(b *testing.B) {
		benchmarkContacts(b, storetest.Schema(b, postgres(b)))
	})
}

func benchmarkContacts(b *testing.B, dsn string) {
	s := openWith(b, dsn, "production")
	id := addCampaign(b, s, 0)
	ctx := b.Context()
	if _, _, err := s.AddContacts(ctx, "production", id, manyContacts(100_000)); err != nil {
		b.Fatal(err)
	}
	measure := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	measure("due", func() error {
		due, err := s.DueContacts(ctx, "production", id, time.Unix(100, 0), 100)
		if len(due) != 100 {
			return fmt.Errorf("%d due, %w", len(due), err)
		}
		return err
	})
	measure("next", func() error {
		_, _, err := s.NextDue(ctx, "production", id)
		return err
	})
	measure("progress", func() error {
		_, err := s.Progress(ctx, "production", id)
		return err
	})
	measure("page", func() error {
		_, err := s.Contacts(ctx, "production", id, campaign.ContactQuery{
			State: campaign.Waiting, After: id + "-00090000", Limit: 50,
		})
		return err
	})
	b.Run("attempts", func(b *testing.B) { benchmarkAttempts(b, s, id) })
}

// benchmarkAttempts begins and ends attempts, 64 at once.
func benchmarkAttempts(b *testing.B, s *store.Store, id string) {
	due, err := s.DueContacts(b.Context(), "production", id, time.Unix(1<<33, 0), b.N)
	if err != nil || len(due) < b.N {
		b.Skipf("%d contacts wait, %v; want %d", len(due), err, b.N)
	}
	slots, begin := make(chan struct{}, 64), cpuTime()
	var attempts sync.WaitGroup
	b.ResetTimer()
	for _, c := range due {
		slots <- struct{}{}
		attempts.Go(func() {
			defer func() { <-slots }()
			if err := attemptAt(b.Context(), s, c); err != nil {
				b.Error(err)
			}
		})
	}
	attempts.Wait()
	perSecond(b, begin)
}

func attemptAt(ctx context.Context, s *store.Store, c campaign.Contact) error {
	c.State, c.CallID = campaign.Active, "c"+c.ID
	err := s.BeginAttempt(ctx, "production", c, voice.Call{
		ID: c.CallID, Direction: voice.Outbound, Number: c.Number, CampaignID: c.CampaignID,
		Status: voice.Queued, StartedAt: time.Unix(100, 0),
	})
	if err != nil {
		return err
	}
	_, err = s.EndAttempt(ctx, "production", c.ID, func(c *campaign.Contact) error {
		c.State, c.Disposition = campaign.Done, campaign.Answered
		return nil
	})
	return err
}

func addCampaign(b *testing.B, s *store.Store, i int) (id string) {
	b.Helper()
	id = fmt.Sprint("k_", i)
	err := s.AddCampaign(b.Context(), campaign.Campaign{
		ID: id, Environment: "production", State: campaign.Running,
	})
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func manyContacts(n int) []campaign.Contact {
	contacts := make([]campaign.Contact, n)
	for i := range contacts {
		contacts[i] = campaign.Contact{
			Number:    e164.FromUint64(uint64(14155550000 + 7*i)),
			Variables: map[string]string{"first_name": "Ada", "city": "Denver"},
			NextAt:    time.Unix(int64(i%1000), 0),
		}
	}
	return contacts
}
