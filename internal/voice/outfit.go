package voice

import (
	"context"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Outfit keeps what calls are made with: trunks, our own numbers, agents and
// recordings. What is not there is [ErrNoProvider], [ErrNoNumber], [ErrNoAgent]
// or [ErrNoRecording], what is there already [ErrExists], and what cannot be
// removed as something names it [ErrInUse].
type Outfit interface {
	AddTrunk(ctx context.Context, t Trunk) error
	Trunk(ctx context.Context, env dnc.Environment, name string) (Trunk, error)
	Trunks(ctx context.Context, env dnc.Environment) ([]Trunk, error) // by name
	ChangeTrunk(
		ctx context.Context, env dnc.Environment, name string, change func(*Trunk) error,
	) (Trunk, error)
	RemoveTrunk(ctx context.Context, env dnc.Environment, name string) error

	AddNumber(ctx context.Context, n OwnNumber) error
	Number(ctx context.Context, env dnc.Environment, n e164.Number) (OwnNumber, error)
	Numbers(ctx context.Context, env dnc.Environment) ([]OwnNumber, error)
	ChangeNumber(
		ctx context.Context, env dnc.Environment, n e164.Number,
		change func(*OwnNumber) error,
	) (OwnNumber, error)
	RemoveNumber(ctx context.Context, env dnc.Environment, n e164.Number) error

	AddAgent(ctx context.Context, a Agent) error
	Agent(ctx context.Context, env dnc.Environment, name string) (Agent, error)
	Agents(ctx context.Context, env dnc.Environment) ([]Agent, error)
	ChangeAgent(
		ctx context.Context, env dnc.Environment, name string, change func(*Agent) error,
	) (Agent, error)
	RemoveAgent(ctx context.Context, env dnc.Environment, name string) error

	AddRecording(ctx context.Context, r Recording) error
	Recording(ctx context.Context, env dnc.Environment, id string) (Recording, error)
	Recordings(ctx context.Context, env dnc.Environment) ([]Recording, error) // without audio
	RemoveRecording(ctx context.Context, env dnc.Environment, id string) error
}
