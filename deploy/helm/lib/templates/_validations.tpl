{{/* What no schema can say: values that do not go together. */}}

{{- define "router.validate" -}}
{{- $router := .Values.router -}}
{{- $epp := $router.epp -}}
{{- $flags := $epp.flags | default dict -}}
{{- if not $router.modelServers.matchLabels -}}
{{- fail "router.modelServers.matchLabels is required: the labels of the pods that serve the model, such as {app: vllm}" -}}
{{- end -}}
{{- if and $router.inferenceObjectives (not $router.inferencePool.create) -}}
{{- fail "router.inferenceObjectives needs router.inferencePool.create=true: an objective belongs to a pool" -}}
{{- end -}}
{{- if and $router.tokenizer.enabled (not $router.tokenizer.modelName) -}}
{{- fail "router.tokenizer.modelName is required when router.tokenizer.enabled is true" -}}
{{- end -}}
{{- if and $router.tokenizer.enabled $router.latencyPredictor.enabled (eq (int $router.tokenizer.port) (int $router.latencyPredictor.trainingServer.port)) -}}
{{- fail (printf "router.tokenizer.port and router.latencyPredictor.trainingServer.port are both %v, and the containers share a pod: change one" $router.tokenizer.port) -}}
{{- end -}}
{{- if and $epp.autoscaling.enabled (include "router.elects" .) -}}
{{- fail "router.epp.autoscaling needs replicas that all serve: set router.epp.stateStore.type to redis or hazelcast, or router.epp.flags.ha-enable-leader-election to false" -}}
{{- end -}}
{{- if and $epp.autoscaling.enabled (include "router.isStateful" .) -}}
{{- fail "router.epp.autoscaling does not go with priorityRouting or preferredBackends, which number their replicas" -}}
{{- end -}}
{{- if gt (int $epp.autoscaling.minReplicas) (int $epp.autoscaling.maxReplicas) -}}
{{- fail "router.epp.autoscaling.minReplicas is above maxReplicas" -}}
{{- end -}}
{{- if and (include "router.sharesState" .) (include "router.hasPriorities" .) -}}
{{- fail "router.epp.stateStore and router.proxy.priorityRouting are two ways to survive a picker: with a store all replicas may serve" -}}
{{- end -}}
{{- range $file, $text := $epp.pluginsCustomConfig -}}
{{- if and $epp.pluginsConfig (eq $file $epp.pluginsConfigFile) -}}
{{- fail (printf "router.epp.pluginsConfig and router.epp.pluginsCustomConfig both have %s: write it once" $file) -}}
{{- end -}}
{{- end -}}
{{- $builtin := list "default-plugins.yaml" "payload-agnostic.yaml" -}}
{{- if not (or $epp.pluginsConfig (has $epp.pluginsConfigFile $builtin) (hasKey ($epp.pluginsCustomConfig | default dict) $epp.pluginsConfigFile)) -}}
{{- fail (printf "router.epp.pluginsConfigFile is %s, which is none of %s: write it into router.epp.pluginsCustomConfig or give router.epp.pluginsConfig" $epp.pluginsConfigFile (join ", " (concat $builtin (keys ($epp.pluginsCustomConfig | default dict) | sortAlpha)))) -}}
{{- end -}}
{{- if $router.proxy.enabled -}}
{{- include "router.validate.proxy" . -}}
{{- end -}}
{{- end -}}

{{- define "router.validate.proxy" -}}
{{- $router := .Values.router -}}
{{- $proxy := $router.proxy -}}
{{- $flags := $router.epp.flags | default dict -}}
{{- $http := dict -}}
{{- range $router.extraServicePorts }}{{ if eq .name "http" }}{{ $http = . }}{{ end }}{{ end -}}
{{- if and (eq $proxy.mode "service") (not $http) -}}
{{- fail "router.proxy.mode=service needs a port named http in router.extraServicePorts: the one that clients call" -}}
{{- end -}}
{{- if and $proxy.priorityRouting.enabled (ne $proxy.mode "service") -}}
{{- fail "router.proxy.priorityRouting needs router.proxy.mode=service" -}}
{{- end -}}
{{- if and $proxy.priorityRouting.enabled (eq (get $flags "health-checking" | toString) "false") -}}
{{- fail "router.proxy.priorityRouting needs router.epp.flags.health-checking: do not switch it off" -}}
{{- end -}}
{{- if eq $proxy.proxyType "agentgateway" -}}
{{- if $router.inferencePool.create -}}
{{- fail "router.proxy.proxyType=agentgateway needs router.inferencePool.create=false" -}}
{{- end -}}
{{- if and (hasKey $flags "secure-serving") (ne (get $flags "secure-serving" | toString) "false") -}}
{{- fail "router.proxy.proxyType=agentgateway calls the picker without TLS: router.epp.flags.secure-serving must be false or absent" -}}
{{- end -}}
{{- if $proxy.priorityRouting.enabled -}}
{{- fail "router.proxy.priorityRouting needs router.proxy.proxyType=envoy" -}}
{{- end -}}
{{- if ne $proxy.envoyMode "full" -}}
{{- fail "router.proxy.envoyMode needs router.proxy.proxyType=envoy" -}}
{{- end -}}
{{- if not $http -}}
{{- fail "router.proxy.proxyType=agentgateway needs a port named http in router.extraServicePorts" -}}
{{- end -}}
{{- $target := $http.targetPort | default "http" | toString -}}
{{- if not (has $target (list "http" ($http.port | toString))) -}}
{{- fail (printf "router.extraServicePorts: agentgateway listens to the port named http itself, so its targetPort must be %v, http, or absent" $http.port) -}}
{{- end -}}
{{- end -}}
{{- end -}}
