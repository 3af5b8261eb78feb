package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.trace.CallTrace;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A request that needs more than to be handed on.
 *
 * @param headers the client's, as each leg gets them, without the picker's
 * @param bytes the body as the client sent it
 * @param prefill {@code host:port} of the prefill server; null when the prompt is computed here
 * @param source {@code host:port} of a server that has more of the prompt cached; null for none
 * @param trace what is recorded of it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Call(
    Exchange exchange,
    HttpHeaders headers,
    byte[] bytes,
    Api api,
    @Nullable String prefill,
    @Nullable String source,
    CallTrace trace) {

  /** The same call, with another body. */
  public Call withBody(byte[] changed) {
    return new Call(exchange, headers, changed, api, prefill, source, trace);
  }

  /**
   * The body as an object.
   *
   * @param prefix of the message that the client gets when it is none
   */
  public JsonObject body(String prefix) throws CallFailure {
    try {
      return JsonObject.parse(bytes);
    } catch (InvalidJsonException e) {
      throw new CallFailure(ErrorAnswer.badRequest(prefix + e.getMessage()));
    }
  }

  public JsonObject body() throws CallFailure {
    return body("invalid JSON: ");
  }

  /** Whether the client asked for a stream; to be asked only where the body may be read again. */
  public boolean isStreamed() {
    try {
      return JsonObject.parse(bytes).isTrue("stream");
    } catch (InvalidJsonException e) {
      return false;
    }
  }

  /** The prefill server, of a call that has one. */
  public String prefiller() {
    if (prefill == null) {
      throw new IllegalStateException("no prefill server");
    }
    return prefill;
  }

  /** The path without its query. */
  public String path() {
    return pathOf(exchange.request().uri());
  }

  /** A request target's path without its query. */
  public static String pathOf(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  @Override
  public String toString() {
    return "Call[" + api + ", " + bytes.length + " bytes]"; // no prompt
  }
}
