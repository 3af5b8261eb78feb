package ai.llmd.epp.simulator.planted;

import ai.llmd.epp.domain.pool.EndpointId;

final class KnowsTheDomain {
  final EndpointId id = new EndpointId("", "a");
}
