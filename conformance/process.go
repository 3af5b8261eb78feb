package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const patience = 10 * time.Second

// child is a process that ends with the stand-in; what it prints is in a file of its name.
type child struct {
	name    string
	process *os.Process
	ended   chan struct{}
}

func startChild(folder, name string, environment []string, command ...string) (*child, error) {
	log, err := os.Create(filepath.Join(folder, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	run := exec.Command(command[0], command[1:]...)
	run.Env = append(os.Environ(), environment...)
	run.Stdout, run.Stderr = log, log
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches the stand-in alone, which ends them in order
	if err := run.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	started := &child{name: name, process: run.Process, ended: make(chan struct{})}
	go func() {
		_ = run.Wait()
		close(started.ended)
	}()
	return started, nil
}

// stop asks it to end, and makes it end when it does not.
func (c *child) stop() {
	_ = c.process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(patience):
		_ = c.process.Kill()
		<-c.ended
	}
}

func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}
