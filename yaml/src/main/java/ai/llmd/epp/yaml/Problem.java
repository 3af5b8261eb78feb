package ai.llmd.epp.yaml;

/**
 * One thing that is wrong with a document.
 *
 * @param origin file name or flag
 * @param line from 1; 0 when the cause was not written
 * @param column from 1; 0 when the cause was not written
 * @param path the field; may be empty
 * @param message what is wrong, with the value and the choices
 */
public record Problem(String origin, int line, int column, String path, String message) {

  /** {@code origin:line:column: path: message}, without the parts that are missing. */
  @Override
  public String toString() {
    String place = line > 0 ? origin + ":" + line + ":" + column : origin;
    return path.isEmpty() ? place + ": " + message : place + ": " + path + ": " + message;
  }
}
