package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.PathSuffix;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The paths of what a model server keeps under an id: {@code /v1/responses/ID}, {@code
 * /v1/responses/ID/cancel}, {@code /v1/responses/ID/input_items}, {@code /v1/conversations/ID} and
 * what is below that, with whatever a gateway puts in front.
 */
public final class StoredPaths {

  private static final String RESPONSES = "responses/";
  private static final String CONVERSATIONS = "conversations/";

  /** Stand where an id might, and take bodies of their own. */
  private static final Set<String> OPERATIONS = Set.of("compact", "input_tokens", "render");

  private StoredPaths() {}

  /**
   * The id in the path of a request without a body; empty when there is none.
   *
   * @param path without query
   */
  public static String reference(String path) {
    int afterResponses = behind(path, RESPONSES);
    return id(path, afterResponses >= 0 ? afterResponses : behind(path, CONVERSATIONS));
  }

  /**
   * The id in the path of a request with a body that is only about what is kept under the id; empty
   * when there is none.
   *
   * @param path without query
   */
  public static String referenceOfBody(String path) {
    int afterResponses = behind(path, RESPONSES);
    if (afterResponses < 0) {
      return id(path, behind(path, CONVERSATIONS));
    }
    boolean isAction = PathSuffix.trimmed(path).indexOf('/', afterResponses) > 0;
    return isAction ? id(path, afterResponses) : "";
  }

  /** The place behind a segment, the last of this name; -1 when there is none. */
  private static int behind(String path, String segment) {
    int at = path.lastIndexOf(segment);
    boolean isWhole = at == 0 || (at > 0 && path.charAt(at - 1) == '/');
    return isWhole ? at + segment.length() : -1;
  }

  private static String id(String path, int start) {
    if (start < 0) {
      return "";
    }
    int slash = path.indexOf('/', start);
    String id = path.substring(start, slash < 0 ? path.length() : slash).strip();
    if (OPERATIONS.contains(id)) {
      return "";
    }
    return id.indexOf('%') < 0 ? id : decoded(id);
  }

  private static String decoded(String id) {
    try {
      return URLDecoder.decode(id.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) { // a stray percent sign
      return id;
    }
  }
}
