package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What makes pods endpoints.
 *
 * @param targetPorts in the order that gives the ranks
 * @param appProtocol protocol of the pods; empty when unset
 */
record PoolShape(LabelSelector selector, List<Integer> targetPorts, String appProtocol) {

  static final int MAX_PORTS = 8;

  PoolShape {
    targetPorts = List.copyOf(targetPorts);
  }

  /**
   * The shape that an object gives.
   *
   * @throws IllegalArgumentException when it has something that its CRD does not allow
   */
  static PoolShape of(InferencePool pool) {
    InferencePoolSpec spec = pool.getSpec();
    if (spec == null) {
      throw new IllegalArgumentException("spec is missing");
    }
    return new PoolShape(
        selector(spec.selector()),
        ports(spec.targetPorts()),
        Objects.requireNonNullElse(spec.appProtocol(), ""));
  }

  /** An empty selector would turn every pod of the namespace into an endpoint. */
  private static LabelSelector selector(InferencePoolSpec.@Nullable Selector selector) {
    Map<String, String> labels = selector == null ? null : selector.matchLabels();
    if (labels == null || labels.isEmpty()) {
      throw new IllegalArgumentException("spec.selector.matchLabels is empty");
    }
    return LabelSelector.matching(labels);
  }

  private static List<Integer> ports(@Nullable List<InferencePoolSpec.Port> ports) {
    if (ports == null || ports.isEmpty() || ports.size() > MAX_PORTS) {
      throw new IllegalArgumentException("spec.targetPorts must have 1 to 8 ports");
    }
    List<Integer> numbers =
        ports.stream().map(port -> Objects.requireNonNullElse(port.number(), 0)).toList();
    for (int number : numbers) {
      if (number < 1 || number > 65_535) {
        throw new IllegalArgumentException(
            "spec.targetPorts[].number must be within 1 and 65535, was " + number);
      }
    }
    if (new HashSet<>(numbers).size() < numbers.size()) {
      throw new IllegalArgumentException("spec.targetPorts has one port twice");
    }
    return numbers;
  }
}
