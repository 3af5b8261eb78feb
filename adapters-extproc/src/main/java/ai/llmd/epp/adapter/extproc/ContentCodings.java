package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.HeaderLines;

/** What a request's {@code content-encoding} (RFC 9110, 8.4) means to a reader of its body. */
final class ContentCodings {

  private static final String HEADER = "content-encoding";

  /** Longer than any list of registered codings; an answer repeats no more of a header. */
  private static final int MAX_SHOWN = 100;

  private ContentCodings() {}

  /**
   * The codings that a body has to be decoded from, as the client names them; empty when it can be
   * read as it is.
   */
  static String toDecode(RequestHead head) {
    String listed = head.joined(HEADER);
    if (listed.isEmpty()) {
      return "";
    }
    for (String coding : listed.split(",", -1)) {
      String name = HeaderLines.lowerCase(coding.strip());
      if (!name.isEmpty() && !name.equals("identity")) {
        return shown(listed);
      }
    }
    return "";
  }

  private static String shown(String listed) {
    String name = listed.strip();
    return name.length() <= MAX_SHOWN ? name : name.substring(0, MAX_SHOWN) + "…";
  }
}
