package ai.llmd.epp.sidecar.pool;

/**
 * Which InferencePool.
 *
 * @param group of its API, which tells the version, too
 */
public record PoolName(String group, String namespace, String name) {

  private static final String STABLE_GROUP = "inference.networking.k8s.io";
  private static final String DEFAULT_NAMESPACE = "default";

  /**
   * Reads {@code namespace/name}, or a name in the default namespace.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static PoolName parse(String group, String text) {
    String[] parts = text.split("/", -1);
    boolean isUsable = parts.length <= 2;
    for (String part : parts) {
      isUsable &= part.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    }
    if (!isUsable) {
      throw new IllegalArgumentException("must be namespace/name or a name, was \"" + text + '"');
    }
    return parts.length == 1
        ? new PoolName(group, DEFAULT_NAMESPACE, parts[0])
        : new PoolName(group, parts[0], parts[1]);
  }

  boolean isStable() {
    return group.equals(STABLE_GROUP);
  }

  String poolsPath() {
    return "/apis/"
        + group
        + (isStable() ? "/v1" : "/v1alpha2")
        + "/namespaces/"
        + namespace
        + "/inferencepools";
  }

  String podsPath() {
    return "/api/v1/namespaces/" + namespace + "/pods";
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
