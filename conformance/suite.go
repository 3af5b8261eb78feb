package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action  string
	Test    string
	Output  string
	Elapsed float64
}

// runSuite runs the suite's tests with its own options, prints a line for each test, and returns whether all passed.
func runSuite(ctx context.Context, cluster *cluster, s settings) (bool, error) {
	kubeconfig, err := cluster.writeKubeconfig("admin", adminToken)
	if err != nil {
		return false, err
	}
	full, err := os.Create(filepath.Join(cluster.folder, "suite.log"))
	if err != nil {
		return false, err
	}
	defer full.Close()
	report := filepath.Join(cluster.folder, "report.yaml")
	arguments := []string{
		"test", "-json", "-count=1", "-timeout=2h", "./suite", "-args",
		"--gateway-class=" + className,
		"--cleanup-base-resources=false", // all of it is thrown away
		"--report-output=" + report,
		"--organization=ai.llmd", "--project=epp", "--version=checkout", "--url=none", "--contact=none",
	}
	tests := exec.CommandContext(ctx, "go", append(arguments, s.suite...)...)
	tests.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	tests.Stderr = full
	printed, err := tests.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := tests.Start(); err != nil {
		return false, err
	}
	printResults(printed, full)
	passed := tests.Wait() == nil
	if text, err := os.ReadFile(report); err == nil {
		fmt.Printf("\n%s", text)
	}
	return passed, ctx.Err()
}

func printResults(printed io.Reader, full io.Writer) {
	lines := bufio.NewScanner(printed)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		_, _ = io.WriteString(full, e.Output)
		parts := strings.Split(e.Test, "/")
		if isEnd := e.Action == "pass" || e.Action == "fail" || e.Action == "skip"; isEnd && len(parts) == 2 {
			fmt.Printf("%-4s %-50s %6.1f s\n", e.Action, parts[1], e.Elapsed)
		}
	}
}
