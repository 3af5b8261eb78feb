{{/* Where gateways, scrapers and proxies find the picker. */}}

{{- define "router.services" -}}
{{- $router := .Values.router -}}
{{- $aside := include "router.isProxyAside" . -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "router.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
  {{- if include "router.hasPreferredBackends" . }}
  annotations: {{- include "router.gke.neg" . | nindent 4 }}
  {{- end }}
spec:
  type: ClusterIP
  selector:
    {{- include "router.selector" . | nindent 4 }}
    {{- if include "router.hasPreferredBackends" . }}
    statefulset.kubernetes.io/pod-name: {{ include "router.name" . }}-0
    {{- end }}
  ports:
  - name: grpc-ext-proc
    protocol: TCP
    port: {{ $router.epp.extProcPort }}
    targetPort: grpc
    appProtocol: {{ ternary "http2" "kubernetes.io/h2c" (eq (include "router.isSecure" .) "true") }}
  - name: http-metrics
    protocol: TCP
    port: {{ $router.metricsPort | default 9090 }}
    targetPort: metrics
    appProtocol: http
  {{- if not $aside }}
  {{- with $router.extraServicePorts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
{{- if $aside }}
---
# Each picker by its own address: a proxy's connections to one virtual address would all end at one of them.
apiVersion: v1
kind: Service
metadata:
  name: {{ include "router.name" . }}-headless
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ include "router.name" . }}-headless
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  clusterIP: None
  {{- if include "router.hasPriorities" . }}
  publishNotReadyAddresses: true
  {{- end }}
  selector: {{- include "router.selector" . | nindent 4 }}
  ports:
  - {name: grpc-ext-proc, protocol: TCP, port: 9002, targetPort: grpc}
  - {name: grpc-health, protocol: TCP, port: {{ $router.epp.grpcHealthPort | default 9003 }}, targetPort: grpc-health}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "router.proxyName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ include "router.proxyName" . }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  type: ClusterIP
  selector:
    llm-d-router-proxy: {{ include "router.proxyName" . }}
  ports: {{- toYaml $router.extraServicePorts | nindent 2 }}
{{- end }}
{{- if include "router.isResilient" . }}
---
# The model servers by their addresses, for Envoy to choose from while no picker answers.
apiVersion: v1
kind: Service
metadata:
  name: {{ include "router.release" . }}-model-servers
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector: {{- toYaml $router.modelServers.matchLabels | nindent 4 }}
  ports:
  {{- range $index, $port := $router.modelServers.targetPorts }}
  - {name: model-{{ $index }}, protocol: TCP, port: {{ int $port.number }}, targetPort: {{ int $port.number }}}
  {{- end }}
{{- end }}
{{- end -}}
