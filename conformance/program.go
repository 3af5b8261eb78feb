package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	inferencev1 "sigs.k8s.io/gateway-api-inference-extension/api/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

const (
	failClosed = "picker-fail-closed"
	failOpen   = "picker-fail-open"
	noBackend  = "no-backend"
)

// program writes what Envoy does: a listener for each gateway, which follows a file of routes, and for each pool a cluster
// of model servers and one of pickers.
func (g *gateway) program(w *world, attachments []attachment) error {
	if err := g.envoy.put("clusters", g.clusters(w)...); err != nil {
		return err
	}
	var listeners list
	for _, each := range w.gateways {
		name := client.ObjectKeyFromObject(&each)
		routes := "routes-" + name.Namespace + "-" + name.Name
		if err := g.envoy.put(routes, routeConfiguration(w, routes, name, attachments)); err != nil {
			return err
		}
		listeners = append(listeners, g.listener(g.addresses[name], int(each.Spec.Listeners[0].Port), routes))
	}
	return g.envoy.put("listeners", listeners...)
}

func (g *gateway) clusters(w *world) list {
	found := list{object{
		"@type": types3 + "config.cluster.v3.Cluster",
		"name":  noBackend,
		"type":  "STATIC",
	}}
	names := make([]types.NamespacedName, 0, len(w.pools))
	for name := range w.pools {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b types.NamespacedName) int { return cmp.Compare(a.String(), b.String()) })
	for _, name := range names {
		pool := w.pools[name]
		found = append(found, serversCluster(serversName(name), pool, w.modelServers(pool)))
		if service, known := w.pickerOf(pool); known {
			found = append(found, pickerCluster(pickerName(name), g.pickers(w, service)))
		}
	}
	return found
}

func serversName(pool types.NamespacedName) string {
	return "servers-" + pool.Namespace + "-" + pool.Name
}

func pickerName(pool types.NamespacedName) string {
	return "picker-" + pool.Namespace + "-" + pool.Name
}

// modelServers are the ranks of the pool's ready pods.
func (w *world) modelServers(pool *inferencev1.InferencePool) list {
	found := list{}
	for _, pod := range w.pods {
		if pod.Namespace == pool.Namespace && isReady(&pod) && isSelected(pool, &pod) {
			for _, port := range pool.Spec.TargetPorts {
				found = append(found, endpoint(pod.Status.PodIP, int(port.Number)))
			}
		}
	}
	return found
}

func isSelected(pool *inferencev1.InferencePool, pod *corev1.Pod) bool {
	for key, value := range pool.Spec.Selector.MatchLabels {
		if pod.Labels[string(key)] != string(value) {
			return false
		}
	}
	return true
}

// pickers are what the EndpointSlices of their service have.
func (g *gateway) pickers(w *world, service *corev1.Service) list {
	found := list{}
	for _, slice := range w.slices {
		if slice.Namespace != service.Namespace || slice.Labels[discoveryv1.LabelServiceName] != service.Name {
			continue
		}
		for _, each := range slice.Endpoints {
			ip := podAddress(each.Addresses[0])
			if port, known := g.kubelet.served(ip, *slice.Ports[0].Port); known {
				found = append(found, endpoint(ip, port))
			}
		}
	}
	return found
}

func endpoint(ip string, port int) object {
	return object{"endpoint": object{"address": socket(ip, port)}}
}

func socket(ip string, port int) object {
	return object{"socket_address": object{"address": ip, "port_value": port}}
}

func routeConfiguration(w *world, name string, gateway types.NamespacedName, attachments []attachment) object {
	routes := map[string]list{}
	rules := map[string][]rule{}
	for _, a := range attachments {
		if a.gateway == gateway {
			for _, host := range a.hosts {
				rules[host] = append(rules[host], rulesOf(a.route)...)
			}
		}
	}
	hosts := list{}
	for _, host := range slices.Sorted(maps.Keys(rules)) {
		slices.SortStableFunc(rules[host], func(a, b rule) int { return len(b.path) - len(a.path) }) // the longest first
		for _, each := range rules[host] {
			routes[host] = append(routes[host], each.route(w))
		}
		hosts = append(hosts, object{"name": host, "domains": list{host}, "routes": routes[host]})
	}
	return object{
		"@type":             types3 + "config.route.v3.RouteConfiguration",
		"name":              name,
		"virtual_hosts":     hosts,
		"validate_clusters": false,
	}
}

// rule is one match of a rule of a route.
type rule struct {
	owner    *gatewayv1.HTTPRoute
	exact    bool
	path     string
	backends []gatewayv1.HTTPBackendRef
}

func rulesOf(route *gatewayv1.HTTPRoute) []rule {
	var found []rule
	for _, each := range route.Spec.Rules {
		for _, match := range each.Matches { // the API server fills in the one for all paths
			found = append(found, rule{
				owner:    route,
				exact:    *match.Path.Type == gatewayv1.PathMatchExact,
				path:     *match.Path.Value,
				backends: each.BackendRefs,
			})
		}
	}
	return found
}

func (r rule) route(w *world) object {
	match := object{"path_separated_prefix": r.path}
	if r.exact {
		match = object{"path": r.path}
	} else if r.path == "/" {
		match = object{"prefix": "/"}
	}
	var weighted list
	var usable int
	for _, backend := range r.backends {
		weight := int32(1)
		if backend.Weight != nil {
			weight = *backend.Weight
		}
		entry, isUsable := r.cluster(w, backend)
		if isUsable {
			usable++
		}
		entry["weight"] = weight
		weighted = append(weighted, entry)
	}
	if usable == 0 {
		return object{"match": match, "direct_response": object{"status": 500}}
	}
	return object{
		"match": match,
		"route": object{"timeout": "60s", "weighted_clusters": object{"clusters": weighted}},
		// Which model server answered: the filters below make metadata of it.
		"response_headers_to_add": list{object{
			"header":        object{"key": servedHeader, "value": "%UPSTREAM_HOST%"},
			"append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
		}},
	}
}

// cluster is the pool's, with the pool's picker before it; a backend that cannot be had keeps its share of the requests.
func (r rule) cluster(w *world, backend gatewayv1.HTTPBackendRef) (object, bool) {
	name, isPool := poolOf(r.owner, backend)
	pool := w.pools[name]
	if !isPool || pool == nil {
		return object{"name": noBackend}, false
	}
	if _, known := w.pickerOf(pool); !known {
		return object{"name": noBackend}, false
	}
	filter := failClosed
	if pool.Spec.EndpointPickerRef.FailureMode == inferencev1.EndpointPickerFailOpen {
		filter = failOpen
	}
	return object{
		"name": serversName(name),
		"typed_per_filter_config": object{filter: object{
			"@type": types3 + "config.route.v3.FilterConfig",
			"config": object{
				"@type":     types3 + "extensions.filters.http.ext_proc.v3.ExtProcPerRoute",
				"overrides": object{"grpc_service": pickerService(pickerName(name))},
			},
		}},
	}, true
}

func pickerService(cluster string) object {
	return object{
		"envoy_grpc": object{"cluster_name": cluster, "authority": fmt.Sprintf("%s.test", cluster)},
		"timeout":    "10s",
	}
}
