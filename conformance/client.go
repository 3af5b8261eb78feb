package main

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	inferencev1 "sigs.k8s.io/gateway-api-inference-extension/api/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// tryAgain is when what failed is tried again, though nothing changed.
const tryAgain = time.Second

// follower writes to the API server and reads what watches have brought.
type follower struct {
	client.Client
	direct client.Client
	cache  cache.Cache
}

func connect(cluster *cluster) (*follower, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kubernetesscheme.AddToScheme, apiextensionsv1.AddToScheme, gatewayv1.Install, inferencev1.Install,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	direct, err := client.New(cluster.admin(), client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	watches, err := cache.New(cluster.admin(), cache.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	cached, err := client.New(cluster.admin(), client.Options{
		Scheme: scheme,
		Cache:  &client.CacheOptions{Reader: watches},
	})
	return &follower{Client: cached, direct: direct, cache: watches}, err
}

// follow returns when everything that there is has been read.
func (f *follower) follow(ctx context.Context, changed func()) error {
	handler := toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { changed() },
		UpdateFunc: func(any, any) { changed() },
		DeleteFunc: func(any) { changed() },
	}
	go func() { _ = f.cache.Start(ctx) }()
	for _, kind := range []client.Object{
		&corev1.Namespace{}, &corev1.ServiceAccount{}, &corev1.Pod{}, &corev1.Service{}, &appsv1.Deployment{},
		&discoveryv1.EndpointSlice{}, &gatewayv1.GatewayClass{}, &gatewayv1.Gateway{}, &gatewayv1.HTTPRoute{},
		&inferencev1.InferencePool{},
	} {
		informer, err := f.cache.GetInformer(ctx, kind)
		if err != nil {
			return err
		}
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	return nil
}

// await returns when something changed or is tried again; false when the run ends.
func await(ctx context.Context, wake <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-time.After(tryAgain):
	}
	return true
}

// unlessChanged forgives that the object was changed or deleted after it was read: the next round reads it anew.
func unlessChanged(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
