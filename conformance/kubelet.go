package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const accountOfPods = "default"

// kubelet makes the pods of Deployments, as the controllers of Kubernetes would, and runs what is in them: model servers
// within this process, pickers as processes. A pod has a loopback address of its own.
type kubelet struct {
	client  client.Client
	cluster *cluster
	picker  pickerProgram
	changed func()

	mu      sync.Mutex
	running map[types.UID]*runningPod
}

// runningPod is what runs for a pod.
type runningPod struct {
	ip    string
	ports map[int32]int // where a port of the pod is served, when it is another one
	ready atomic.Bool
	stop  func()
}

func newKubelet(c client.Client, cluster *cluster, picker pickerProgram, changed func()) *kubelet {
	return &kubelet{client: c, cluster: cluster, picker: picker, changed: changed, running: map[types.UID]*runningPod{}}
}

func (k *kubelet) reconcile(ctx context.Context) error {
	return errors.Join(k.makeAccounts(ctx), k.makePods(ctx), k.runPods(ctx))
}

func (k *kubelet) makeAccounts(ctx context.Context) error {
	var namespaces corev1.NamespaceList
	if err := k.client.List(ctx, &namespaces); err != nil {
		return err
	}
	for _, namespace := range namespaces.Items {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: accountOfPods}}
		if err := createOnce(ctx, k.client, account); err != nil {
			return err
		}
	}
	return nil
}

func (k *kubelet) makePods(ctx context.Context) error {
	var deployments appsv1.DeploymentList
	if err := k.client.List(ctx, &deployments); err != nil {
		return err
	}
	for _, deployment := range deployments.Items {
		replicas := int32(1)
		if deployment.Spec.Replicas != nil {
			replicas = *deployment.Spec.Replicas
		}
		for number := range replicas {
			if err := createOnce(ctx, k.client, podOf(&deployment, number)); err != nil {
				return err
			}
		}
	}
	return nil
}

func podOf(deployment *appsv1.Deployment, number int32) *corev1.Pod {
	template := deployment.Spec.Template.DeepCopy()
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:   deployment.Namespace,
			Name:        fmt.Sprintf("%s-%d", deployment.Name, number),
			Labels:      template.Labels,
			Annotations: template.Annotations,
		},
		Spec: template.Spec,
	}
}

func createOnce(ctx context.Context, c client.Client, object client.Object) error {
	there := object.DeepCopyObject().(client.Object)
	err := c.Get(ctx, client.ObjectKeyFromObject(object), there)
	if apierrors.IsNotFound(err) {
		err = c.Create(ctx, object)
	}
	if apierrors.IsAlreadyExists(err) { // created after what was read
		return nil
	}
	return err
}

func (k *kubelet) runPods(ctx context.Context) error {
	var pods corev1.PodList
	if err := k.client.List(ctx, &pods); err != nil {
		return err
	}
	for _, pod := range pods.Items {
		running, err := k.run(ctx, &pod)
		if err != nil {
			return fmt.Errorf("pod %s: %w", pod.Name, err)
		}
		if err := k.report(ctx, &pod, running); err != nil {
			return err
		}
	}
	return nil
}

func (k *kubelet) run(ctx context.Context, pod *corev1.Pod) (*runningPod, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if running, found := k.running[pod.UID]; found {
		return running, nil
	}
	ip := fmt.Sprintf("127.0.1.%d", len(k.running)+1)
	start := k.startModelServer
	if slices.ContainsFunc(pod.Spec.Containers, isPicker) {
		start = k.startPicker
	}
	running, err := start(ctx, pod, ip)
	if err != nil {
		return nil, err
	}
	k.running[pod.UID] = running
	return running, nil
}

func (k *kubelet) startModelServer(_ context.Context, pod *corev1.Pod, ip string) (*runningPod, error) {
	running := &runningPod{ip: ip, stop: func() {}}
	for _, container := range pod.Spec.Containers {
		if !strings.Contains(container.Image, "/echo-basic:") {
			continue // a gateway's pod: Envoy runs beside all pods
		}
		servers, err := serveEcho(pod, container, ip)
		if err != nil {
			return nil, err
		}
		before := running.stop
		running.stop = func() {
			before()
			for _, server := range servers {
				_ = server.Close()
			}
		}
	}
	running.ready.Store(true)
	return running, nil
}

// report writes the pod's status when it differs.
func (k *kubelet) report(ctx context.Context, pod *corev1.Pod, running *runningPod) error {
	ready := corev1.ConditionFalse
	if running.ready.Load() {
		ready = corev1.ConditionTrue
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == ready {
			return nil
		}
	}
	now := metav1.Now()
	next := pod.DeepCopy()
	next.Status = corev1.PodStatus{
		Phase:     corev1.PodRunning,
		PodIP:     running.ip,
		PodIPs:    []corev1.PodIP{{IP: running.ip}},
		StartTime: &now,
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.PodInitialized, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: corev1.ContainersReady, Status: ready, LastTransitionTime: now},
			{Type: corev1.PodReady, Status: ready, LastTransitionTime: now},
		},
	}
	for _, container := range pod.Spec.Containers {
		next.Status.ContainerStatuses = append(next.Status.ContainerStatuses, corev1.ContainerStatus{
			Name:  container.Name,
			Image: container.Image,
			Ready: ready == corev1.ConditionTrue,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		})
	}
	return unlessChanged(k.client.Status().Update(ctx, next))
}

// served is where a port of a ready pod can be reached.
func (k *kubelet) served(podIP string, port int32) (int, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, running := range k.running {
		if running.ip == podIP {
			if other, mapped := running.ports[port]; mapped {
				return other, true
			}
			return int(port), true
		}
	}
	return 0, false
}

func (k *kubelet) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all sync.WaitGroup
	for _, running := range k.running {
		all.Go(running.stop)
	}
	all.Wait()
}
