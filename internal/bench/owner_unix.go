//go:build unix

package bench

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// owner is who a program runs as; nil is who this process is.
type owner struct{ uid, gid int }

// ownerFor returns who PostgreSQL runs as, and gives it home, to which it must come
// through folder.
func ownerFor(folder, home string) (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	var o owner
	if o.uid, err = strconv.Atoi(who.Uid); err != nil {
		return nil, err
	}
	if o.gid, err = strconv.Atoi(who.Gid); err != nil {
		return nil, err
	}
	if err := os.Chmod(folder, 0o711); err != nil {
		return nil, err
	}
	return &o, os.Chown(home, o.uid, o.gid)
}

// of has cmd run as o, in its home.
func (o *owner) of(cmd *exec.Cmd, home string) {
	cmd.Dir = home
	if o != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)},
		}
	}
}
