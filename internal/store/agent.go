package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// agentColumns are the columns of agent that [agentRow] reads.
const agentColumns = `name, kind, recording, confirmation, opt_out_key, address, url, ring_for,
	created_at`

// agentsText asks for agents, up to a condition.
var agentsText = `
	SELECT environment.name, ` + qualified("agent", agentColumns) + `
	FROM agent
	JOIN environment ON environment.id = agent.environment_id
	WHERE `

// AddAgent keeps a new agent. It returns [dnc.ErrNoEnvironment] where there is
// none, and [voice.ErrExists] for a name that is taken.
func (s *Store) AddAgent(ctx context.Context, a voice.Agent) error {
	return s.change(ctx, func(x *tx) error {
		l, err := x.roomFor(agents, a.Environment, a.Name)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO agent (environment_id, `+agentColumns+`)
			VALUES (`+placeholders(1, 10)+`)`, agentArgs(l.id, a)...)
		return err
	})
}

// agentArgs are the columns of an agent, after that of its environment.
func agentArgs(environmentID int64, a voice.Agent) []any {
	return []any{
		environmentID, a.Name, string(a.Kind), a.Recording, a.Confirmation, a.OptOutKey,
		a.Address, a.URL, a.RingFor.Microseconds(), micros(a.CreatedAt),
	}
}

// Agent returns an agent, or [voice.ErrNoAgent].
func (s *Store) Agent(
	ctx context.Context, env dnc.Environment, name string,
) (voice.Agent, error) {
	return readAgent(s.reading(ctx), env, name)
}

// Agents returns the agents of env, by name.
func (s *Store) Agents(ctx context.Context, env dnc.Environment) ([]voice.Agent, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	return readAgents(s.reading(ctx), `agent.environment_id = $1`, id)
}

// ChangeAgent reads an agent, changes it and writes it back as one, and
// returns it. It returns [voice.ErrNoAgent] where there is none, and an error
// of change. Name and Environment stay. Change must not use the store, and may
// be called again with what stands then.
func (s *Store) ChangeAgent(
	ctx context.Context, env dnc.Environment, name string, change func(*voice.Agent) error,
) (voice.Agent, error) {
	return write(ctx, s, func(x *tx) (voice.Agent, error) {
		a, err := readAgent(x.query, env, name)
		if err != nil {
			return voice.Agent{}, err
		}
		if err := change(&a); err != nil {
			return voice.Agent{}, err
		}
		a.Name, a.Environment = name, env
		l, err := x.list(env)
		if err != nil {
			return voice.Agent{}, err
		}
		_, err = x.exec(`
			UPDATE agent
			SET kind = $3, recording = $4, confirmation = $5, opt_out_key = $6, address = $7,
				url = $8, ring_for = $9, created_at = $10
			WHERE environment_id = $1 AND name = $2`, agentArgs(l.id, a)...)
		return a, err
	})
}

// RemoveAgent removes an agent. It returns [voice.ErrNoAgent] where there is
// none, and [voice.ErrInUse] while it answers one of our numbers, or speaks for
// a campaign that is not finished.
func (s *Store) RemoveAgent(ctx context.Context, env dnc.Environment, name string) error {
	return s.change(ctx, func(x *tx) error {
		return x.removeTool(agents, env, name, uses{
			number: func(n voice.OwnNumber) bool { return n.InboundAgent == name },
			campaign: func(c campaign.Campaign) bool {
				return c.Agent == name || slices.ContainsFunc(c.Flow, func(s campaign.Step) bool {
					return s.Agent == name
				})
			},
		})
	})
}

// readAgent reads an agent, or returns [voice.ErrNoAgent].
func readAgent(query querier, env dnc.Environment, name string) (voice.Agent, error) {
	found, err := readAgents(
		query, `environment.name = $1 AND agent.name = $2`, string(env), name)
	return only(found, err, voice.ErrNoAgent)
}

// readAgents reads the agents for which condition holds, by name.
func readAgents(query querier, condition string, args ...any) ([]voice.Agent, error) {
	var all []voice.Agent
	err := query(func(r row) error {
		a, err := agentRow(r)
		all = append(all, a)
		return err
	}, agentsText+condition, args...)
	slices.SortFunc(all, func(a, b voice.Agent) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// agentRow reads the name of an environment and then the columns of agent in
// the order of agentColumns.
func agentRow(r row) (voice.Agent, error) {
	var a voice.Agent
	var ringFor, createdAt int64
	err := r.Scan(
		&a.Environment, &a.Name, &a.Kind, &a.Recording, &a.Confirmation, &a.OptOutKey,
		&a.Address, &a.URL, &ringFor, &createdAt)
	a.RingFor, a.CreatedAt = time.Duration(ringFor)*time.Microsecond, timeOf(createdAt)
	return a, err
}
