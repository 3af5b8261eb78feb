package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// reconcileSlices keeps one EndpointSlice for each Service: its ready pods.
func reconcileSlices(ctx context.Context, c client.Client) error {
	var services corev1.ServiceList
	if err := c.List(ctx, &services); err != nil {
		return err
	}
	for _, service := range services.Items {
		if len(service.Spec.Selector) == 0 {
			continue
		}
		slice, err := sliceOf(ctx, c, &service)
		if err != nil {
			return err
		}
		if err := write(ctx, c, slice); err != nil {
			return err
		}
	}
	return nil
}

func sliceOf(ctx context.Context, c client.Client, service *corev1.Service) (*discoveryv1.EndpointSlice, error) {
	var pods corev1.PodList
	selected := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(service.Spec.Selector)}
	if err := c.List(ctx, &pods, client.InNamespace(service.Namespace), selected); err != nil {
		return nil, err
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: service.Namespace,
			Name:      service.Name + "-" + className,
			Labels:    map[string]string{discoveryv1.LabelServiceName: service.Name},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	for _, port := range service.Spec.Ports {
		target := port.TargetPort.IntVal
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &port.Name, Port: &target, Protocol: &port.Protocol})
	}
	for _, pod := range pods.Items {
		if isReady(&pod) {
			ready := true
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
				Addresses:  []string{sliceAddress(pod.Status.PodIP)},
				Conditions: discoveryv1.EndpointConditions{Ready: &ready},
				TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name},
			})
		}
	}
	return slice, nil
}

func isReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func write(ctx context.Context, c client.Client, slice *discoveryv1.EndpointSlice) error {
	var there discoveryv1.EndpointSlice
	err := c.Get(ctx, client.ObjectKeyFromObject(slice), &there)
	if apierrors.IsNotFound(err) {
		return client.IgnoreAlreadyExists(c.Create(ctx, slice))
	}
	if err != nil || equality.Semantic.DeepEqual(there.Endpoints, slice.Endpoints) {
		return err
	}
	slice.ResourceVersion = there.ResourceVersion
	return unlessChanged(c.Update(ctx, slice))
}
