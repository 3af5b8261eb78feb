{{/* Where replicas meet: a Redis beside them, unless one is there, or one another's memory. */}}

{{- define "router.hasOwnRedis" -}}
{{- $store := .Values.router.epp.stateStore -}}
{{- if and (eq $store.type "redis") (not $store.redis.uri) }}true{{ end -}}
{{- end -}}

{{- define "router.store" -}}
{{- $name := include "router.name" . -}}
{{- $store := .Values.router.epp.stateStore -}}
{{- if eq $store.type "hazelcast" -}}
# Where a replica finds the others, itself not yet ready or no longer so.
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-members
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: {{ $name }}-members
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- include "router.selector" . | nindent 4 }}
  ports:
  - {name: members, protocol: TCP, port: {{ $store.hazelcast.port }}, targetPort: members}
{{- else if include "router.hasOwnRedis" . -}}
# What is kept here is worth a minute; nothing is written to a disk.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}-redis
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.redisLabels" . | nindent 4 }}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app.kubernetes.io/name: {{ $name }}-redis}
  template:
    metadata:
      labels: {{- include "router.redisLabels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 999
        runAsGroup: 999
        seccompProfile: {type: RuntimeDefault}
      containers:
      - name: redis
        image: {{ $store.redis.image }}
        args: [valkey-server, --save, "", --appendonly, "no", --maxmemory, 512mb, --maxmemory-policy, noeviction, --dir, /tmp]
        ports:
        - {name: redis, containerPort: 6379}
        readinessProbe:
          tcpSocket: {port: redis}
          periodSeconds: 2
        livenessProbe:
          tcpSocket: {port: redis}
          periodSeconds: 10
        resources: {{- toYaml $store.redis.resources | nindent 10 }}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
        volumeMounts:
        - {name: tmp, mountPath: /tmp}
      volumes:
      - name: tmp
        emptyDir: {sizeLimit: 64Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-redis
  namespace: {{ .Release.Namespace }}
  labels: {{- include "router.redisLabels" . | nindent 4 }}
spec:
  selector: {app.kubernetes.io/name: {{ $name }}-redis}
  ports:
  - {name: redis, protocol: TCP, port: 6379, targetPort: redis}
{{- end -}}
{{- end -}}

{{- define "router.redisLabels" -}}
app.kubernetes.io/name: {{ include "router.name" . }}-redis
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}
