package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	corev1 "k8s.io/api/core/v1"
)

const (
	probeEvery   = time.Second
	probeTimeout = time.Second
)

// pickerProgram runs in the place of the suite's own picker.
type pickerProgram struct {
	path   string
	config string // the plugins that the suite's picker has built in
}

func isPicker(container corev1.Container) bool {
	return slices.Contains(container.Args, "--pool-name")
}

// startPicker starts it with the arguments of its container and the rights of its pod's account. All pickers share the
// addresses of this machine, so each gets ports of its own, which the gateway uses instead.
func (k *kubelet) startPicker(ctx context.Context, pod *corev1.Pod, ip string) (*runningPod, error) {
	container := pod.Spec.Containers[slices.IndexFunc(pod.Spec.Containers, isPicker)]
	kubeconfig, err := k.cluster.kubeconfig(ctx, pod.Namespace, accountOfPods)
	if err != nil {
		return nil, err
	}
	free, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	arguments := append([]string{k.picker.path}, container.Args...)
	arguments = append(arguments, "--config-file", k.picker.config)
	ports := map[int32]int{}
	for i, flag := range []string{"--grpc-port", "--grpc-health-port", "--metrics-port"} {
		if at := slices.Index(arguments, flag); at >= 0 {
			if port, err := strconv.ParseInt(arguments[at+1], 10, 32); err == nil {
				ports[int32(port)] = free[i]
			}
		}
		arguments = append(arguments, flag, strconv.Itoa(free[i])) // the last one counts
	}
	started, err := startChild(k.cluster.folder, pod.Name,
		[]string{
			"KUBECONFIG=" + kubeconfig,
			"POD_NAME=" + pod.Name,
			"NAMESPACE=" + pod.Namespace,
			"JAVA_OPTS=-Xmx512m", // several of them share this machine
		}, arguments...)
	if err != nil {
		return nil, err
	}
	running := &runningPod{ip: ip, ports: ports, stop: started.stop}
	go k.probe(ctx, container, running)
	return running, nil
}

// probe asks for readiness, by gRPC, as the container wants it.
func (k *kubelet) probe(ctx context.Context, container corev1.Container, running *runningPod) {
	if container.ReadinessProbe == nil || container.ReadinessProbe.GRPC == nil {
		running.ready.Store(true)
		k.changed()
		return
	}
	asked := container.ReadinessProbe.GRPC
	service := ""
	if asked.Service != nil {
		service = *asked.Service
	}
	target := fmt.Sprintf("%s:%d", running.ip, running.ports[asked.Port])
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return
	}
	defer connection.Close()
	health := grpc_health_v1.NewHealthClient(connection)
	for ctx.Err() == nil {
		if ready := isServing(ctx, health, service); ready != running.ready.Load() {
			running.ready.Store(ready)
			k.changed()
		}
		time.Sleep(probeEvery)
	}
}

func isServing(ctx context.Context, health grpc_health_v1.HealthClient, service string) bool {
	limited, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	answer, err := health.Check(limited, &grpc_health_v1.HealthCheckRequest{Service: service})
	return err == nil && answer.Status == grpc_health_v1.HealthCheckResponse_SERVING
}

// sliceAddress stands for a pod in an EndpointSlice, in which the API server takes no loopback address.
func sliceAddress(podIP string) string {
	return strings.Replace(podIP, "127.0.", "198.18.", 1)
}

func podAddress(sliceAddress string) string {
	return strings.Replace(sliceAddress, "198.18.", "127.0.", 1)
}
