package ai.llmd.epp.json.planted;

import ai.llmd.epp.domain.pool.EndpointId;

final class ReadsForTheDomain {
  final EndpointId id = new EndpointId("", "a");
}
