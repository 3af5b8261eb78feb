package ai.llmd.epp.traces.planted;

import ai.llmd.epp.sidecar.route.AllowedHosts;

final class TracesTheSidecar {
  final Class<?> known = AllowedHosts.class;
}
