package ai.llmd.epp.traces.span;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The name of an attribute, encoded once. Immutable. */
public final class AttributeName {

  private final String text;
  private final byte[] utf8;

  private AttributeName(String text) {
    this.text = text;
    this.utf8 = text.getBytes(UTF_8);
  }

  public static AttributeName of(String text) {
    return new AttributeName(text);
  }

  public String text() {
    return text;
  }

  /** The same in UTF-8; not to be changed. */
  public byte[] utf8() {
    return utf8;
  }

  @Override
  public String toString() {
    return text;
  }
}
