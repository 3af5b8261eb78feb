// The stand-in runs the conformance suite of the Gateway API Inference Extension without a cluster: a real API server, a
// real Envoy and real pickers, with the rest of a cluster and of a gateway played in between.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

type settings struct {
	folder string
	envoy  string
	picker pickerProgram
	suite  []string
}

func main() {
	var s settings
	flag.StringVar(&s.folder, "folder", "target", "where logs and the report are written")
	flag.StringVar(&s.envoy, "envoy", "envoy", "the program Envoy")
	flag.StringVar(&s.picker.path, "picker", "", "the program that is tested")
	flag.StringVar(&s.picker.config, "config", "epp.yaml", "its configuration")
	flag.Parse()
	s.suite = flag.Args()
	ctrllog.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	passed, err := run(ctx, s)
	if err != nil {
		log.Print(err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

// run returns whether all tests passed, once everything that it started has ended.
func run(ctx context.Context, s settings) (bool, error) {
	for _, path := range []*string{&s.folder, &s.picker.path, &s.picker.config} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return false, err
		}
		*path = absolute
	}
	folder, err := os.MkdirTemp(s.folder, "run-")
	if err != nil {
		return false, err
	}
	fmt.Println("logs are in", folder)
	cluster, err := startCluster(ctx, folder)
	if cluster != nil {
		defer cluster.stop()
	}
	if err != nil {
		return false, err
	}
	playing, stop := context.WithCancel(ctx)
	defer stop()
	parts, err := play(playing, cluster, s)
	if err != nil {
		return false, err
	}
	defer func() {
		stop()
		parts.stop()
	}()
	return runSuite(ctx, cluster, s)
}

// parts are what plays the cluster and the gateway.
type parts struct {
	envoy   *envoy
	kubelet *kubelet
	done    chan struct{}
}

func (p *parts) stop() {
	<-p.done
	p.envoy.stop()
	p.kubelet.stop()
}

func play(ctx context.Context, cluster *cluster, s settings) (*parts, error) {
	c, err := connect(cluster)
	if err != nil {
		return nil, err
	}
	if err := define(ctx, c.direct); err != nil {
		return nil, err
	}
	wake := make(chan struct{}, 1)
	changed := func() {
		select {
		case wake <- struct{}{}:
		default: // one is waiting already
		}
	}
	if err := c.follow(ctx, changed); err != nil {
		return nil, err
	}
	p := &parts{envoy: newEnvoy(cluster.folder, s.envoy), done: make(chan struct{})}
	if err := p.envoy.start(); err != nil {
		return nil, err
	}
	p.kubelet = newKubelet(c, cluster, s.picker, changed)
	gateway := newGateway(c, p.kubelet, p.envoy)
	go func() {
		defer close(p.done)
		reconcileAll(ctx, wake, p.kubelet.reconcile, func(ctx context.Context) error { return reconcileSlices(ctx, c) },
			gateway.reconcile)
	}()
	return p, nil
}

func reconcileAll(ctx context.Context, wake <-chan struct{}, all ...func(context.Context) error) {
	for {
		var errs error
		for _, reconcile := range all {
			errs = errors.Join(errs, reconcile(ctx))
		}
		if errs != nil && ctx.Err() == nil {
			log.Print("tried again: ", errs)
		}
		if !await(ctx, wake) {
			return
		}
	}
}
