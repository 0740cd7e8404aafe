package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"nocall/internal/node"
	"nocall/internal/store"
)

const backupUsage = `Usage:
    nocall backup [-data DIR] FILE

Writes a whole copy of the SQLite database to FILE, as of one moment, whether a
server is running or not. FILE must not be there yet. To use a copy, put it into
an empty data folder as nocall.db. For PostgreSQL use pg_dump.

Options:
    -data DIR            folder of the database (./nocall-data)

Example:
    $ nocall backup -data /var/lib/nocall nocall-2026-11-23.db
`

type backupCommand struct {
	Data string `setting:"y" default:"./nocall-data"`
	File string `arg:""`
}

// Run writes the copy.
func (k *backupCommand) Run(ctx context.Context, in *Invocation) error {
	err := store.Backup(ctx, filepath.Join(k.Data, node.DatabaseFile), k.File)
	if err == nil {
		fmt.Fprintf(in.Stderr, "%s written\n", k.File)
	}
	return err
}
