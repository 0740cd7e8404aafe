// Command nocall is the whole program: the server with its page, and the
// command line. Run "nocall help".
package main

import (
	"context"
	"os"

	"nocall/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), cli.Invocation{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Env: os.LookupEnv,
	}))
}
