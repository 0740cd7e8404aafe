package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// startLimit is how long a program may take until it answers.
const startLimit = 60 * time.Second

// process is a program beside this one.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer // on standard error
}

// launch starts a program, which is asked to end when its context is done: by
// cancel, or by an interrupt if that is nil.
func launch(cmd *exec.Cmd, cancel func() error) (*process, error) {
	p := &process{cmd: cmd}
	cmd.Stderr = &p.said
	cmd.WaitDelay = startLimit / 6
	cmd.Cancel = cancel
	if cancel == nil {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	return p, cmd.Start()
}

// end asks the program to end, and waits until it has.
func (p *process) end() error {
	_ = p.cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(startLimit/6, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	_ = p.cmd.Wait() // with what status it ends is nothing to us
	return nil
}

// cpu is the CPU time that the program has used.
func (p *process) cpu() time.Duration { return cpuOf(p.cmd.Process.Pid) }

// tick is the unit in which the system tells the CPU time of others.
const tick = 10 * time.Millisecond

// cpuOf is the CPU time that a process has used, 0 where the system does not tell.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name, in brackets, may have spaces in it.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
	system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * tick
}

// freePort returns an address on which nothing listens at the moment.
func freePort() (address, port string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	address = l.Addr().String()
	_, port, err = net.SplitHostPort(address)
	return address, port, errors.Join(err, l.Close())
}

// until tries again and again until try succeeds.
func until(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// drain reads what is left and forgets it.
func drain(r io.Reader) { _, _ = io.Copy(io.Discard, r) }
