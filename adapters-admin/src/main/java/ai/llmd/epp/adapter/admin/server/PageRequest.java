package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.PageHeaders;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a reader asks for.
 *
 * @param path decoded, without the query
 * @param query decoded parameters; of a repeated name the last
 * @param isHttp11 else it is HTTP/1.0
 */
record PageRequest(
    String method, String path, Map<String, String> query, PageHeaders headers, boolean isHttp11) {

  private static final int MAX_HEADERS = 100;
  private static final Pattern LINE_END = Pattern.compile("\r?\n");
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  PageRequest {
    query = Map.copyOf(query);
  }

  /**
   * Reads the head of a request.
   *
   * @param head all lines, with the empty one at the end or without it
   */
  static PageRequest of(String head) throws RefusedRequestException {
    List<String> lines = List.of(LINE_END.split(head));
    String[] line = lines.getFirst().split(" ", -1);
    if (line.length != 3 || !NAME.matcher(line[0]).matches()) {
      throw new RefusedRequestException(400, "bad request line");
    }
    if (!line[2].equals("HTTP/1.1") && !line[2].equals("HTTP/1.0")) {
      throw new RefusedRequestException(505, "HTTP/1.1 only");
    }
    PageHeaders headers = headers(lines.subList(1, lines.size()));
    try {
      URI target = new URI(line[1]);
      String path = target.getPath();
      return new PageRequest(
          line[0],
          path == null ? "" : path,
          parameters(target.getRawQuery()),
          headers,
          line[2].equals("HTTP/1.1"));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new RefusedRequestException(400, "bad request target");
    }
  }

  private static PageHeaders headers(List<String> lines) throws RefusedRequestException {
    if (lines.size() > MAX_HEADERS) {
      throw new RefusedRequestException(431, "more than " + MAX_HEADERS + " headers");
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 0 || !NAME.matcher(line).region(0, colon).matches()) {
        throw new RefusedRequestException(400, "bad header");
      }
      headers.merge(
          line.substring(0, colon),
          line.substring(colon + 1).strip(),
          (first, next) -> first + "," + next);
    }
    return new PageHeaders(headers);
  }

  @SuppressWarnings("StringSplitter") // empty pairs at the end do not count
  private static Map<String, String> parameters(@Nullable String rawQuery) {
    Map<String, String> parameters = new HashMap<>();
    if (rawQuery == null) {
      return parameters;
    }
    for (String pair : rawQuery.split("&")) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      parameters.put(
          URLDecoder.decode(name, StandardCharsets.UTF_8),
          URLDecoder.decode(value, StandardCharsets.UTF_8));
    }
    return parameters;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  /** Whether a body follows the head, which no page wants. */
  boolean hasBody() {
    String length = headers.get("Content-Length");
    return headers.get("Transfer-Encoding") != null || (length != null && !length.equals("0"));
  }

  /** Whether another request may follow on the connection. */
  boolean keepsConnection() {
    String connection = headers.get("Connection");
    boolean isClosing = connection != null && connection.toLowerCase(Locale.ROOT).contains("close");
    return isHttp11 && !isClosing && !hasBody();
  }
}
