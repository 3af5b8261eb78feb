{{/* The picker's pods. */}}

{{- define "router.workload" -}}
{{- $epp := .Values.router.epp -}}
{{- $stateful := include "router.isStateful" . -}}
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" (eq $stateful "true") }}
metadata:
  name: {{ include "router.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.labels" . | nindent 4 }}
spec:
  {{- if not $epp.autoscaling.enabled }}
  replicas: {{ include "router.replicas" . }}
  {{- end }}
  {{- if $stateful }}
  serviceName: {{ include "router.name" . }}{{ if include "router.hasPriorities" . }}-headless{{ end }}
  podManagementPolicy: Parallel
  {{- else if include "router.elects" . }}
  strategy: {type: Recreate} # one that waits is not ready, so that a rolling update would never get on
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  {{- end }}
  selector:
    matchLabels: {{- include "router.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "router.podLabels" . | nindent 8 }}
      {{- $annotations := include "router.podAnnotations" . }}
      {{- with $annotations }}
      annotations: {{- . | nindent 8 }}
      {{- end }}
    spec: {{- include "router.pod" . | nindent 6 }}
{{- end -}}

{{/* The picker reads a changed configuration by itself, and certificates with their flag; Envoy reads its file once. */}}
{{- define "router.podAnnotations" -}}
{{- $annotations := .Values.router.epp.podAnnotations | default dict | deepCopy -}}
{{- if .Values.router.epp.checksums -}}
{{- $_ := set $annotations "checksum/config" (include "router.configMap" . | sha256sum) -}}
{{- end -}}
{{- if include "router.isProxyInside" . -}}
{{- $_ := set $annotations "checksum/proxy" (include "router.proxyConfigMap" . | sha256sum) -}}
{{- end -}}
{{- if $annotations }}{{ toYaml $annotations }}{{ end -}}
{{- end -}}

{{- define "router.pod" -}}
{{- $router := .Values.router -}}
{{- $epp := $router.epp -}}
serviceAccountName: {{ include "router.name" . }}
terminationGracePeriodSeconds: {{ $epp.terminationGracePeriodSeconds }}
securityContext: # the user is each container's: a tokenizer's image may need another one
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with $epp.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 0 }}
{{- end }}
{{- with $epp.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $epp.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $epp.tolerations }}
tolerations: {{- toYaml . | nindent 0 }}
{{- end }}
{{- with $epp.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if kindIs "slice" $epp.topologySpreadConstraints }}
{{- with $epp.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml . | nindent 0 }}
{{- end }}
{{- else if include "router.hasSeveral" . }}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector: {matchLabels: { {{- include "router.selector" $ -}} }}
{{- end }}
{{- end }}
{{- if and $router.tokenizer.enabled $router.tokenizer.initContainers }}
initContainers: {{- toYaml $router.tokenizer.initContainers | nindent 0 }}
{{- end }}
containers:
- name: epp
  image: {{ include "router.image" (dict "image" $epp.image "version" .Chart.AppVersion) }}
  imagePullPolicy: {{ $epp.image.pullPolicy }}
  args: {{- include "router.arguments" . | nindent 2 }}
  env: {{- include "router.environment" . | nindent 2 }}
  ports:
  - {name: grpc, containerPort: 9002}
  - {name: grpc-health, containerPort: {{ $epp.grpcHealthPort | default 9003 }}}
  - {name: metrics, containerPort: 9090}
  {{- if eq $epp.stateStore.type "hazelcast" }}
  - {name: members, containerPort: {{ $epp.stateStore.hazelcast.port }}}
  {{- end }}
  {{- with $epp.extraContainerPorts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  startupProbe: # the port is there when the endpoints are known; a restart brings no pool back
    grpc: {port: {{ $epp.grpcHealthPort | default 9003 }}, service: livez}
    periodSeconds: 2
    failureThreshold: 1800
  livenessProbe: # of the process alone
    grpc: {port: {{ $epp.grpcHealthPort | default 9003 }}, service: livez}
    periodSeconds: 10
  readinessProbe:
    grpc: {port: {{ $epp.grpcHealthPort | default 9003 }}, service: readiness}
    periodSeconds: 2
  {{- if include "router.hasPriorities" . }}
  lifecycle:
    preStop: {sleep: {seconds: 5}}
  {{- end }}
  resources: {{- toYaml $epp.resources | nindent 4 }}
  securityContext: {{- include "router.restricted" . | nindent 4 }}
  volumeMounts:
  - {name: plugins-config-volume, mountPath: /config, readOnly: true}
  - {name: tmp, mountPath: /tmp}
  {{- with $epp.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if include "router.isProxyInside" . }}
{{ include "router.proxyContainer" . }}
{{- end }}
{{- if $router.tokenizer.enabled }}
{{ include "router.tokenizer" . }}
{{- end }}
{{- if $router.latencyPredictor.enabled }}
{{ include "router.predictor.containers" . }}
{{- end }}
volumes:
- name: plugins-config-volume
  configMap: {name: {{ include "router.name" . }}}
- name: tmp # flight recordings
  emptyDir: {sizeLimit: 256Mi}
{{- if include "router.isProxyInside" . }}
{{ include "router.proxyVolumes" . }}
{{- end }}
{{- if $router.tokenizer.enabled }}
- name: model-cache
  emptyDir: {}
{{- with $router.tokenizer.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- if $router.latencyPredictor.enabled }}
{{ include "router.predictor.volumes" . }}
{{- end }}
{{- with $epp.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "router.arguments" -}}
{{- $router := .Values.router -}}
{{- $epp := $router.epp -}}
{{- $flags := $epp.flags | default dict | deepCopy -}}
{{- if include "router.isAgentgateway" . -}}
{{- $_ := set $flags "secure-serving" false -}}
{{- end -}}
{{- if include "router.hasPriorities" . -}}
{{- $_ := set $flags "health-checking" true -}}
{{- end -}}
{{- if and (include "router.isResilient" .) (not (hasKey $flags "grpc-max-recv-msg-size")) -}}
{{- $_ := set $flags "grpc-max-recv-msg-size" "33Mi" -}}
{{- end -}}
{{- if $router.inferencePool.create -}}
- --pool-name
- {{ .Release.Name | quote }}
- --pool-namespace
- {{ .Release.Namespace | quote }}
- --pool-group
- inference.networking.k8s.io
{{- else -}}
- --endpoint-selector
- {{ include "router.endpointSelector" . | quote }}
- --endpoint-target-ports
- {{ include "router.targetPorts" . | quote }}
{{- end }}
- --zap-encoder
- json
- --config-file
- {{ printf "/config/%s" $epp.pluginsConfigFile | quote }}
{{- if include "router.electsByDefault" . }}
- --ha-enable-leader-election
{{- end }}
- --grpc-health-port
- {{ $epp.grpcHealthPort | default 9003 | toString | quote }}
{{- if not (hasKey $flags "drain-timeout") }}
- --drain-timeout=60s
{{- end }}
{{- range $key, $value := $flags }}
- {{ printf "--%s=%s" $key (include "router.flag" $value) | quote }}
{{- end }}
- --tracing={{ $router.tracing.enabled }}
{{- if not $router.monitoring.prometheus.auth.enabled }}
- --metrics-endpoint-auth=false
{{- end }}
{{- end -}}

{{/* Helm reads whole numbers as floats; 1e+06 is no argument. */}}
{{- define "router.flag" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{- define "router.environment" -}}
{{- $router := .Values.router -}}
{{- $store := $router.epp.stateStore -}}
- name: NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- if eq $store.type "redis" }}
{{- with $store.redis.passwordSecret }}
{{- if .name }}
- name: EPP_REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- end }}
{{- if include "router.sharesState" . }}
{{- with $store.hashSecret }}
{{- if .name }}
- name: EPP_HASH_SECRET
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- end }}
{{- if $router.latencyPredictor.enabled }}
{{ include "router.predictor.environment" . }}
{{- end }}
{{- if $router.tracing.enabled }}
- name: OTEL_SERVICE_NAME
  value: llm-d-router/epp
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $router.tracing.otelExporterEndpoint | quote }}
- name: OTEL_TRACES_EXPORTER
  value: otlp
