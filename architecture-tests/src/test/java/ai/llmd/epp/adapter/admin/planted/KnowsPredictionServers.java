package ai.llmd.epp.adapter.admin.planted;

import ai.llmd.epp.adapter.latency.PredictionServers;

final class KnowsPredictionServers {
  final Class<?> known = PredictionServers.class;
}
