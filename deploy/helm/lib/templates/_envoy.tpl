{{/* Envoy's configuration: deploy/envoy in its three modes, with ports filled in, open to the pod's network, and a listener for probes. */}}

{{- define "router.envoy" -}}
{{- $proxy := .Values.router.proxy -}}
{{- $port := 8081 -}}
{{- $scope := dict "root" . "port" $port "proxy" $proxy "isResilient" (eq $proxy.envoyMode "resilient") "isLean" (eq $proxy.envoyMode "lean") "isAside" (eq $proxy.mode "service") "failOpen" (ternary $proxy.failOpen (eq $proxy.envoyMode "resilient") (kindIs "bool" $proxy.failOpen)) -}}
{{- include "router.envoy.text" $scope -}}
{{- end -}}

{{- define "router.envoy.text" -}}
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 19000}}}
overload_manager:                                # a client may open many connections, not all of them
  resource_monitors:
  - name: envoy.resource_monitors.global_downstream_max_connections
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
      max_active_downstream_connections: 15000   # below --max-streams
static_resources:
  listeners:
  - name: gateway
    address: {socket_address: {address: "::", port_value: {{ .port }}, ipv4_compat: true}}
    per_connection_buffer_limit_bytes: {{ ternary 33554432 32768 .isResilient }}{{ if .isResilient }} # the largest request body; above it 413{{ end }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: gateway
          stream_idle_timeout: 0s                # a prompt may queue, a token may be long in coming
          request_timeout: 300s                  # for the whole request and its decision, not for the response
          request_headers_timeout: 30s           # a client that never completes them never reaches the picker
          max_request_headers_kb: 60
          common_http_protocol_options: {max_headers_count: 100, idle_timeout: 900s}
          http_protocol_options: {accept_http_10: true, default_host_for_http_10: gateway}
          http2_protocol_options:
            allow_connect: true                  # WebSockets over HTTP/2 (RFC 8441)
            max_concurrent_streams: 100
            initial_stream_window_size: 65536    # for each stream that is read slowly
            initial_connection_window_size: 1048576
          upgrade_configs: [{upgrade_type: websocket}]
          preserve_external_request_id: true     # the id in /debug/decisions is the client's own
          # Before any filter. Where requests go is the picker's to decide, not the client's. What else the picker
          # believes of a client is commented out (docs/operations.md): remove what your clients may not choose.
          early_header_mutation_extensions:
          - name: envoy.http.early_header_mutation.header_mutation
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
              mutations:
              - remove: x-gateway-destination-endpoint
              - remove: x-prefiller-host-port
              - remove: x-encoder-hosts-ports
              - remove: x-data-parallel-host-port
              - remove: x-kv-cache-source-host-port
              # - remove: x-llm-d-inference-objective        # the priority
              # - remove: x-gateway-inference-objective
              # - remove: x-llm-d-inference-fairness-id      # whose turn it is, and the tenant in metrics
              # - remove: x-gateway-inference-fairness-id
              # - remove: x-llm-d-model-name-rewrite         # the model that serves
              # - remove: x-gateway-model-name-rewrite
              # - remove: prefer                             # if-available: 412 when nothing is cached
              # - remove: x-session-token                    # the endpoint of earlier requests
              # - remove: epp-profile                        # the scheduling profile
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match:
                  prefix: "/"
                  headers:
                  - {name: upgrade, string_match: {exact: websocket, ignore_case: true}}
                  - {name: connection, string_match: {contains: upgrade, ignore_case: true}}
                route: {{- include "router.envoy.route" . | nindent 18 }}
                typed_per_filter_config:               # a tunnel's bytes pass the picker by, in every mode
                  envoy.filters.http.ext_proc:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute
                      overrides:
                        processing_mode:
                          request_header_mode: SEND
                          request_body_mode: NONE
                          response_header_mode: SEND
                          response_body_mode: NONE
                          response_trailer_mode: SEND
              - match: {prefix: "/", headers: [{name: content-encoding, string_match: {contains: ","}}]}
                route: {{- include "router.envoy.route" . | nindent 18 }}
                typed_per_filter_config:               # Envoy would begin with the wrong one of several codings: 415
                  envoy.filters.http.ext_proc:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    config: {}
                  envoy.filters.http.decompressor.gzip:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    disabled: true
                  envoy.filters.http.decompressor.zstd:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    disabled: true
                  envoy.filters.http.decompressor.brotli:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    disabled: true
              - match: {prefix: "/"}
                route: {{- include "router.envoy.route" . | nindent 18 }}
                typed_per_filter_config:
                  envoy.filters.http.ext_proc:
                    "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig
                    config: {}
          http_filters:
          - name: envoy.filters.http.decompressor.gzip
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.decompressor.v3.Decompressor
              decompressor_library:
                name: gzip
                typed_config: {"@type": type.googleapis.com/envoy.extensions.compression.gzip.decompressor.v3.Gzip, max_inflate_ratio: 100}
              request_direction_config: {}
              response_direction_config: {common_config: {enabled: {default_value: false, runtime_key: request_bodies_only}}}
          - name: envoy.filters.http.decompressor.zstd
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.decompressor.v3.Decompressor
              decompressor_library:
                name: zstd
                typed_config: {"@type": type.googleapis.com/envoy.extensions.compression.zstd.decompressor.v3.Zstd}
              request_direction_config: {}
              response_direction_config: {common_config: {enabled: {default_value: false, runtime_key: request_bodies_only}}}
          - name: envoy.filters.http.decompressor.brotli
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.decompressor.v3.Decompressor
              decompressor_library:
                name: brotli
                typed_config: {"@type": type.googleapis.com/envoy.extensions.compression.brotli.decompressor.v3.Brotli}
              request_direction_config: {}
              response_direction_config: {common_config: {enabled: {default_value: false, runtime_key: request_bodies_only}}}
          - name: envoy.filters.http.ext_proc
            disabled: true                       # but on the routes above: see there
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
              {{- include "router.envoy.picker" . | nindent 14 }}
              metadata_options:
                forwarding_namespaces: {untyped: [envoy.lb.subset_hint, envoy.lb]}
                receiving_namespaces: {untyped: [envoy.lb]}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
              suppress_envoy_headers: true
  - name: ready
    address: {socket_address: {address: "::", port_value: 19001, ipv4_compat: true}}
    ignore_global_conn_limit: true               # however many clients there are
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ready
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {path: /stats/prometheus}
                route: {cluster: admin}
          http_filters:
          - name: envoy.filters.http.health_check
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck
              pass_through_mode: false
              headers: [{name: ":path", string_match: {exact: /ready}}]
              cluster_min_healthy_percentages: {endpoint_picker: {value: 1}}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
  {{- include "router.envoy.clusters" . | nindent 2 }}
  - name: admin
    type: STATIC
    connect_timeout: 1s
    load_assignment:
      cluster_name: admin
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 19000}}}
{{- end -}}

