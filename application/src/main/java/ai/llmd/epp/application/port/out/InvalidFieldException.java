package ai.llmd.epp.application.port.out;

import org.jspecify.annotations.Nullable;

/** A field of a configuration that cannot be used; its place is reported with the message. */
public sealed class InvalidFieldException extends IllegalArgumentException
    permits MissingFieldException {

  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * @param field names joined by dots, from the record that was given
   * @param message what is wrong, for the operator
   */
  public InvalidFieldException(String field, String message) {
    this(field, message, null);
  }

  public InvalidFieldException(String field, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.field = field;
  }

  public String field() {
    return field;
  }
}
