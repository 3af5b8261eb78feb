{{/* Scraping, alerts and a dashboard. */}}

{{- define "router.isOperator" -}}
{{- $monitoring := .Values.router.monitoring -}}
{{- if and $monitoring.prometheus.enabled (ne ($monitoring.provider.name | default "prometheusoperator") "gmp") }}true{{ end -}}
{{- end -}}

{{- define "router.isGmp" -}}
{{- $monitoring := .Values.router.monitoring -}}
{{- $provided := or (eq (include "router.provider" .) "gke") (not (hasKey .Values "provider")) -}}
{{- if and $provided $monitoring.prometheus.enabled (eq $monitoring.provider.name "gmp") }}true{{ end -}}
{{- end -}}

{{/* Who scrapes: an account that may read /metrics and nothing else, its token, and whom the values name beside it. */}}
{{- define "router.reader" -}}
{{- $auth := .root.Values.router.monitoring.prometheus.auth -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "router.labels" .root | nindent 4 }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .secret }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "router.labels" .root | nindent 4 }}
  annotations: {kubernetes.io/service-account.name: {{ .name }}}
type: kubernetes.io/service-account-token
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .cluster }}
  labels: {{- include "router.labels" .root | nindent 4 }}
rules:
- nonResourceURLs: [/metrics]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .cluster }}
  labels: {{- include "router.labels" .root | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .cluster }}}
subjects:
- {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }}}
{{- range $auth.readers }}
- {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .namespace }}}
{{- end }}
{{- end -}}

{{- define "router.monitoring" -}}
{{- $monitoring := .Values.router.monitoring -}}
{{- $auth := $monitoring.prometheus.auth -}}
{{- $name := include "router.name" . -}}
{{- $asks := include "router.asksWhoReadsMetrics" . -}}
{{- if include "router.isOperator" . }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ $name }}-monitor
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "router.labels" . | nindent 4 }}
    {{- with $monitoring.prometheus.extraLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels: {app.kubernetes.io/name: {{ $name }}}
  endpoints:
  - port: http-metrics
    path: /metrics
    interval: {{ $monitoring.interval }}
    {{- if $asks }}
    authorization:
      type: Bearer
      credentials: {name: {{ $auth.secretName }}, key: token}
    {{- end }}
---
{{- if $asks }}
{{ include "router.reader" (dict "root" . "name" (printf "%s-metrics-reader" $name) "secret" $auth.secretName "cluster" (printf "%s-metrics-reader" (include "router.clusterName" .))) }}
---
{{- end }}
{{- end }}
{{- if include "router.isGmp" . }}
apiVersion: monitoring.googleapis.com/v1
kind: PodMonitoring
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "router.selector" . | nindent 6 }}
  endpoints:
  - port: metrics
    scheme: http
    path: /metrics
    interval: {{ $monitoring.interval }}
    {{- if $asks }}
    authorization:
      type: Bearer
      credentials:
        secret: {name: {{ .Release.Name }}-metrics-reader-secret, key: token}
    {{- end }}
---
{{- if $asks }}
{{ include "router.reader" (dict "root" . "name" (printf "%s-metrics-reader-sa" .Release.Name) "secret" (printf "%s-metrics-reader-secret" .Release.Name) "cluster" (printf "%s-%s-metrics-reader" .Release.Namespace .Release.Name)) }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .Release.Name }}-metrics-reader-secret-read
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
rules:
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ .Release.Name }}-metrics-reader-secret]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .Release.Name }}-metrics-reader-secret-read
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }}-metrics-reader-secret-read}
subjects:
- {kind: ServiceAccount, name: collector, namespace: {{ ternary "gke-gmp-system" "gmp-system" $monitoring.provider.gmp.autopilot }}}
---
{{- end }}
{{- end }}
{{- if $monitoring.rules.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ $name }}-alerts
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "router.labels" . | nindent 4 }}
    {{- with $monitoring.prometheus.extraLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec: {{- (.Files.Get "files/alerts.yaml" | fromYaml).spec | toYaml | nindent 2 }}
---
{{- end }}
{{- if $monitoring.dashboards.enabled }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}-dashboard
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "router.labels" . | nindent 4 }}
    {{- with $monitoring.dashboards.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
data:
  {{ $name }}-dashboard.json: |
    {{- .Files.Get "files/dashboard.json" | trimSuffix "\n" | nindent 4 }}
---
{{- end }}
{{- end -}}
