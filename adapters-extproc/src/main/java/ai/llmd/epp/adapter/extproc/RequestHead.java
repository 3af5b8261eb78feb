package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.adapter.extproc.message.HeadersToSet;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.HeaderChanges;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one request: lower-case names, of a repeated one the last value. Two arrays
 * instead of a map, since most headers are only passed on.
 *
 * <p>A header that came in several lines is read by its last one and never echoed: to set it would
 * replace all of its lines (RFC 9110, 5.3).
 */
final class RequestHead implements RequestHeaders {

  /** The headers of a request that began with its body. */
  static final RequestHead NONE = new RequestHead(HeaderLines.NONE);

  /** Where requests go whose path is not known. */
  static final String DEFAULT_PATH = "/v1/completions";

  private static final byte[] CONNECT = "CONNECT".getBytes(StandardCharsets.US_ASCII);
  private static final String CONTENT_LENGTH = "content-length";
  private static final String MODEL_PARAMETER = "model=";
  private static final List<String> PATH_HEADERS =
      List.of(":path", "x-original-path", "x-forwarded-path");

  private final HeaderLines received;
  private final String[] names;

  /** Where each header's last line is; the complement of it when there are several. */
  private final int[] lines;

  private int count;

  /** Empty when the client sent an id. */
  private String generatedId = "";

  private long deadlineNanos = RoutingHints.NEVER;

  private RequestHead(HeaderLines received) {
    this.received = received;
    this.names = new String[received.size()];
    this.lines = new int[received.size()];
  }

  /**
   * @param requestIds names requests that came without {@code x-request-id}
   */
  static RequestHead read(HeaderLines received, Supplier<String> requestIds) {
    RequestHead head = new RequestHead(received);
    for (int line = 0; line < received.size(); line++) {
      head.put(HeaderLines.lowerCase(received.name(line)), line);
    }
    if (head.requestId().isEmpty()) {
      head.generatedId = requestIds.get();
    }
    return head;
  }

  /** From now on it is known when the gateway gives the request up. */
  void givenUpAt(long nanos) {
    deadlineNanos = nanos;
  }

  /** See {@link RoutingHints#deadlineNanos}. */
  long deadlineNanos() {
    return deadlineNanos;
  }

  private void put(String name, int line) {
    int index = indexOf(name);
    if (index < 0) {
      names[count] = name;
      lines[count++] = line;
    } else {
      lines[index] = ~line;
    }
  }

  private boolean isRepeated(int index) {
    return lines[index] < 0;
  }

  private int indexOf(String name) {
    for (int i = 0; i < count; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public @Nullable String value(String lowerCaseName) {
    if (!generatedId.isEmpty() && lowerCaseName.equals(SystemHeaders.REQUEST_ID)) {
      return generatedId;
    }
    int index = indexOf(lowerCaseName);
    if (index < 0) {
      return null;
    }
    return received.text(lineOf(index));
  }

  private int lineOf(int index) {
    return isRepeated(index) ? ~lines[index] : lines[index];
  }

  /** The values of every line of this name, in order and joined by commas; empty without any. */
  String joined(String lowerCaseName) {
    int index = indexOf(lowerCaseName);
    if (index < 0) {
      return "";
    }
    return isRepeated(index) ? received.joined(lowerCaseName) : received.text(lines[index]);
  }

  /** The value, or the alias's; empty when there is neither. */
  String valueOrEmpty(String name, String alias) {
    String value = value(name, alias);
    return value == null ? "" : value;
  }

  /** Never empty for headers that were read. */
  String requestId() {
    return valueOrEmpty(SystemHeaders.REQUEST_ID, SystemHeaders.REQUEST_ID);
  }

  /** The request's path without its query: that of the first header that has one. */
  String path() {
    for (String name : PATH_HEADERS) {
      String path = value(name);
      if (path != null && !path.isEmpty()) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
      }
    }
    return DEFAULT_PATH;
  }

  /** The parameter {@code model} of the path's query; empty when there is none. */
  String queriedModel() {
    String path = valueOrEmpty(":path", "x-original-path");
    int query = path.indexOf('?');
    if (query < 0) {
      return "";
    }
    for (String parameter : path.substring(query + 1).split("&", -1)) {
      if (parameter.startsWith(MODEL_PARAMETER)) {
        return decoded(parameter.substring(MODEL_PARAMETER.length()));
      }
    }
    return "";
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) { // a stray percent sign
      return value;
    }
  }

