{{/* The latency predictor's servers, beside the picker. */}}

{{- define "router.predictor.environment" -}}
{{- $predictor := .Values.router.latencyPredictor -}}
{{- $urls := list -}}
{{- range until (int $predictor.predictionServers.count) -}}
{{- $urls = append $urls (printf "http://localhost:%d" (add (int $predictor.predictionServers.startPort) .)) -}}
{{- end -}}
- name: PREDICTION_SERVER_URL
  value: {{ join "," $urls | quote }}
- name: TRAINING_SERVER_URL
  value: "http://localhost:{{ $predictor.trainingServer.port }}"
{{- range $key, $value := $predictor.eppEnv }}
- name: {{ $key }}
  value: {{ include "router.flag" $value | quote }}
{{- end }}
{{- end -}}

{{- define "router.predictor.configMaps" -}}
{{- $predictor := .Values.router.latencyPredictor -}}
{{- range $part, $settings := dict "training" $predictor.trainingServer.config "prediction" $predictor.predictionServers.config }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "router.name" $ }}-latency-predictor-{{ $part }}
  namespace: {{ $.Release.Namespace }}
  labels: {{- include "router.labels" $ | nindent 4 }}
data:
  {{- range $key, $value := $settings }}
  {{ $key }}: {{ include "router.flag" $value | quote }}
  {{- end }}
---
{{- end }}
{{- end -}}

{{- define "router.predictor.containers" -}}
{{- $predictor := .Values.router.latencyPredictor -}}
{{- $training := $predictor.trainingServer -}}
{{- $servers := $predictor.predictionServers -}}
- name: training-server
  image: {{ include "router.image" (dict "image" $training.image "version" "latest") }}
  imagePullPolicy: {{ $training.image.pullPolicy }}
  ports:
  - {name: training-port, containerPort: {{ $training.port }}}
  livenessProbe: {{- toYaml $training.livenessProbe | nindent 4 }}
  readinessProbe: {{- toYaml $training.readinessProbe | nindent 4 }}
  resources: {{- toYaml $training.resources | nindent 4 }}
  envFrom:
  - configMapRef: {name: {{ include "router.name" . }}-latency-predictor-training}
  env:
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  - {name: SERVER_TYPE, value: training}
  volumeMounts:
  - {name: training-server-storage, mountPath: /models}
{{- range $i := until (int $servers.count) }}
{{- $port := add (int $servers.startPort) $i }}
- name: prediction-server-{{ add $i 1 }}
  image: {{ include "router.image" (dict "image" $servers.image "version" "latest") }}
  imagePullPolicy: {{ $servers.image.pullPolicy }}
  command: [uvicorn]
  args: [llm_d_latency_predictor.prediction_server:app, --host, 0.0.0.0, --port, "{{ $port }}"]
  ports:
  - {name: predict-port-{{ add $i 1 }}, containerPort: {{ $port }}}
  livenessProbe: {{- include "router.predictor.probe" (dict "probe" $servers.livenessProbe "port" $port) | nindent 4 }}
  readinessProbe: {{- include "router.predictor.probe" (dict "probe" $servers.readinessProbe "port" $port) | nindent 4 }}
  resources: {{- toYaml $servers.resources | nindent 4 }}
  envFrom:
  - configMapRef: {name: {{ include "router.name" $ }}-latency-predictor-prediction}
  env:
  - {name: PREDICT_PORT, value: "{{ $port }}"}
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  - {name: SERVER_TYPE, value: prediction-{{ add $i 1 }}}
  - {name: TRAINING_SERVER_URL, value: "http://localhost:{{ $training.port }}"}
  volumeMounts:
  - {name: prediction-server-{{ add $i 1 }}-storage, mountPath: /server_models}
{{- end }}
{{- end -}}

{{- define "router.predictor.probe" -}}
{{- $probe := merge (dict) (omit .probe "httpGet") -}}
{{- $get := merge (dict) .probe.httpGet (dict "port" .port) -}}
{{- toYaml (set $probe "httpGet" $get) -}}
{{- end -}}

{{- define "router.predictor.volumes" -}}
{{- $predictor := .Values.router.latencyPredictor -}}
- name: training-server-storage
  emptyDir: {sizeLimit: {{ $predictor.trainingServer.volumeSize }}}
{{- range $i := until (int $predictor.predictionServers.count) }}
- name: prediction-server-{{ add $i 1 }}-storage
  emptyDir: {sizeLimit: {{ $predictor.predictionServers.volumeSize }}}
{{- end }}
{{- end -}}
