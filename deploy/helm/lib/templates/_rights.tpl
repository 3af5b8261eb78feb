{{/* Who the picker is, and what it may: list and watch what it reads, write events, and no more. */}}

{{- define "router.rights" -}}
{{- $name := include "router.name" . -}}
{{- $labels := include "router.labels" . -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}-sa
  namespace: {{ .Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [create] # what decisions have to do without
{{- with .Values.router.epp.extraRules }}
{{ toYaml . }}
{{- end }}
---
{{ include "router.binding" (dict "root" . "name" (printf "%s-sa" $name)) }}
{{- if .Values.router.inferencePool.create }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}-non-sa
  namespace: {{ .Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
rules:
- apiGroups: [inference.networking.k8s.io]
  resources: [inferencepools]
  resourceNames: [{{ .Release.Name }}]
  verbs: [list, watch]
- apiGroups: [llm-d.ai, inference.networking.x-k8s.io]
  resources: [inferenceobjectives, inferencemodelrewrites]
  verbs: [list, watch]
---
{{ include "router.binding" (dict "root" . "name" (printf "%s-non-sa" $name)) }}
{{- end }}
{{- if include "router.elects" . }}
---
# A name cannot be demanded of what is created.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}-leader-election
  namespace: {{ .Release.Namespace }}
  labels: {{- $labels | nindent 4 }}
rules:
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ printf "epp-%s-%s.llm-d.ai" .Release.Namespace (ternary .Release.Name $name .Values.router.inferencePool.create) }}]
  verbs: [get, update]
---
{{ include "router.binding" (dict "root" . "name" (printf "%s-leader-election" $name)) }}
{{- end }}
{{- if include "router.asksWhoReadsMetrics" . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "router.clusterName" . }}
  labels: {{- $labels | nindent 4 }}
rules:
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "router.clusterName" . }}
  labels: {{- $labels | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ include "router.clusterName" . }}}
subjects:
- {kind: ServiceAccount, name: {{ $name }}, namespace: {{ .Release.Namespace }}}
{{- end }}
{{- end -}}

{{- define "router.binding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "router.labels" .root | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }}}
subjects:
- {kind: ServiceAccount, name: {{ include "router.name" .root }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}
