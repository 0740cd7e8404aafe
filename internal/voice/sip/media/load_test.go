package media

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

const manyCalls = 200

// BenchmarkOpen opens, and ends, sessions that have agreed on how to talk.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s := open(b)
		if _, err := s.Answer(lines("m=audio 4000 RTP/AVP 0")); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkClock measures 200 calls at once for three seconds, each with
// another session that sends back what it hears, on one clock and on several,
// up to one for each session. Run it with -benchtime 1x.
func BenchmarkClock(b *testing.B) {
	for _, encrypt := range []bool{false, true} {
		for _, n := range []int{1, 2, 2 * manyCalls} {
			b.Run(fmt.Sprintf("encrypted=%v/clocks=%d", encrypt, n), func(b *testing.B) {
				clocks := make([]clock, n)
				var calls []*Session
				for i := range manyCalls {
					near, echo := pair(b, encrypt)
					echo.receiver.peer.Store(echo) // hears itself
					calls = append(calls, near)
					move(near, &clocks[2*i%n])
					move(echo, &clocks[(2*i+1)%n])
				}
				for b.Loop() {
					talk(b, calls)
				}
			})
		}
	}
}

func move(s *Session, c *clock) {
	s.clock.remove(s)
	s.clock = c
	c.add(s)
}

// BenchmarkSIPp measures 200 calls at once with SIPp, which sends back what it
// hears on one port.
func BenchmarkSIPp(b *testing.B) {
	path, err := exec.LookPath("sipp")
	if err != nil {
		b.Skip("SIPp is not installed: apt-get install sip-tester")
	}
	sipp := exec.Command(path, "-sn", "uas", "-rtp_echo", "-nostdin",
		"-i", "127.0.0.1", "-p", "27991", "-mi", "127.0.0.1", "-mp", "27992")
	if err := sipp.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = sipp.Process.Kill()
		_ = sipp.Wait()
	}()
	var calls []*Session
	for range manyCalls {
		s := open(b)
		if _, err := s.Answer(lines("c=IN IP4 127.0.0.1", "m=audio 27992 RTP/AVP 0")); err != nil {
			b.Fatal(err)
		}
		calls = append(calls, s)
	}
	within(b, calls[0].Heard()) // SIPp is there
	for b.Loop() {
		talk(b, calls)
	}
}

// talk lets calls talk for three seconds and reports what came of it.
func talk(b *testing.B, calls []*Session) {
	b.Helper()
	before, cpu, start := total(calls), cpuTime(b), time.Now()
	second := make([]byte, 8000)
	for n := range 3 {
		for _, s := range calls {
			s.Play(second)
		}
		<-time.After(time.Until(start.Add(time.Duration(n+1) * time.Second)))
	}
	after := total(calls)
	cpu = cpuTime(b) - cpu
	sent, heard := after.Sent-before.Sent, after.Received-before.Received
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(cpu.Seconds()/time.Since(start).Seconds(), "cores")
	b.ReportMetric(float64(sent), "sent")
	b.ReportMetric(100*float64(heard)/float64(sent), "%heard")
	b.ReportMetric(float64(after.Lost+after.Late+after.Skipped), "bad")
	b.ReportMetric(after.Sending.Quantile(0.5).Seconds()*1e3, "ms-p50")
	b.ReportMetric(after.Sending.Quantile(0.99).Seconds()*1e3, "ms-p99")
	b.ReportMetric(after.Sending.Quantile(1).Seconds()*1e3, "ms-max")
}

func total(calls []*Session) (all Stats) {
	for _, s := range calls {
		stats := s.Stats()
		all.Sent += stats.Sent
		all.Received += stats.Received
		all.Lost += stats.Lost
		all.Late += stats.Late
		all.Skipped += stats.Skipped
		all.Sending.Add(stats.Sending)
	}
	return all
}

func cpuTime(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
