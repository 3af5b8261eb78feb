package ai.llmd.epp.application.port.out;

/**
 * A field without which something cannot be used. Where it is configured and not in use, the field
 * may be absent, while every other {@link InvalidFieldException} is a mistake there, too.
 */
public final class MissingFieldException extends InvalidFieldException {

  private static final long serialVersionUID = 1L;

  /**
   * @param field names joined by dots, from the record that was given; empty when one of several
   *     fields is needed
   * @param message what is missing, for the operator
   */
  public MissingFieldException(String field, String message) {
    super(field, message);
  }
}
