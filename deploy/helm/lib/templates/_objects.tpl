{{/* All objects of a release, in the order in which they are read best. */}}

{{- define "router.objects" -}}
{{- include "router.validate" . -}}
{{- $router := .Values.router -}}
{{ include "router.configMap" . }}
---
{{- if $router.latencyPredictor.enabled }}
{{ include "router.predictor.configMaps" . }}
{{- end }}
{{- if $router.proxy.enabled }}
{{ include "router.proxyConfigMap" . }}
---
{{- end }}
{{ include "router.rights" . }}
---
{{ include "router.services" . }}
---
{{ include "router.workload" . }}
---
{{- if include "router.isProxyAside" . }}
{{ include "router.proxyDeployment" . }}
---
{{- end }}
{{- with include "router.store" . }}
{{ . }}
---
{{- end }}
{{- if $router.inferencePool.create }}
{{ include "router.pool" . }}
---
{{- end }}
{{ include "router.availability" . }}
{{ include "router.networkPolicies" . }}
{{ include "router.monitoring" . }}
{{- end -}}
