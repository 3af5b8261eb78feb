package main

import (
	inferencev1 "sigs.k8s.io/gateway-api-inference-extension/api/v1"
)

const (
	pickedHeader = "x-gateway-destination-endpoint"
	servedHeader = "x-gateway-destination-endpoint-served"
	metadata     = "envoy.lb"
)

// listener is one gateway: two filters for pickers, of which a route enables the one that its pool's failure mode wants,
// both as deploy/envoy has them.
func (g *gateway) listener(address string, port int, routes string) object {
	return object{
		"@type":   types3 + "config.listener.v3.Listener",
		"name":    routes,
		"address": socket(address, port),
		"filter_chains": list{object{"filters": list{object{
			"name": "envoy.filters.network.http_connection_manager",
			"typed_config": object{
				"@type":       types3 + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
				"stat_prefix": routes,
				"rds":         object{"route_config_name": routes, "config_source": g.envoy.source(routes)},
				"http_filters": list{
					pickerFilter(failClosed, false, object{
						"request_header_mode":   "SEND",
						"request_body_mode":     "FULL_DUPLEX_STREAMED",
						"request_trailer_mode":  "SEND",
						"response_header_mode":  "SEND",
						"response_body_mode":    "FULL_DUPLEX_STREAMED",
						"response_trailer_mode": "SEND",
					}),
					pickerFilter(failOpen, true, object{
						"request_header_mode":   "SEND",
						"request_body_mode":     "BUFFERED",
						"request_trailer_mode":  "SKIP",
						"response_header_mode":  "SEND",
						"response_body_mode":    "NONE",
						"response_trailer_mode": "SEND",
					}),
					servedFilter(),
					object{
						"name":         "envoy.filters.http.router",
						"typed_config": object{"@type": types3 + "extensions.filters.http.router.v3.Router"},
					},
				},
			},
		}}}},
	}
}

func pickerFilter(name string, isOpen bool, mode object) object {
	return object{
		"name":     name,
		"disabled": true,
		"typed_config": object{
			"@type":              types3 + "extensions.filters.http.ext_proc.v3.ExternalProcessor",
			"failure_mode_allow": isOpen,
			"message_timeout":    "10s",
			"grpc_service":       pickerService(noBackend), // each pool has its own
			"processing_mode":    mode,
			"metadata_options": object{
				"forwarding_namespaces": object{"untyped": list{metadata}},
				"receiving_namespaces":  object{"untyped": list{metadata}},
			},
		},
	}
}

// servedFilter makes metadata, which pickers are sent with a response, of the header that routes add.
func servedFilter() object {
	return object{
		"name": "envoy.filters.http.header_to_metadata",
		"typed_config": object{
			"@type": types3 + "extensions.filters.http.header_to_metadata.v3.Config",
			"response_rules": list{object{
				"header":            servedHeader,
				"on_header_present": object{"metadata_namespace": metadata, "key": servedHeader, "type": "STRING"},
				"remove":            true,
			}},
		},
	}
}

// serversCluster sends to the endpoint that was picked, and round robin when none was.
func serversCluster(name string, pool *inferencev1.InferencePool, servers list) object {
	protocol := object{"http_protocol_options": object{}}
	if pool.Spec.AppProtocol == inferencev1.AppProtocolH2C {
		protocol = object{"http2_protocol_options": object{}}
	}
	const policies = "extensions.load_balancing_policies."
	return object{
		"@type":           types3 + "config.cluster.v3.Cluster",
		"name":            name,
		"type":            "STATIC",
		"connect_timeout": "5s",
		"load_assignment": assignment(name, servers),
		"load_balancing_policy": policy("override_host", object{
			"@type":                 types3 + policies + "override_host.v3.OverrideHost",
			"override_host_sources": list{object{"header": pickedHeader}},
			"fallback_policy": policy("round_robin", object{
				"@type": types3 + policies + "round_robin.v3.RoundRobin",
			}),
		}),
		"typed_extension_protocol_options": protocolOptions(protocol),
	}
}

// pickerCluster has TLS without an authority, for a picker signs for itself.
func pickerCluster(name string, pickers list) object {
	return object{
		"@type":                            types3 + "config.cluster.v3.Cluster",
		"name":                             name,
		"type":                             "STATIC",
		"connect_timeout":                  "5s",
		"load_assignment":                  assignment(name, pickers),
		"typed_extension_protocol_options": protocolOptions(object{"http2_protocol_options": object{}}),
		"transport_socket": object{
			"name": "envoy.transport_sockets.tls",
			"typed_config": object{
				"@type":              types3 + "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
				"common_tls_context": object{"alpn_protocols": list{"h2"}},
			},
		},
	}
}

func assignment(name string, endpoints list) object {
	return object{"cluster_name": name, "endpoints": list{object{"lb_endpoints": endpoints}}}
}

func policy(name string, typed object) object {
	return object{"policies": list{object{"typed_extension_config": object{
		"name":         "envoy.load_balancing_policies." + name,
		"typed_config": typed,
	}}}}
}

func protocolOptions(protocol object) object {
	const name = "extensions.upstreams.http.v3.HttpProtocolOptions"
	return object{"envoy." + name: object{"@type": types3 + name, "explicit_http_config": protocol}}
}