- name: OTEL_RESOURCE_ATTRIBUTES_NODE_NAME
  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name=$(NAMESPACE),k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME),k8s.pod.name=$(POD_NAME)
- name: OTEL_TRACES_SAMPLER
  value: {{ $router.tracing.sampling.sampler | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $router.tracing.sampling.samplerArg | quote }}
{{- end }}
{{- with $router.epp.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "router.tokenizer" -}}
{{- $tokenizer := .Values.router.tokenizer -}}
- name: vllm-render
  image: {{ include "router.image" (dict "image" $tokenizer.image "version" "v0.19.1") }}
  imagePullPolicy: {{ $tokenizer.image.pullPolicy }}
  command: {{- $tokenizer.command | default (list "vllm" "launch" "render") | toYaml | nindent 2 }}
  args: {{- concat ($tokenizer.args | default (list $tokenizer.modelName (printf "--port=%v" $tokenizer.port))) ($tokenizer.extraArgs | default list) | toYaml | nindent 2 }}
  {{- with $tokenizer.env }}
  env: {{- toYaml . | nindent 2 }}
  {{- end }}
  ports:
  - {name: render-http, containerPort: {{ $tokenizer.port }}}
  resources: {{- toYaml $tokenizer.resources | nindent 4 }}
  readinessProbe: {{- toYaml $tokenizer.readinessProbe | nindent 4 }}
  volumeMounts:
  - {name: model-cache, mountPath: /root/.cache/huggingface}
  {{- with $tokenizer.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $tokenizer.securityContext }}
  securityContext: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
