//go:build !unix

package bench

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }

// childrenTime is not known here.
func childrenTime() time.Duration { return 0 }
