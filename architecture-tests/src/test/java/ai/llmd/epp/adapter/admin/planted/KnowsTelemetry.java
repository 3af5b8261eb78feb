package ai.llmd.epp.adapter.admin.planted;

import ai.llmd.epp.adapter.telemetry.exposition.PrometheusText;

final class KnowsTelemetry {
  final Class<?> known = PrometheusText.class;
}
