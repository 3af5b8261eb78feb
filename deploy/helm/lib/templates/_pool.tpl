{{- define "router.pool" -}}
{{- $router := .Values.router -}}
{{- $pool := $router.inferencePool -}}
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  targetPorts:
  {{- range $router.modelServers.targetPorts }}
  - number: {{ int .number }}
  {{- end }}
  appProtocol: {{ ternary "kubernetes.io/h2c" "http" (eq $router.modelServers.protocol "grpc") }}
  selector:
    matchLabels: {{- toYaml $router.modelServers.matchLabels | nindent 6 }}
  endpointPickerRef:
    name: {{ include "router.name" . }}{{ if include "router.hasPreferredBackends" . }}-backup{{ end }}
    port: {number: {{ $router.epp.extProcPort }}}
    failureMode: {{ ternary "FailClose" "FailOpen" (hasPrefix "FailClose" $pool.failureMode) }}
{{- range $router.inferenceObjectives }}
---
apiVersion: llm-d.ai/v1alpha2
kind: InferenceObjective
metadata:
  name: {{ .name }}
  namespace: {{ $.Release.Namespace }}
  labels: {{- include "router.labels" $ | nindent 4 }}
spec:
  priority: {{ int .priority }}
  poolRef:
    group: inference.networking.k8s.io
    name: {{ $.Release.Name }}
{{- end }}
{{- end -}}
