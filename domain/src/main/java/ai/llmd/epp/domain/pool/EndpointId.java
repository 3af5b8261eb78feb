package ai.llmd.epp.domain.pool;

/**
 * The identity of an endpoint for as long as it lives.
 *
 * @param namespace may be empty
 * @param name unique within the namespace; for a pod {@code <pod>-rank-<index>}
 */
public record EndpointId(String namespace, String name) implements Comparable<EndpointId> {

  /** {@code namespace/name}; {@code /name} when the namespace is empty. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }

  @Override
  public int compareTo(EndpointId other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }
}
