package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Endpoints for tests: {@code pod-i} at {@code 192.168.1.(i+1):8000}. */
final class Endpoints {

  private Endpoints() {}

  static Endpoint pod(int index) {
    return pod(index, Map.of());
  }

  static Endpoint pod(int index, Map<String, String> labels) {
    return Endpoint.of(
        new EndpointId("default", "pod-" + index),
        "192.168." + (1 + index / 250) + "." + (1 + index % 250),
        8000,
        labels);
  }

  static List<Endpoint> pods(int count) {
    List<Endpoint> pods = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pods.add(pod(i));
    }
    return pods;
  }
}