  /**
   * Whether the connection becomes a tunnel with this request, so that no end of a body will come:
   * CONNECT, plain or extended (RFC 8441), or an upgrade to another protocol than HTTP (RFC 9110,
   * 7.8) that announces no body.
   */
  boolean opensTunnel() {
    int method = indexOf(":method");
    if ((method >= 0 && received.isText(lineOf(method), CONNECT)) || indexOf(":protocol") >= 0) {
      return true;
    }
    return indexOf("upgrade") >= 0 && namesOtherProtocol(joined("upgrade")) && !announcesBody();
  }

  /** HTTP/2 is offered by clients that go on with HTTP/1.1 when the offer is ignored. */
  private static boolean namesOtherProtocol(String upgrade) {
    for (String protocol : upgrade.split(",", -1)) {
      String name = HeaderLines.lowerCase(protocol.strip());
      if (!name.isEmpty()
          && !name.equals("h2c")
          && !name.equals("h2")
          && !name.startsWith("http/")) {
        return true;
      }
    }
    return false;
  }

  /**
   * How many bytes of a body are announced; 0 when the header is missing or holds anything else
   * than one number, {@link Long#MAX_VALUE} when that is larger than any body.
   */
  long contentLength() {
    int index = indexOf(CONTENT_LENGTH);
    return index < 0 ? 0 : Math.max(0, received.number(lineOf(index)));
  }

  /** The objective that the client names; empty when it names none. */
  String objective() {
    return valueOrEmpty(SystemHeaders.OBJECTIVE, SystemHeaders.OBJECTIVE_ALIAS);
  }

  private boolean announcesBody() {
    String length = valueOrEmpty(CONTENT_LENGTH, CONTENT_LENGTH).strip();
    return indexOf("transfer-encoding") >= 0 || !(length.isEmpty() || length.equals("0"));
  }

  /**
   * Adds every header that is not system-owned, as plugins changed it. What they removed is removed
   * by name: the gateway keeps a header that an echo leaves out.
   */
  void echo(HeadersToSet answer, HeaderChanges changes) {
    Map<String, String> changed = changes.toSet();
    addChanged(answer, changed);
    addGeneratedId(answer, changes);
    addRemoved(answer, changes);
    for (int i = count - 1; i >= 0; i--) {
      if (!isRepeated(i) && isEchoed(names[i], changes)) {
        received.set(lines[i], names[i], answer);
      }
    }
  }

  private boolean isEchoed(String name, HeaderChanges changes) {
    boolean isReplaced = !generatedId.isEmpty() && name.equals(SystemHeaders.REQUEST_ID);
    return !isReplaced
        && !SystemHeaders.owns(name)
        && !isRemoved(name, changes)
        && !changes.toSet().containsKey(name);
  }

  private static boolean isRemoved(String name, HeaderChanges changes) {
    return changes.isRemoved(name)
        || (SystemHeaders.isWrittenByPickerAlone(name) && !changes.toSet().containsKey(name));
  }

  /** Adds only what the model server does not know yet, or shall not know. */
  void addNews(HeadersToSet answer, HeaderChanges changes) {
    addChanged(answer, changes.toSet());
    addGeneratedId(answer, changes);
    addRemoved(answer, changes);
  }

  private void addRemoved(HeadersToSet answer, HeaderChanges changes) {
    for (int i = count - 1; i >= 0; i--) {
      if (isRemoved(names[i], changes)) {
        answer.remove(names[i]);
      }
    }
  }

  private void addGeneratedId(HeadersToSet answer, HeaderChanges changes) {
    boolean isChanged =
        changes.toSet().containsKey(SystemHeaders.REQUEST_ID)
            || changes.isRemoved(SystemHeaders.REQUEST_ID);
    if (!generatedId.isEmpty() && !isChanged) {
      answer.add(SystemHeaders.REQUEST_ID, generatedId);
    }
  }

  private static void addChanged(HeadersToSet answer, Map<String, String> changed) {
    if (changed.isEmpty()) {
      return;
    }
    List<Map.Entry<String, String>> backwards = new ArrayList<>(changed.entrySet()).reversed();
    for (Map.Entry<String, String> header : backwards) {
      if (!SystemHeaders.owns(header.getKey())) {
        answer.add(header.getKey(), header.getValue());
      }
    }
  }

  /** Reports how many, never what: headers carry credentials. */
  @Override
  public String toString() {
    return "RequestHead[" + count + " headers]";
  }
}
