//go:build house

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHouseDemoLeavesNothing does what the README says: a demo, a dial in another
// terminal, Ctrl-C. No process is left, and no folder.
func TestHouseDemoLeavesNothing(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			d := startDemo(t)
			out, err := exec.Command(program("simulator"), "dial", "*334#", "--press", "1,0722000002,500,4826", "--operator", d.page).CombinedOutput()
			if err != nil {
				t.Fatalf("dial: %v\n%s", err, out)
			}
			for _, want := range []string{
				`254722000001 dials \*334#`, `M-Wallet\n  1 Send money`, `Send Ksh500\.00 to JANE W 0722000002\n  Fee Ksh7\.00`, `> \*\*\*\*\n`,
				`SMS to 254722000001 \(AMINA O\) from M-WALLET at [0-9:]+\n\n  \w{10} Confirmed\. Ksh500\.00 sent to JANE W 0722\*\*\*002 on`,
				`SMS to 254722000002 \(JANE W\) from M-WALLET at [0-9:]+\n\n  \w{10} Confirmed\. You have received Ksh500\.00 from AMINA O 0722\*\*\*001 on`,
			} {
				if !regexp.MustCompile(want).Match(out) {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			children := childrenOf(t, d.cmd.Process.Pid)
			if len(children) != 2 {
				t.Errorf("the demo has %d children", len(children))
			}
			if err := d.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := <-d.done; err != nil {
				t.Errorf("it ended with %v\n%s", err, d.out)
			}
			for _, pid := range children {
				if err := syscall.Kill(pid, 0); err == nil {
					t.Errorf("process %d is left", pid)
				}
			}
			if _, err := os.Stat(d.data); !os.IsNotExist(err) {
				t.Errorf("its folder is left: %v", err)
			}
		})
	}
}

// TestHouseDemoBuildsWhatIsMissing is the README's first command in a clean clone:
// no ledgerd and no gateway beside the simulator, nor in ./bin.
func TestHouseDemoBuildsWhatIsMissing(t *testing.T) {
	b, err := os.ReadFile(program("simulator"))
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "simulator")
	if err := os.WriteFile(alone, b, 0o700); err != nil {
		t.Fatal(err)
	}
	d := startDemoAs(t, alone, ".", 5*time.Minute) // this folder has no bin, and the source is above it
	if out := d.out.String(); !strings.Contains(out, "building ledgerd") || !strings.Contains(out, "building gateway") {
		t.Errorf("nothing was built:\n%s", out)
	}
	paid(t, d.say(payer, "1", "0722000002", "500", "4826"), d.texts(payer, 1)[0], d.texts(payee, 1)[0])
	d.stop()
	if _, err := os.Stat(d.data); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
}

// childrenOf are the processes that a process started.
func childrenOf(t *testing.T, pid int) (children []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		_, rest, _ := strings.Cut(string(b[bytes.LastIndexByte(b, ')')+1:]), " ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			children = append(children, child)
		}
	}
	return children
}
