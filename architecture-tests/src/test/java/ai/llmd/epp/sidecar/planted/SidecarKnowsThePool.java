package ai.llmd.epp.sidecar.planted;

import ai.llmd.epp.domain.pool.EndpointId;

final class SidecarKnowsThePool {
  final EndpointId id = new EndpointId("", "a");
}
