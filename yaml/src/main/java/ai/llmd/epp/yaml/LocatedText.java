package ai.llmd.epp.yaml;

/**
 * A text of the document with its place, for error messages.
 *
 * @param value empty when absent
 */
public record LocatedText(String value, SourceLocation spot) {

  public boolean isEmpty() {
    return value.isEmpty();
  }

  /** This text, or another value at the same place when it is empty. */
  public LocatedText or(String defaultValue) {
    return isEmpty() ? new LocatedText(defaultValue, spot) : this;
  }

  @Override
  public String toString() {
    return value;
  }
}
