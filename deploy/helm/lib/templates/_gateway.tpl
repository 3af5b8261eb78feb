{{/* What gateways need beside the pool. */}}

{{- define "router.route" -}}
{{- $route := .Values.httpRoute -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  parentRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: {{ $route.inferenceGatewayName }}
    {{- with $route.inferenceGatewayNamespace }}
    namespace: {{ . }}
    {{- end }}
  rules:
  - matches:
    - path: {type: PathPrefix, value: /}
      {{- if or $route.baseModel $route.headerMatches }}
      headers:
      {{- with $route.baseModel }}
      - {type: Exact, name: X-Gateway-Base-Model-Name, value: {{ . | quote }}}
      {{- end }}
      {{- range $name, $value := $route.headerMatches }}
      - {type: Exact, name: {{ $name }}, value: {{ $value | toString | quote }}}
      {{- end }}
      {{- end }}
    backendRefs:
    - {group: inference.networking.k8s.io, kind: InferencePool, name: {{ .Release.Name }}}
    {{- if and $route.requestTimeout (ne .Values.provider.name "gke") }}
    timeouts: {request: {{ $route.requestTimeout }}}
    {{- end }}
{{- end -}}

{{- define "router.istio" -}}
{{- $rule := .Values.provider.istio.destinationRule -}}
# The picker's certificate is signed by itself unless a flag names another: Istio must not verify it.
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: {{ include "router.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  host: {{ $rule.host | default (printf "%s.%s" (include "router.name" .) (include "router.fqdn" .)) }}
  trafficPolicy:
    tls:
      {{- if include "router.isSecure" . }}
      mode: SIMPLE
      insecureSkipVerify: true
      {{- else }}
      mode: DISABLE
      {{- end }}
    {{- with $rule.trafficPolicy.connectionPool }}
    connectionPool: {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end -}}

{{- define "router.gke.neg" -}}
cloud.google.com/neg: {{ printf "{\"exposed_ports\":{\"%v\":{}}}" .Values.router.epp.extProcPort | squote }}
{{- end -}}

{{- define "router.gke" -}}
{{- $router := .Values.router -}}
{{- $servers := $router.modelServers -}}
{{- $preferred := include "router.hasPreferredBackends" . -}}
{{- $health := int ($router.epp.grpcHealthPort | default 9003) -}}
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  targetRef: {group: inference.networking.k8s.io, kind: InferencePool, name: {{ .Release.Name }}}
  default:
    timeoutSec: 2
    checkIntervalSec: 2
    config:
      {{- $port := int (first $servers.targetPorts).number }}
      {{- if and (eq $servers.type "vllm") (eq $servers.protocol "grpc") }}
      type: GRPC
      grpcHealthCheck:
        portSpecification: USE_FIXED_PORT
        port: {{ $servers.targetPortNumber | default $port }}
        grpcServiceName: /vllm.grpc.engine.VllmEngine/HealthCheck
      {{- else }}
      type: HTTP
      httpHealthCheck:
        requestPath: /health
        port: {{ $servers.targetPortNumber | default $port }}
      {{- end }}
---
{{- if and (ne $health 9003) (not $preferred) }}
{{ include "router.gke.pickerHealth" (dict "root" . "name" (printf "%s-epp" .Release.Name) "service" (include "router.name" .)) }}
---
{{- end }}
{{- if $preferred }}
{{ include "router.gke.preferred" . }}
{{- else }}
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  targetRef: {group: inference.networking.k8s.io, kind: InferencePool, name: {{ .Release.Name }}}
  default:
    timeoutSec: 300
    logging: {enabled: true}
---
{{- end }}
{{- end -}}

{{- define "router.gke.pickerHealth" -}}
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "router.labels" .root | nindent 4 }}
spec:
  targetRef: {group: "", kind: Service, name: {{ .service }}}
  default:
    timeoutSec: 2
    checkIntervalSec: 2
    config:
      type: GRPC
      grpcHealthCheck:
        portSpecification: USE_FIXED_PORT
        port: {{ .root.Values.router.epp.grpcHealthPort | default 9003 }}
{{- end -}}

{{/* One Service for each replica, so that the load balancer can prefer some: ordinal 0 has the picker's own. */}}
{{- define "router.gke.preferred" -}}
{{- $router := .Values.router -}}
{{- $gke := .Values.provider.gke.preferredBackends -}}
{{- $name := include "router.name" . -}}
{{- $first := int $gke.preferredReplicas -}}
{{- range $ordinal := until (int (include "router.replicas" .)) }}
{{- $isPreferred := lt $ordinal $first }}
{{- $service := $name }}
{{- if and $isPreferred (gt $ordinal 0) }}{{ $service = printf "%s-preferred-%d" $name $ordinal }}{{ end }}
{{- if eq $ordinal $first }}{{ $service = printf "%s-backup" $name }}{{ end }}
{{- if gt $ordinal $first }}{{ $service = printf "%s-backup-%d" $name (sub $ordinal $first) }}{{ end }}
{{- if gt $ordinal 0 }}
apiVersion: v1
kind: Service
metadata:
  name: {{ $service }}
  namespace: {{ $.Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ $service }}
    app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
  annotations: {{- include "router.gke.neg" $ | nindent 4 }}
spec:
  type: ClusterIP
  selector:
    {{- include "router.selector" $ | nindent 4 }}
    statefulset.kubernetes.io/pod-name: {{ $name }}-{{ $ordinal }}
  ports:
  - name: grpc-ext-proc
    protocol: TCP
    port: {{ $router.epp.extProcPort }}
    targetPort: grpc
    appProtocol: {{ ternary "http2" "kubernetes.io/h2c" (eq (include "router.isSecure" $) "true") }}
---
{{ include "router.gke.pickerHealth" (dict "root" $ "name" $service "service" $service) }}
---
{{- end }}
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata:
  name: {{ $service }}
  namespace: {{ $.Release.Namespace }}
  labels: {{- include "router.labels" $ | nindent 4 }}
spec:
  targetRef: {group: "", kind: Service, name: {{ $service }}}
  default:
    timeoutSec: 300
    backendPreference: {{ ternary "PREFERRED" "DEFAULT" $isPreferred }}
    balancingMode: {{ $gke.balancingMode }}
    maxRatePerEndpoint: {{ $gke.maxRatePerEndpoint }}
    capacityScalerPercent: {{ $gke.capacityScalerPercent }}
---
{{- end }}
{{- end -}}
