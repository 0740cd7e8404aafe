package store

import (
	"errors"
	"slices"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// tool is a kind of what calls are made with: the table that has it, the
// column that names one in its environment, and the error for one that is
// missing.
type tool struct {
	table, key string
	missing    error
}

var (
	trunks     = tool{"trunk", "name", voice.ErrNoProvider}
	ownNumbers = tool{"own_number", "number", voice.ErrNoNumber}
	agents     = tool{"agent", "name", voice.ErrNoAgent}
	recordings = tool{"recording", "id", voice.ErrNoRecording}
)

// hasTool reports whether an environment has a tool of that key.
func (x *tx) hasTool(t tool, environmentID int64, key any) (bool, error) {
	return x.exists(`
		SELECT 1
		FROM `+t.table+`
		WHERE environment_id = $1 AND `+t.key+` = $2`, environmentID, key)
}

// roomFor returns the list of an environment that has no tool of that key, or
// [voice.ErrExists].
func (x *tx) roomFor(t tool, env dnc.Environment, key any) (*list, error) {
	l, err := x.list(env)
	if err != nil {
		return nil, err
	}
	taken, err := x.hasTool(t, l.id, key)
	if err == nil && taken {
		err = voice.ErrExists
	}
	return l, err
}

// listWith returns the list of an environment that has a tool of that key, or
// the error for one that is missing.
func (x *tx) listWith(t tool, env dnc.Environment, key any) (*list, error) {
	l, err := x.list(env)
	if errors.Is(err, dnc.ErrNoEnvironment) {
		return nil, t.missing
	}
	if err != nil {
		return nil, err
	}
	there, err := x.hasTool(t, l.id, key)
	if err == nil && !there {
		err = t.missing
	}
	return l, err
}

// removeTool removes a tool, unless something uses it.
func (x *tx) removeTool(t tool, env dnc.Environment, key any, u uses) error {
	l, err := x.listWith(t, env, key)
	if err != nil {
		return err
	}
	if err := x.unused(l.id, u); err != nil {
		return err
	}
	_, err = x.exec(`
		DELETE FROM `+t.table+`
		WHERE environment_id = $1 AND `+t.key+` = $2`, l.id, key)
	return err
}

// uses says what uses a tool; a nil one never does.
type uses struct {
	campaign func(campaign.Campaign) bool
	number   func(voice.OwnNumber) bool
	agent    func(voice.Agent) bool
}

// unused returns [voice.ErrInUse] when something of an environment, but a
// campaign that is finished, uses a tool.
func (x *tx) unused(environmentID int64, u uses) error {
	inUse := false
	if u.campaign != nil {
		all, err := readCampaigns(x.query, `campaign.environment_id = $1`, environmentID)
		if err != nil {
			return err
		}
		inUse = inUse || slices.ContainsFunc(all, func(c campaign.Campaign) bool {
			return c.State != campaign.Finished && u.campaign(c)
		})
	}
	if u.number != nil {
		all, err := readNumbers(x.query, `own_number.environment_id = $1`, environmentID)
		if err != nil {
			return err
		}
		inUse = inUse || slices.ContainsFunc(all, u.number)
	}
	if u.agent != nil {
		all, err := readAgents(x.query, `agent.environment_id = $1`, environmentID)
		if err != nil {
			return err
		}
		inUse = inUse || slices.ContainsFunc(all, u.agent)
	}
	if inUse {
		return voice.ErrInUse
	}
	return nil
}

// only returns the one of found, or the error for one that is missing.
func only[T any](found []T, err, missing error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, missing
	}
	return found[0], nil
}
