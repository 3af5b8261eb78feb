{{/* How many there are, and who may call them. */}}

{{- define "router.availability" -}}
{{- $epp := .Values.router.epp -}}
{{- $name := include "router.name" . -}}
{{- $wanted := ternary $epp.podDisruptionBudget.enabled (and (include "router.hasSeveral" .) (not (include "router.elects" .)) | empty | not) (kindIs "bool" $epp.podDisruptionBudget.enabled) -}}
{{- if $wanted }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ $epp.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "router.selector" . | nindent 6 }}
---
{{- end }}
{{- if and (include "router.isProxyAside" .) (gt (int .Values.router.proxy.replicas) 1) }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "router.proxyName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ include "router.proxyName" . }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      llm-d-router-proxy: {{ include "router.proxyName" . }}
---
{{- end }}
{{- if $epp.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ $name }}}
  minReplicas: {{ $epp.autoscaling.minReplicas }}
  maxReplicas: {{ $epp.autoscaling.maxReplicas }}
  metrics:
  - type: ContainerResource
    containerResource:
      name: cpu
      container: epp
      target: {type: Utilization, averageUtilization: {{ $epp.autoscaling.targetCPUUtilizationPercentage }}}
  {{- with $epp.autoscaling.metrics }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  behavior:
    scaleDown: # each one that goes takes its streams' time
      stabilizationWindowSeconds: 300
      policies:
      - {type: Pods, value: 1, periodSeconds: 60}
---
{{- end }}
{{- end -}}

{{- define "router.networkPolicies" -}}
{{- $router := .Values.router -}}
{{- $policy := $router.networkPolicy -}}
{{- $store := $router.epp.stateStore -}}
{{- $name := include "router.name" . -}}
{{- if $policy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "router.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
  {{- if include "router.isProxyInside" . }}
  - ports: # clients call the proxy; it calls the picker inside of the pod
    {{- range (include "router.proxyPorts" . | fromYamlArray) }}
    {{- if not (hasPrefix "metrics-" .name) }}
    - {protocol: TCP, port: {{ .containerPort }}}
    {{- end }}
    {{- end }}
    {{- with $policy.gatewayFrom }}
    from: {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- else if include "router.isProxyAside" . }}
  - from:
    - podSelector: {matchLabels: {llm-d-router-proxy: {{ include "router.proxyName" . }}}}
    ports:
    - {protocol: TCP, port: grpc}
    - {protocol: TCP, port: grpc-health}
  {{- else }}
  - ports: # gateways are wherever they are, unless networkPolicy.gatewayFrom names them
    - {protocol: TCP, port: grpc}
    - {protocol: TCP, port: grpc-health}
    {{- with $policy.gatewayFrom }}
    from: {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  - from: {{- toYaml $policy.metricsFrom | nindent 4 }}
    ports:
    - {protocol: TCP, port: metrics}
    {{- if include "router.isProxyInside" . }}
    {{- range (include "router.proxyPorts" . | fromYamlArray) }}
    {{- if hasPrefix "metrics-" .name }}
    - {protocol: TCP, port: {{ .containerPort }}}
    {{- end }}
    {{- end }}
    {{- end }}
  {{- with $policy.extraIngress }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
---
{{- end }}
{{- if eq $store.type "hazelcast" }}
# Whoever reaches the members' port is a member: only pickers may.
{{- if not $policy.enabled }} The other ports stay open to all.{{ end }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}-members
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "router.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: { {{- include "router.selector" . -}} }}
    ports:
    - {protocol: TCP, port: {{ $store.hazelcast.port }}}
  {{- if not $policy.enabled }}
  - ports:
    - {protocol: TCP, port: 1, endPort: {{ sub (int $store.hazelcast.port) 1 }}}
    - {protocol: TCP, port: {{ add (int $store.hazelcast.port) 1 }}, endPort: 65535}
    - {protocol: UDP}
  {{- end }}
---
{{- end }}
{{- if include "router.hasOwnRedis" . }}
# It has no password: only pickers may talk to it.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}-redis
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.redisLabels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {app.kubernetes.io/name: {{ $name }}-redis}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: { {{- include "router.selector" . -}} }}
    ports:
    - {protocol: TCP, port: 6379}
---
{{- end }}
{{- end -}}