{{- define "router.envoy.route" -}}
cluster: {{ ternary "model_servers" "picked_endpoint" .isResilient }}
timeout: 0s
idle_timeout: 0s
{{- if .isResilient }}
retry_policy: # a model server that refuses the connection has seen nothing
  retry_on: connect-failure,refused-stream
  num_retries: 2
  retry_host_predicate:
  - name: envoy.retry_host_predicates.previous_hosts
    typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
  host_selection_retry_max_attempts: 5
{{- end }}
{{- end -}}

{{/* Of a proxy in mode resilient, or not; the picker's configuration repeats it where it is shorter than what the picker waits. */}}
{{- define "router.envoy.messageTimeout" -}}
{{ ternary "2s" "1000s" . }}
{{- end -}}

{{- define "router.envoy.picker" -}}
failure_mode_allow: {{ .failOpen }}
message_timeout: {{ include "router.envoy.messageTimeout" .isResilient }} # admission may hold a request in a queue; resilient: what a hung picker may cost
grpc_service:
  envoy_grpc: {cluster_name: endpoint_picker, authority: endpoint-picker}
  {{- if not .isResilient }}
  timeout: 10s # for establishing the stream, not for its life
  {{- end }}
  {{- if .isAside }}
  retry_policy: # a picker that has not begun to answer may as well be another one
    retry_on: connect-failure,refused-stream,reset
    num_retries: 2
    retry_back_off: {base_interval: 0.010s, max_interval: 0.050s}
    retry_host_predicate:
    - name: envoy.retry_host_predicates.previous_hosts
      typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
    host_selection_retry_max_attempts: 5
  {{- end }}
