package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	inferencev1 "sigs.k8s.io/gateway-api-inference-extension/api/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// gateway plays the implementation of the Gateway API: it writes statuses and what Envoy does. It knows of the API what
// the suite uses: listeners for HTTP, routes by host and path, InferencePools with weights as backends.
type gateway struct {
	client  client.Client
	kubelet *kubelet
	envoy   *envoy

	addresses map[types.NamespacedName]string
}

func newGateway(c client.Client, kubelet *kubelet, envoy *envoy) *gateway {
	return &gateway{client: c, kubelet: kubelet, envoy: envoy, addresses: map[types.NamespacedName]string{}}
}

// world is what the API server has at one moment.
type world struct {
	gateways []gatewayv1.Gateway
	routes   []gatewayv1.HTTPRoute
	pools    map[types.NamespacedName]*inferencev1.InferencePool
	services map[types.NamespacedName]*corev1.Service
	slices   []discoveryv1.EndpointSlice
	pods     []corev1.Pod
}

func (g *gateway) reconcile(ctx context.Context) error {
	w, err := g.read(ctx)
	if err != nil {
		return err
	}
	for _, each := range w.gateways {
		name := client.ObjectKeyFromObject(&each)
		if _, known := g.addresses[name]; !known {
			g.addresses[name] = fmt.Sprintf("127.0.2.%d", len(g.addresses)+1)
		}
		if err := createOnce(ctx, g.client, podOfGateway(name)); err != nil {
			return err
		}
	}
	attachments := w.attach()
	if err := g.program(w, attachments); err != nil {
		return err
	}
	return errors.Join(g.acceptClass(ctx), g.reportGateways(ctx, w, attachments), g.reportRoutes(ctx, w, attachments),
		g.reportPools(ctx, w, attachments))
}

// podOfGateway stands beside a gateway in its namespace, where the suite expects one.
func podOfGateway(name types.NamespacedName) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name + "-" + className},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "envoy", Image: "envoy"}}},
	}
}

func (g *gateway) read(ctx context.Context) (*world, error) {
	var gateways gatewayv1.GatewayList
	var routes gatewayv1.HTTPRouteList
	var pools inferencev1.InferencePoolList
	var services corev1.ServiceList
	var endpointSlices discoveryv1.EndpointSliceList
	var pods corev1.PodList
	for _, list := range []client.ObjectList{&gateways, &routes, &pools, &services, &endpointSlices, &pods} {
		if err := g.client.List(ctx, list); err != nil {
			return nil, err
		}
	}
	w := &world{
		routes:   routes.Items,
		slices:   endpointSlices.Items,
		pods:     pods.Items,
		pools:    map[types.NamespacedName]*inferencev1.InferencePool{},
		services: map[types.NamespacedName]*corev1.Service{},
	}
	for _, each := range gateways.Items {
		if each.Spec.GatewayClassName == className {
			w.gateways = append(w.gateways, each)
		}
	}
	for i := range pools.Items {
		w.pools[client.ObjectKeyFromObject(&pools.Items[i])] = &pools.Items[i]
	}
	for i := range services.Items {
		w.services[client.ObjectKeyFromObject(&services.Items[i])] = &services.Items[i]
	}
	sortByName(w.gateways, func(g *gatewayv1.Gateway) client.Object { return g })
	sortByName(w.routes, func(r *gatewayv1.HTTPRoute) client.Object { return r })
	sortByName(w.slices, func(s *discoveryv1.EndpointSlice) client.Object { return s })
	sortByName(w.pods, func(p *corev1.Pod) client.Object { return p })
	return w, nil
}

// sortByName makes the same files of the same objects.
func sortByName[T any](items []T, object func(*T) client.Object) {
	slices.SortFunc(items, func(a, b T) int {
		return strings.Compare(client.ObjectKeyFromObject(object(&a)).String(), client.ObjectKeyFromObject(object(&b)).String())
	})
}

// attachment is one parentRef of a route to a gateway that is played here.
type attachment struct {
	route     *gatewayv1.HTTPRoute
	parent    gatewayv1.ParentReference
	gateway   types.NamespacedName
	listeners []gatewayv1.SectionName
	hosts     []string // of the route, as far as a listener has them; "*" is any
}

func (a attachment) isAccepted() bool {
	return len(a.hosts) > 0
}

func (w *world) attach() []attachment {
	var found []attachment
	for i := range w.routes {
		route := &w.routes[i]
		for _, parent := range route.Spec.ParentRefs {
			name := types.NamespacedName{Namespace: valueOr(parent.Namespace, route.Namespace), Name: string(parent.Name)}
			at := slices.IndexFunc(w.gateways, func(g gatewayv1.Gateway) bool { return client.ObjectKeyFromObject(&g) == name })
			if at >= 0 {
				found = append(found, attachmentTo(&w.gateways[at], route, parent))
			}
		}
	}
	return found
}

func attachmentTo(gw *gatewayv1.Gateway, route *gatewayv1.HTTPRoute, parent gatewayv1.ParentReference) attachment {
	a := attachment{route: route, parent: parent, gateway: client.ObjectKeyFromObject(gw)}
	for _, listener := range gw.Spec.Listeners {
		if parent.SectionName != nil && *parent.SectionName != listener.Name || !admits(gw, listener, route) {
			continue
		}
		if hosts := common(valueOr(listener.Hostname, ""), route.Spec.Hostnames); len(hosts) > 0 {
			a.listeners = append(a.listeners, listener.Name)
			a.hosts = append(a.hosts, hosts...)
		}
	}
	return a
}

func admits(gw *gatewayv1.Gateway, listener gatewayv1.Listener, route *gatewayv1.HTTPRoute) bool {
	allowed := listener.AllowedRoutes
	all := allowed != nil && allowed.Namespaces != nil && allowed.Namespaces.From != nil &&
		*allowed.Namespaces.From == gatewayv1.NamespacesFromAll
	return all || route.Namespace == gw.Namespace
}

// common are the hosts that both have; wildcards such as *.example.com are not known here.
func common(listener string, route []gatewayv1.Hostname) []string {
	if len(route) == 0 {
		if listener == "" {
			return []string{"*"}
		}
		return []string{listener}
	}
	var both []string
	for _, host := range route {
		if listener == "" || listener == string(host) {
			both = append(both, string(host))
		}
	}
	return both
}

// poolOf is the name of the pool that a backend refers to; false for another kind of backend.
func poolOf(route *gatewayv1.HTTPRoute, backend gatewayv1.HTTPBackendRef) (types.NamespacedName, bool) {
	name := types.NamespacedName{Namespace: valueOr(backend.Namespace, route.Namespace), Name: string(backend.Name)}
	return name, valueOr(backend.Group, "") == inferencev1.GroupName && valueOr(backend.Kind, "") == "InferencePool"
}

// pickerOf is the service of the pool's picker; false when the pool names none, or one that is not there.
func (w *world) pickerOf(pool *inferencev1.InferencePool) (*corev1.Service, bool) {
	if pool.Spec.EndpointPickerRef == nil {
		return nil, false
	}
	name := types.NamespacedName{Namespace: pool.Namespace, Name: string(pool.Spec.EndpointPickerRef.Name)}
	service, found := w.services[name]
	return service, found
}

func valueOr[T ~string](value *T, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return string(*value)
}
