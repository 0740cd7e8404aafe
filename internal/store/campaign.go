package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
)

// campaignColumns are the columns of campaign that [campaignRow] reads.
const campaignColumns = `serial, places, id, name, description, state, provider, agent,
	caller_ids, caller_tag, contact_window, flow, retry, exit, pace, opt_out_detection,
	opt_out_key, record, consent, by, created_at, updated_at, started_at, finished_at`

// series is what a campaign's contacts carry, and how many places of it are
// taken.
type series struct{ serial, places int64 }

// AddCampaign keeps a new campaign. It returns [dnc.ErrNoEnvironment] where
// there is none.
func (s *Store) AddCampaign(ctx context.Context, c campaign.Campaign) error {
	return s.change(ctx, func(x *tx) error { return x.addCampaign(c) })
}

func (x *tx) addCampaign(c campaign.Campaign) error {
	l, err := x.list(c.Environment)
	if err != nil {
		return err
	}
	var n series
	err = x.row([]any{&n.serial}, `
		SELECT 1 + COALESCE(MAX(serial), 0)
		FROM (
			SELECT serial FROM campaign
			UNION ALL
			SELECT serial FROM removed_campaign
		) AS taken`)
	if err != nil {
		return err
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = x.now
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	args, err := campaignArgs(l.id, n, c)
	if err != nil {
		return err
	}
	_, err = x.exec(`
		INSERT INTO campaign (environment_id, `+campaignColumns+`)
		VALUES (`+placeholders(1, 25)+`)`, args...)
	return err
}

// campaignArgs are the columns of a campaign, after that of its environment.
func campaignArgs(environmentID int64, n series, c campaign.Campaign) ([]any, error) {
	texts, err := jsonTexts(
		c.CallerIDs, windowOf(c.Window), flowOf(c.Flow), retryOf(c.Retry), exitRules(c.Exit),
		paceLimits(c.Pace))
	if err != nil {
		return nil, err
	}
	return []any{
		environmentID, n.serial, n.places, c.ID, c.Name, c.Description, string(c.State),
		c.Provider, c.Agent, texts[0], c.CallerTag, texts[1], texts[2], texts[3], texts[4],
		texts[5], c.OptOutDetection, c.OptOutKey, c.Record, c.Consent, c.By,
		micros(c.CreatedAt), micros(c.UpdatedAt), micros(c.StartedAt), micros(c.FinishedAt),
	}, nil
}

// Campaign returns a campaign, or [campaign.ErrNoCampaign].
func (s *Store) Campaign(
	ctx context.Context, env dnc.Environment, id string,
) (campaign.Campaign, error) {
	_, c, err := readCampaign(s.reading(ctx), env, id)
	return c, err
}

// Campaigns returns every campaign of env, newest first.
func (s *Store) Campaigns(
	ctx context.Context, env dnc.Environment,
) ([]campaign.Campaign, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	return readCampaigns(s.reading(ctx), `campaign.environment_id = $1`, id)
}

// RunningCampaigns returns the campaigns of all environments that run, newest
// first.
func (s *Store) RunningCampaigns(ctx context.Context) ([]campaign.Campaign, error) {
	return readCampaigns(s.reading(ctx), `campaign.state = 'running'`)
}

// ChangeCampaign reads a campaign, changes it and writes it back as one, and
// returns it. It returns [campaign.ErrNoCampaign] where there is none, and an
// error of change. ID and Environment stay; UpdatedAt is the time of the
// change unless that gives another. Change must not use the store, and may be
// called again with what stands then.
func (s *Store) ChangeCampaign(
	ctx context.Context, env dnc.Environment, id string, change func(*campaign.Campaign) error,
) (campaign.Campaign, error) {
	return write(ctx, s, func(x *tx) (campaign.Campaign, error) {
		return x.changeCampaign(env, id, change)
	})
}

func (x *tx) changeCampaign(
	env dnc.Environment, id string, change func(*campaign.Campaign) error,
) (campaign.Campaign, error) {
	n, c, err := readCampaign(x.query, env, id)
	if err != nil {
		return campaign.Campaign{}, err
	}
	before := c.UpdatedAt
	if err := change(&c); err != nil {
		return campaign.Campaign{}, err
	}
	c.ID, c.Environment = id, env
	if c.UpdatedAt.Equal(before) {
		c.UpdatedAt = timeOf(micros(x.now))
	}
	args, err := campaignArgs(0, n, c)
	if err != nil {
		return campaign.Campaign{}, err
	}
	_, err = x.exec(`
		UPDATE campaign
		SET places = $2, id = $3, name = $4, description = $5, state = $6, provider = $7,
			agent = $8, caller_ids = $9, caller_tag = $10, contact_window = $11, flow = $12,
			retry = $13, exit = $14, pace = $15, opt_out_detection = $16, opt_out_key = $17,
			record = $18, consent = $19, by = $20, created_at = $21, updated_at = $22,
			started_at = $23, finished_at = $24
		WHERE serial = $1`, args[1:]...)
	return c, err
}

// RemoveCampaign removes a campaign with its contacts; its calls stay. It
// returns [campaign.ErrNoCampaign] where there is none, and
// [campaign.ErrState] while it runs or one of its contacts is being called.
//
// The contacts are out of sight at once, and cleared away by [Store.Run].
func (s *Store) RemoveCampaign(ctx context.Context, env dnc.Environment, id string) error {
	err := s.change(ctx, func(x *tx) error { return x.removeCampaign(env, id) })
	if err == nil {
		s.wakeCleanup()
	}
	return err
}

func (x *tx) removeCampaign(env dnc.Environment, id string) error {
	n, c, err := readCampaign(x.query, env, id)
	if err != nil {
		return err
	}
	calling, err := x.exists(`
		SELECT 1
		FROM contact
		WHERE campaign = $1 AND state = 'active' AND state <> 'done'
		LIMIT 1`, n.serial)
	if err != nil {
		return err
	}
	if calling || c.State == campaign.Running {
		return campaign.ErrState
	}
	_, err = x.exec(`INSERT INTO removed_campaign (serial) VALUES ($1)`, n.serial)
	if err != nil {
		return err
	}
	_, err = x.exec(`DELETE FROM campaign WHERE serial = $1`, n.serial)
	return err
}

// reading returns what runs queries outside the writer.
func (s *Store) reading(ctx context.Context) querier {
	return func(read func(row) error, text string, args ...any) error {
		rows, err := s.query(ctx, text, args...)
		if err != nil {
			return err
		}
		return readAll(rows, read)
	}
}

// within reads in a transaction outside the writer.
func within(ctx context.Context, t *sql.Tx) querier {
	return func(read func(row) error, text string, args ...any) error {
		rows, err := t.QueryContext(ctx, text, storable(args)...)
		if err != nil {
			return err
		}
		return readAll(rows, read)
	}
}

// readCampaign reads a campaign, or returns [campaign.ErrNoCampaign].
func readCampaign(
	query querier, env dnc.Environment, id string,
) (n series, c campaign.Campaign, err error) {
	err = campaign.ErrNoCampaign
	failure := query(func(r row) error {
		n, c, err = campaignRow(r)
		return err
	}, campaignsText+`environment.name = $1 AND campaign.id = $2`, string(env), id)
	return n, c, cmp.Or(failure, err)
}

// readCampaigns reads the campaigns for which condition holds, newest first.
func readCampaigns(query querier, condition string, args ...any) ([]campaign.Campaign, error) {
	var all []campaign.Campaign
	err := query(func(r row) error {
		_, c, err := campaignRow(r)
		all = append(all, c)
		return err
	}, campaignsText+condition, args...)
	// Databases differ in how they order text.
	slices.SortFunc(all, func(a, b campaign.Campaign) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return all, err
}

// campaignsText asks for campaigns, up to a condition.
var campaignsText = `
	SELECT environment.name, ` + qualified("campaign", campaignColumns) + `
	FROM campaign
	JOIN environment ON environment.id = campaign.environment_id
	WHERE `

// campaignRow reads the name of an environment and then the columns of
// campaign in the order of campaignColumns.
func campaignRow(r row) (n series, c campaign.Campaign, err error) {
	var callerIDs, window, flow, retry, exit, pace string
	var createdAt, updatedAt, startedAt, finishedAt int64
	err = r.Scan(
		&c.Environment, &n.serial, &n.places, &c.ID, &c.Name, &c.Description, &c.State,
		&c.Provider, &c.Agent, &callerIDs, &c.CallerTag, &window, &flow, &retry, &exit, &pace,
		&c.OptOutDetection, &c.OptOutKey, &c.Record, &c.Consent, &c.By, &createdAt, &updatedAt,
		&startedAt, &finishedAt)
	if err != nil {
		return n, c, err
	}
	c.CreatedAt, c.UpdatedAt = timeOf(createdAt), timeOf(updatedAt)
	c.StartedAt, c.FinishedAt = timeOf(startedAt), timeOf(finishedAt)
	var w *contactWindow
	var steps []flowStep
	var again retryRules
	err = errors.Join(
		fromJSON(callerIDs, &c.CallerIDs), fromJSON(window, &w), fromJSON(flow, &steps),
		fromJSON(retry, &again), fromJSON(exit, (*exitRules)(&c.Exit)),
		fromJSON(pace, (*paceLimits)(&c.Pace)))
	c.Window, c.Flow, c.Retry = w.words(), flowWords(steps), again.words()
	return n, c, err
}

// findCampaign returns what the contacts of a campaign carry, or
// [campaign.ErrNoCampaign].
func findCampaign(query querier, env dnc.Environment, id string) (series, error) {
	var n series
	err := error(campaign.ErrNoCampaign)
	failure := query(func(r row) error {
		err = r.Scan(&n.serial, &n.places)
		return err
	}, `
		SELECT campaign.serial, campaign.places
		FROM campaign
		JOIN environment ON environment.id = campaign.environment_id
		WHERE environment.name = $1 AND campaign.id = $2`, string(env), id)
	return n, cmp.Or(failure, err)
}
