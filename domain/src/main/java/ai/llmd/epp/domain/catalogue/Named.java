package ai.llmd.epp.domain.catalogue;

/**
 * A plugin instance with the names under which metrics, logs and decisions show it.
 *
 * @param name instance name in the configuration
 * @param type reported type
 */
public record Named<P>(String name, String type, P plugin) {

  /** {@code name/type}. */
  @Override
  public String toString() {
    return name + "/" + type;
  }
}
