package ai.llmd.epp.acceptance.cases;

import java.util.List;
import java.util.Locale;

/**
 * An answer as it came.
 *
 * @param head status line and headers, up to the empty line
 */
record RawReply(String head, String body) {

  int status() {
    return Integer.parseInt(head.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
  }

  /** The first value of a header; empty when there is none. */
  String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** The values of a header, line by line. */
  List<String> headers(String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }
}
