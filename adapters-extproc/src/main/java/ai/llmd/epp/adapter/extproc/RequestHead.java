package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.HeaderChanges;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one request: lower-case names, of a repeated one the last value. Values stay as
 * they were received until somebody asks. Two arrays instead of a map, since most headers are only
 * passed on.
 */
final class RequestHead implements RequestHeaders {

  /** The headers of a request that began with its body. */
  static final RequestHead NONE = new RequestHead(new String[0], new HeaderValue[0]);

  /** Where requests go whose path is not known. */
  static final String DEFAULT_PATH = "/v1/completions";

  private final String[] names;
  private final HeaderValue[] values;
  private int count;
  private boolean hasGeneratedId;

  private RequestHead(String[] names, HeaderValue[] values) {
    this.names = names;
    this.values = values;
  }

  /**
   * @param requestIds names requests that came without {@code x-request-id}
   */
  static RequestHead read(HeaderMap received, Supplier<String> requestIds) {
    int most = received.getHeadersCount() + 1; // one more for a generated id
    RequestHead head = new RequestHead(new String[most], new HeaderValue[most]);
    for (int i = 0; i < received.getHeadersCount(); i++) {
      HeaderValue header = received.getHeaders(i);
      head.put(HeaderValues.lowerCase(header.getKey()), header);
    }
    if (head.requestId().isEmpty()) {
      head.hasGeneratedId = true;
      head.put(
          SystemHeaders.REQUEST_ID,
          HeaderValues.toSet(SystemHeaders.REQUEST_ID, requestIds.get()).getHeader());
    }
    return head;
  }

  private void put(String name, HeaderValue value) {
    int index = indexOf(name);
    if (index < 0) {
      index = count++;
      names[index] = name;
    }
    values[index] = value;
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
    int index = indexOf(lowerCaseName);
    return index < 0 ? null : HeaderValues.text(values[index]);
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

  /** Whether the client sent no id, so that the model server has to be told ours. */
  boolean hasGeneratedId() {
    return hasGeneratedId;
  }

  /** The request's path without its query. */
  String path() {
    String path = value(":path");
    if (path == null) {
      path = value("x-original-path", "x-forwarded-path");
    }
    if (path == null) {
      return DEFAULT_PATH;
    }
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** Adds every header that is not system-owned, as plugins changed it. */
  void echo(HeaderMutation.Builder answer, HeaderChanges changes) {
    Map<String, String> changed = changes.toSet();
    for (int i = 0; i < count; i++) {
      String name = names[i];
      if (!SystemHeaders.owns(name) && !changes.isRemoved(name) && !changed.containsKey(name)) {
        answer.addSetHeaders(HeaderValues.toSet(HeaderValues.asAnswered(values[i], name)));
      }
    }
    addChanged(answer, changed);
  }

  /** Adds only what the model server does not know yet. */
  void addNews(HeaderMutation.Builder answer, HeaderChanges changes) {
    if (hasGeneratedId && !changes.toSet().containsKey(SystemHeaders.REQUEST_ID)) {
      answer.addSetHeaders(HeaderValues.toSet(values[indexOf(SystemHeaders.REQUEST_ID)]));
    }
    addChanged(answer, changes.toSet());
  }

  private static void addChanged(HeaderMutation.Builder answer, Map<String, String> changed) {
    for (Map.Entry<String, String> header : changed.entrySet()) {
      if (!SystemHeaders.owns(header.getKey())) {
        answer.addSetHeaders(HeaderValues.toSet(header.getKey(), header.getValue()));
      }
    }
  }

  /** Says how many, never what: headers carry credentials. */
  @Override
  public String toString() {
    return "RequestHead[" + count + " headers]";
  }
}
