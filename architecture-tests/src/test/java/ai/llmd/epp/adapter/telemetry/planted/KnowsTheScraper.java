package ai.llmd.epp.adapter.telemetry.planted;

import ai.llmd.epp.adapter.metrics.planted.AnAdapter;

final class KnowsTheScraper {
  final Class<?> known = AnAdapter.class;
}