processing_mode:
  request_header_mode: SEND
  request_body_mode: {{ ternary "BUFFERED" "FULL_DUPLEX_STREAMED" .isResilient }}
  request_trailer_mode: {{ ternary "SKIP" "SEND" .isResilient }}
  response_header_mode: SEND
  response_body_mode: {{ ternary "NONE" "FULL_DUPLEX_STREAMED" (or .isLean .isResilient) }}
  response_trailer_mode: SEND # keeps the stream open until the response has ended
{{- end -}}

{{- define "router.envoy.clusters" -}}
{{- $router := .root.Values.router -}}
{{- $priority := .proxy.priorityRouting -}}
{{- $name := include "router.name" .root -}}
{{- $headless := printf "%s-headless.%s" $name (include "router.fqdn" .root) -}}
{{- $health := $router.epp.grpcHealthPort | default 9003 -}}
{{- $tls := eq (include "router.isSecure" .root) "true" -}}
{{- if .isResilient -}}
- name: model_servers # the picked endpoint, or round robin when none was picked
  type: STRICT_DNS
  dns_refresh_rate: 1s
  respect_dns_ttl: false
  connect_timeout: 1s
  circuit_breakers: {thresholds: [{max_connections: 40000, max_pending_requests: 40000, max_requests: 40000}]}
  load_balancing_policy:
    policies:
    - typed_extension_config:
        name: envoy.load_balancing_policies.override_host
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost
          override_host_sources: [{header: x-gateway-destination-endpoint}]
          fallback_policy:
            policies:
            - typed_extension_config:
                name: envoy.load_balancing_policies.round_robin
                typed_config: {"@type": type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin}
  load_assignment:
    cluster_name: model_servers
    endpoints:
    - lb_endpoints:
      {{- range $router.modelServers.targetPorts }}
      - endpoint: {address: {socket_address: {address: {{ printf "%s-model-servers.%s" (include "router.release" $.root) (include "router.fqdn" $.root) }}, port_value: {{ int .number }}}}}
      {{- end }}
{{- else -}}
- name: picked_endpoint # whatever address the picker names
  type: ORIGINAL_DST
  lb_policy: CLUSTER_PROVIDED
  connect_timeout: 5s
  original_dst_lb_config: {use_http_header: true, http_header_name: x-gateway-destination-endpoint}
  circuit_breakers: {thresholds: [{max_connections: 40000, max_pending_requests: 40000, max_requests: 40000}]}
{{- end }}
- name: endpoint_picker
  type: {{ ternary "STRICT_DNS" "STATIC" .isAside }}
  {{- if .isAside }}
  dns_refresh_rate: {{ ternary $priority.dnsRefreshRate "1s" $priority.enabled }}
  respect_dns_ttl: false
  {{- end }}
  connect_timeout: {{ if $priority.enabled }}0.25s{{ else if .isResilient }}1s{{ else }}5s{{ end }}
  lb_policy: {{ .proxy.lbPolicy }}
  {{- if $priority.enabled }}
  common_lb_config: {healthy_panic_threshold: {value: {{ $priority.healthyPanicThreshold }}}, ignore_new_hosts_until_first_hc: true}
  outlier_detection:
    split_external_local_origin_errors: true
    consecutive_local_origin_failure: 1
    enforcing_consecutive_local_origin_failure: 100
    max_ejection_percent: 50
    base_ejection_time: 30s
  {{- else if .isResilient }}
  # A picker known to be away is not asked at all: without this, Envoy would ask it in its panic mode.
  common_lb_config: {healthy_panic_threshold: {value: 0}}
  {{- else if .isAside }}
  # Only when no picker is well, all are asked: one that drains still answers, and there is nothing to lose.
  common_lb_config: {healthy_panic_threshold: {value: 1}}
  {{- end }}
  {{- if and .isAside (not $priority.enabled) }}
  outlier_detection: {consecutive_gateway_failure: 1, base_ejection_time: 1s, interval: 1s, max_ejection_percent: 100}
  {{- end }}
  circuit_breakers: {thresholds: [{max_connections: 40000, max_pending_requests: 40000, max_requests: 40000}]}
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
      explicit_http_config:
        http2_protocol_options:
          {{- if .isResilient }}
          connection_keepalive: {interval: 1s, timeout: 1s}
          {{- else if .isAside }}
          connection_keepalive: {interval: 5s, timeout: 5s}
          {{- end }}
          # Clients that send a byte a frame must not end the connection to the picker, nor fill Envoy.
          max_outbound_frames: 100000
          initial_stream_window_size: 262144
  transport_socket_matches: # chosen by the endpoint's metadata below
  - name: tls # the picker signs for itself, so no authority is checked
    match: {tls: true}
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context: {alpn_protocols: [h2]}
  - name: plaintext
    match: {tls: false}
    transport_socket:
      name: envoy.transport_sockets.raw_buffer
      typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer}
  health_checks: # on the health port, which never has TLS
  - timeout: {{ .proxy.healthCheckTimeout | default "1s" }}
    interval: {{ .proxy.healthCheckInterval | default (ternary "5s" "1s" $priority.enabled) }}
    no_traffic_interval: {{ .proxy.healthCheckInterval | default (ternary "5s" "1s" $priority.enabled) }}
    unhealthy_threshold: {{ .proxy.healthCheckUnhealthyThreshold | default 2 }}
    healthy_threshold: {{ .proxy.healthCheckHealthyThreshold | default (ternary 3 1 $priority.enabled) }}
    transport_socket_match_criteria: {tls: false}
    grpc_health_check: {service_name: envoy.service.ext_proc.v3.ExternalProcessor}
  load_assignment:
    cluster_name: endpoint_picker
    {{- if $priority.enabled }}
    policy: {overprovisioning_factor: {{ mul 100 (int $priority.primaryReplicas) }}}
    {{- end }}
    endpoints:
    {{- if $priority.enabled }}
    {{- $primaries := int $priority.primaryReplicas }}
    {{- range $level := list 0 1 }}
    - priority: {{ $level }}
      lb_endpoints:
      {{- range $i := until (int (ternary $priority.primaryReplicas $priority.standbyReplicas (eq $level 0))) }}
      {{- $pod := printf "%s-%d.%s" $name (add $i (mul $level $primaries)) $headless }}
      {{- include "router.envoy.pickerAt" (dict "host" $pod "tls" $tls "health" $health) | nindent 6 }}
      {{- end }}
    {{- end }}
    {{- else }}
    - lb_endpoints:
      {{- include "router.envoy.pickerAt" (dict "host" (ternary $headless "127.0.0.1" .isAside) "tls" $tls "health" $health) | nindent 6 }}
    {{- end }}
{{- end -}}

{{- define "router.envoy.pickerAt" -}}
- endpoint:
    address: {socket_address: {address: {{ .host }}, port_value: 9002}}
    health_check_config: {port_value: {{ .health }}}
  metadata: {filter_metadata: {envoy.transport_socket_match: {tls: {{ .tls }}}}}
{{- end -}}
