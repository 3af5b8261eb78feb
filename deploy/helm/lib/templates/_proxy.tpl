{{/* The proxy of the standalone chart: a preset with the values of router.proxy laid over it. */}}

{{- define "router.proxyValues" -}}
{{- $proxy := .Values.router.proxy -}}
{{- $preset := get $proxy.presets $proxy.proxyType -}}
{{- $own := dict -}}
{{- range list "name" "image" "imagePullPolicy" "command" "args" "env" "ports" "readinessProbe" "startupProbe" "livenessProbe" "lifecycle" "securityContext" "volumeMounts" "volumes" "configMap" "resources" -}}
{{- $value := get $proxy . -}}
{{- if $value }}{{ $_ := set $own . $value }}{{ end -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy $preset) (deepCopy $own)) -}}
{{- end -}}

{{- define "router.httpPort" -}}
{{- $found := 8081 -}}
{{- range .Values.router.extraServicePorts }}{{ if eq .name "http" }}{{ $found = int .port }}{{ end }}{{ end -}}
{{- $found -}}
{{- end -}}

{{- define "router.proxyPorts" -}}
{{- $proxy := include "router.proxyValues" . | fromYaml -}}
{{- if $proxy.ports -}}
{{- toYaml $proxy.ports -}}
{{- else if include "router.isAgentgateway" . -}}
- {name: http, containerPort: {{ include "router.httpPort" . }}}
- {name: metrics-15020, containerPort: 15020}
- {name: readiness-15021, containerPort: 15021}
{{- else -}}
- {name: http-8081, containerPort: 8081}
- {name: metrics-19001, containerPort: 19001}
{{- end -}}
{{- end -}}

{{- define "router.proxyConfigName" -}}
{{- $proxy := include "router.proxyValues" . | fromYaml -}}
{{- dig "configMap" "name" "" $proxy | default (printf "%s-%s" (include "router.name" .) .Values.router.proxy.proxyType) -}}
{{- end -}}

{{- define "router.proxyConfigMap" -}}
{{- $proxy := include "router.proxyValues" . | fromYaml -}}
{{- $data := dig "configMap" "data" dict $proxy -}}
{{- $file := ternary "config.yaml" "envoy.yaml" (eq .Values.router.proxy.proxyType "agentgateway") -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "router.proxyConfigName" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
data:
  {{ $file }}: |
    {{- if hasKey $data $file }}
    {{- tpl (get $data $file) . | trimSuffix "\n" | nindent 4 }}
    {{- else if eq $file "envoy.yaml" }}
    {{- include "router.envoy" . | nindent 4 }}
    {{- else }}
    {{- include "router.agentgateway" . | nindent 4 }}
    {{- end }}
  {{- range $key, $text := omit $data $file }}
  {{ $key }}: |
    {{- $text | trimSuffix "\n" | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "router.agentgateway" -}}
{{- $router := .Values.router -}}
{{- $service := get $router.modelServers.matchLabels "app" | default .Release.Name -}}
{{- $picker := ternary (printf "%s.%s" (include "router.name" .) (include "router.fqdn" .)) "127.0.0.1" (eq $router.proxy.mode "service") -}}
config:
  statsAddr: "0.0.0.0:15020"
  readinessAddr: "0.0.0.0:15021"
binds:
- port: {{ include "router.httpPort" . }}
  listeners:
  - name: default
    protocol: HTTP
    routes:
    - name: picked
      matches:
      - path: {pathPrefix: /}
      backends:
      - service:
          name: {{ printf "%s/%s" .Release.Namespace $service | quote }}
          port: {{ (first $router.modelServers.targetPorts).number | int }}
        policies:
          inferenceRouting:
            endpointPicker: {host: "{{ $picker }}:{{ ternary $router.epp.extProcPort 9002 (eq $router.proxy.mode "service") }}"}
            destinationMode: passthrough
services:
- name: {{ $service | quote }}
  namespace: {{ .Release.Namespace | quote }}
  hostname: {{ $service | quote }}
  vips: []
  ports:
  {{- range $router.modelServers.targetPorts }}
    {{ int .number }}: {{ int .number }}
  {{- end }}
{{- end -}}

{{- define "router.proxyContainer" -}}
{{- $proxy := include "router.proxyValues" . | fromYaml -}}
- name: {{ $proxy.name }}
  image: {{ $proxy.image }}
  {{- with $proxy.imagePullPolicy }}
  imagePullPolicy: {{ . }}
  {{- end }}
  {{- with $proxy.command }}
  command: {{- ternary (list .) . (kindIs "string" .) | toYaml | nindent 2 }}
  {{- end }}
  args: {{- toYaml $proxy.args | nindent 2 }}
  {{- with $proxy.env }}
  env: {{- toYaml . | nindent 2 }}
  {{- end }}
  ports: {{- include "router.proxyPorts" . | nindent 2 }}
  {{- range $part := list "readinessProbe" "startupProbe" "livenessProbe" "lifecycle" }}
  {{- with get $proxy $part }}
  {{ $part }}: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  resources: {{- toYaml $proxy.resources | nindent 4 }}
  securityContext: {{- toYaml $proxy.securityContext | nindent 4 }}
  volumeMounts:
  - {name: proxy-config, mountPath: {{ ternary "/config" "/etc/envoy" (eq .Values.router.proxy.proxyType "agentgateway") }}, readOnly: true}
  - {name: proxy-tmp, mountPath: /tmp}
  {{- with $proxy.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "router.proxyVolumes" -}}
{{- $proxy := include "router.proxyValues" . | fromYaml -}}
- name: proxy-config
  configMap: {name: {{ include "router.proxyConfigName" . }}}
- name: proxy-tmp
  emptyDir: {sizeLimit: 64Mi}
{{- with $proxy.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "router.proxyDeployment" -}}
{{- $router := .Values.router -}}
{{- $name := include "router.proxyName" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ $name }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  replicas: {{ $router.proxy.replicas }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  selector:
    matchLabels:
      llm-d-router-proxy: {{ $name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {{ $name }}
        app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
        llm-d-router-proxy: {{ $name }}
      annotations: # it reads its file once
        checksum/proxy: {{ include "router.proxyConfigMap" . | sha256sum }}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 130
      securityContext:
        fsGroup: 65532
        seccompProfile: {type: RuntimeDefault}
      {{- with $router.epp.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- with $router.proxy.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $router.proxy.tolerations }}
      tolerations: {{- toYaml . | nindent 6 }}
      {{- end }}
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector: {matchLabels: {llm-d-router-proxy: {{ $name }}}}
      containers: {{- include "router.proxyContainer" . | nindent 6 }}
      volumes: {{- include "router.proxyVolumes" . | nindent 6 }}
{{- end -}}
