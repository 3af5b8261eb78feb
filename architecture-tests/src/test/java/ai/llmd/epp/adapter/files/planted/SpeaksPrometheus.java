package ai.llmd.epp.adapter.files.planted;

import io.prometheus.metrics.model.registry.PrometheusRegistry;

final class SpeaksPrometheus {
  final Class<?> known = PrometheusRegistry.class;
}
