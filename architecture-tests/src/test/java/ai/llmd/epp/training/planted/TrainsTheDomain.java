package ai.llmd.epp.training.planted;

import ai.llmd.epp.domain.pool.EndpointId;

final class TrainsTheDomain {
  final EndpointId id = new EndpointId("", "a");
}
