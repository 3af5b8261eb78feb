{{/* Names, labels, and what the values come to. */}}

{{- define "router.release" -}}
{{- .Release.Name | lower | trim | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "router.name" -}}
{{- printf "%s-epp" (include "router.release" .) -}}
{{- end -}}

{{- define "router.proxyName" -}}
{{- printf "%s-proxy" (include "router.release" .) -}}
{{- end -}}

{{/* Belongs to no namespace, so it carries one. */}}
{{- define "router.clusterName" -}}
{{- printf "%s-%s-epp" (include "router.release" .) (.Release.Namespace | trunc 40 | trimSuffix "-") -}}
{{- end -}}

{{- define "router.fqdn" -}}
{{- printf "%s.svc.%s" .Release.Namespace .Values.router.clusterDomain -}}
{{- end -}}

{{- define "router.mode" -}}
{{- ternary "llm-d-router-gateway" "llm-d-router-standalone" .Values.router.inferencePool.create -}}
{{- end -}}

{{- define "router.labels" -}}
app.kubernetes.io/name: {{ include "router.name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "router.selector" -}}
{{ include "router.mode" . }}: {{ include "router.name" . }}
{{- end -}}

{{- define "router.podLabels" -}}
{{ include "router.labels" . }}
{{ include "router.selector" . }}
llm-d.ai/igw-mode: {{ include "router.mode" . }}
{{- end -}}

{{/* The rest is asked for its truth: "true" or nothing. */}}

{{- define "router.hasPreferredBackends" -}}
{{- $gke := dig "gke" "preferredBackends" "enabled" false (.Values.provider | default dict) -}}
{{- if and (eq (include "router.provider" .) "gke") $gke }}true{{ end -}}
{{- end -}}

{{- define "router.provider" -}}
{{- dig "name" "none" (.Values.provider | default dict) -}}
{{- end -}}

{{- define "router.hasPriorities" -}}
{{- if and .Values.router.proxy.enabled .Values.router.proxy.priorityRouting.enabled }}true{{ end -}}
{{- end -}}

{{- define "router.isStateful" -}}
{{- if or (include "router.hasPreferredBackends" .) (include "router.hasPriorities" .) }}true{{ end -}}
{{- end -}}

{{- define "router.replicas" -}}
{{- $epp := .Values.router.epp -}}
{{- if include "router.hasPreferredBackends" . -}}
{{- $gke := .Values.provider.gke.preferredBackends -}}
{{- add $gke.preferredReplicas $gke.defaultReplicas -}}
{{- else if include "router.hasPriorities" . -}}
{{- add .Values.router.proxy.priorityRouting.primaryReplicas .Values.router.proxy.priorityRouting.standbyReplicas -}}
{{- else if $epp.autoscaling.enabled -}}
{{- $epp.autoscaling.minReplicas -}}
{{- else -}}
{{- $epp.replicas -}}
{{- end -}}
{{- end -}}

{{- define "router.hasSeveral" -}}
{{- if or .Values.router.epp.autoscaling.enabled (gt (int (include "router.replicas" .)) 1) }}true{{ end -}}
{{- end -}}

{{- define "router.sharesState" -}}
{{- if ne .Values.router.epp.stateStore.type "memory" }}true{{ end -}}
{{- end -}}

{{/* Replicas that share nothing elect a leader unless a flag keeps them from it, as the reference's do. */}}
{{- define "router.electsByDefault" -}}
{{- if and (include "router.hasSeveral" .) (not (include "router.isStateful" .)) (not (include "router.sharesState" .)) }}true{{ end -}}
{{- end -}}

{{- define "router.elects" -}}
{{- $flags := .Values.router.epp.flags | default dict -}}
{{- if hasKey $flags "ha-enable-leader-election" -}}
{{- if eq (get $flags "ha-enable-leader-election" | toString) "true" }}true{{ end -}}
{{- else -}}
{{- include "router.electsByDefault" . -}}
{{- end -}}
{{- end -}}

{{- define "router.asksWhoReadsMetrics" -}}
{{- $flags := .Values.router.epp.flags | default dict -}}
{{- if and .Values.router.monitoring.prometheus.auth.enabled (ne (get $flags "metrics-endpoint-auth" | toString) "false") }}true{{ end -}}
{{- end -}}

{{- define "router.isSecure" -}}
{{- $flags := .Values.router.epp.flags | default dict -}}
{{- $secure := ternary (get $flags "secure-serving" | toString) "true" (hasKey $flags "secure-serving") -}}
{{- if and (ne $secure "false") (not (include "router.isAgentgateway" .)) }}true{{ end -}}
{{- end -}}

{{- define "router.isAgentgateway" -}}
{{- if and .Values.router.proxy.enabled (eq .Values.router.proxy.proxyType "agentgateway") }}true{{ end -}}
{{- end -}}

{{- define "router.isProxyAside" -}}
{{- if and .Values.router.proxy.enabled (eq .Values.router.proxy.mode "service") }}true{{ end -}}
{{- end -}}

{{- define "router.isProxyInside" -}}
{{- if and .Values.router.proxy.enabled (eq .Values.router.proxy.mode "sidecar") }}true{{ end -}}
{{- end -}}

{{- define "router.isResilient" -}}
{{- if and .Values.router.proxy.enabled (eq .Values.router.proxy.proxyType "envoy") (eq .Values.router.proxy.envoyMode "resilient") }}true{{ end -}}
{{- end -}}

{{- define "router.targetPorts" -}}
{{- $numbers := list -}}
{{- range .Values.router.modelServers.targetPorts }}{{ $numbers = append $numbers (int .number) }}{{ end -}}
{{- join "," $numbers -}}
{{- end -}}

{{- define "router.endpointSelector" -}}
{{- $pairs := list -}}
{{- $labels := .Values.router.modelServers.matchLabels -}}
{{- range keys $labels | sortAlpha }}{{ $pairs = append $pairs (printf "%s=%s" . (get $labels .)) }}{{ end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* registry/repository:tag; without a tag the version of the chart's program. */}}
{{- define "router.image" -}}
{{- $path := compact (list .image.registry .image.repository) | join "/" -}}
{{- printf "%s:%s" $path (.image.tag | default .version) -}}
{{- end -}}

{{- define "router.restricted" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}
