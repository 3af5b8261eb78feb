package ai.llmd.epp.application.port.out.objects;

/**
 * A kind of objects in Kubernetes.
 *
 * @param group API group; empty for the core group
 * @param version as in {@code v1}
 * @param kind as in {@code Pod}
 */
public record ObjectKind(String group, String version, String kind) {

  public static final ObjectKind POD = new ObjectKind("", "v1", "Pod");

  public ObjectKind {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("version is required");
    }
    if (kind.isEmpty()) {
      throw new IllegalArgumentException("kind is required");
    }
  }

  /** {@code kind.version.group}. */
  @Override
  public String toString() {
    return group.isEmpty() ? kind + '.' + version : kind + '.' + version + '.' + group;
  }
}
