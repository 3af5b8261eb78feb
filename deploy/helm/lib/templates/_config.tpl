{{/* The files in /config. */}}

{{- define "router.configMap" -}}
{{- $epp := .Values.router.epp -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "router.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
data:
  {{- if not (eq $epp.pluginsConfigFile "default-plugins.yaml" | and $epp.pluginsConfig) }}
  default-plugins.yaml: |
    {{- include "router.config.text" (dict "root" . "config" (include "router.config.default" . | fromYaml)) | nindent 4 }}
  {{- end }}
  {{- if not (eq $epp.pluginsConfigFile "payload-agnostic.yaml" | and $epp.pluginsConfig) }}
  payload-agnostic.yaml: |
    {{- include "router.config.text" (dict "root" . "config" (include "router.config.agnostic" . | fromYaml)) | nindent 4 }}
  {{- end }}
  {{- if $epp.pluginsConfig }}
  {{ $epp.pluginsConfigFile }}: |
    {{- if kindIs "string" $epp.pluginsConfig }}
    {{- include "router.config.given" (dict "root" . "file" $epp.pluginsConfigFile "text" $epp.pluginsConfig) | nindent 4 }}
    {{- else }}
    {{- include "router.config.text" (dict "root" . "config" $epp.pluginsConfig) | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- range $file, $text := $epp.pluginsCustomConfig }}
  {{- if not (has $file (list "default-plugins.yaml" "payload-agnostic.yaml")) }}
  {{ $file }}: |
    {{- if eq $file $epp.pluginsConfigFile }}
    {{- include "router.config.given" (dict "root" $ "file" $file "text" $text) | nindent 4 }}
    {{- else }}
    {{- $text | trimSuffix "\n" | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* A text is left as it is, comments and all, unless the state store or the proxy's timeout has to go into it. */}}
{{- define "router.config.given" -}}
{{- if or (include "router.sharesState" .root) (include "router.isResilient" .root) -}}
{{- $parsed := fromYaml .text -}}
{{- if hasKey $parsed "Error" -}}
{{- fail (printf "%s is no YAML: %s" .file $parsed.Error) -}}
{{- end -}}
{{- include "router.config.text" (dict "root" .root "config" $parsed) -}}
{{- else -}}
{{- .text | trimSuffix "\n" -}}
{{- end -}}
{{- end -}}

{{- define "router.config.text" -}}
{{- $config := merge (dict) .config (dict "apiVersion" "llm-d.ai/v1alpha1" "kind" "EndpointPickerConfig") -}}
{{- if include "router.sharesState" .root -}}
{{- if hasKey $config "stateStore" -}}
{{- fail "router.epp.stateStore and the stateStore of the configuration say the same thing: write it once" -}}
{{- end -}}
{{- $_ := set $config "stateStore" (include "router.config.store" .root | fromYaml) -}}
{{- end -}}
{{- if include "router.isResilient" .root -}}
{{- $waiting := $config.waiting | default dict | deepCopy -}}
{{- if not (hasKey $waiting "messageTimeout") -}}
{{- $_ := set $waiting "messageTimeout" (include "router.envoy.messageTimeout" true) -}}
{{- end -}}
{{- $_ := set $config "waiting" $waiting -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "router.config.store" -}}
{{- $store := .Values.router.epp.stateStore -}}
{{- with $store.settings }}
{{ toYaml . }}
{{- end }}
type: {{ $store.type }}
{{- if $store.hashSecret.name }}
hashSecretEnv: EPP_HASH_SECRET
{{- end }}
{{- if eq $store.type "redis" }}
redis:
  uri: {{ $store.redis.uri | default (printf "redis://%s-redis:6379" (include "router.name" .)) | quote }}
  {{- if $store.redis.cluster }}
  cluster: true
  {{- end }}
  {{- with $store.redis.username }}
  username: {{ . | quote }}
  {{- end }}
  {{- if $store.redis.passwordSecret.name }}
  passwordEnv: EPP_REDIS_PASSWORD
  {{- end }}
  {{- with $store.redis.settings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- else }}
hazelcast:
  serviceDns: {{ printf "%s-members.%s" (include "router.name" .) (include "router.fqdn" .) }}
  port: {{ $store.hazelcast.port }}
  {{- with $store.hazelcast.settings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "router.config.parsers" -}}
{{- $servers := .Values.router.modelServers -}}
{{- if and (eq $servers.type "vllm") (eq $servers.protocol "grpc") -}}
- vllmgrpc-parser
{{- else if .Values.router.epp.parsers -}}
{{- toYaml .Values.router.epp.parsers -}}
{{- else if eq $servers.type "triton" -}}
- passthrough-parser
{{- end -}}
{{- end -}}

{{- define "router.config.default" -}}
{{- $router := .Values.router -}}
{{- $source := $router.epp.metricsDataSource -}}
{{- $parsers := include "router.config.parsers" . | fromYamlArray -}}
plugins:
{{- if $router.latencyPredictor.enabled }}
- type: predicted-latency-producer
- type: prefix-cache-affinity-filter
  name: strict-affinity-filter
  parameters: {affinityThreshold: 0.99, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
- type: prefix-cache-affinity-filter
  name: loose-affinity-filter
  parameters: {affinityThreshold: 0.80, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
- type: latency-scorer
- type: weighted-random-picker
- type: slo-headroom-tier-filter
- type: latency-slo-admitter
{{- else }}
- type: queue-scorer
- type: kv-cache-utilization-scorer
- type: prefix-cache-scorer
{{- end }}
- type: metrics-data-source
  parameters:
    scheme: {{ $source.scheme | quote }}
    path: {{ $source.path | quote }}
    insecureSkipVerify: {{ $source.insecureSkipVerify }}
- type: core-metrics-extractor
{{- if ne $router.modelServers.type "vllm" }}
  parameters:
    defaultEngine: {{ $router.modelServers.type }}
{{- end }}
{{- range $parsers }}
- type: {{ . }}
{{- end }}
{{- with $parsers }}
requestHandler:
  parsers:
  {{- range . }}
  - pluginRef: {{ . }}
  {{- end }}
{{- end }}
schedulingProfiles:
- name: default
  plugins:
{{- if $router.latencyPredictor.enabled }}
  - pluginRef: predicted-latency-producer
  - pluginRef: strict-affinity-filter
  - pluginRef: slo-headroom-tier-filter
  - pluginRef: loose-affinity-filter
  - pluginRef: latency-scorer
  - pluginRef: weighted-random-picker
{{- else }}
  - {pluginRef: queue-scorer, weight: 2}
  - {pluginRef: kv-cache-utilization-scorer, weight: 2}
  - {pluginRef: prefix-cache-scorer, weight: 3}
{{- end }}
{{- end -}}

{{- define "router.config.agnostic" -}}
plugins:
- type: passthrough-parser
- type: active-request-scorer
- type: session-affinity-scorer
requestHandler:
  parsers:
  - pluginRef: passthrough-parser
schedulingProfiles:
- name: default
  plugins:
  - {pluginRef: active-request-scorer, weight: 1}
  - {pluginRef: session-affinity-scorer, weight: 1}
{{- end -}}
