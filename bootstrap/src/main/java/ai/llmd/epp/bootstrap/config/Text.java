package ai.llmd.epp.bootstrap.config;

/**
 * A text of the document that somebody may have to complain about.
 *
 * @param value empty when absent
 */
public record Text(String value, Spot spot) {

  public boolean isEmpty() {
    return value.isEmpty();
  }

  /** This text, or another value at the same place when it is empty. */
  public Text or(String defaultValue) {
    return isEmpty() ? new Text(defaultValue, spot) : this;
  }

  @Override
  public String toString() {
    return value;
  }
}
