package ai.llmd.epp.sidecar.proxy;

import ai.llmd.epp.sidecar.edge.Exchange;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** The headers of a request or an answer, as a proxy hands them on. */
public final class ForwardedHeaders {

  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private static final List<CharSequence> HOP_BY_HOP =
      List.of(
          HttpHeaderNames.CONNECTION,
          HttpHeaderNames.PROXY_CONNECTION,
          "Keep-Alive",
          HttpHeaderNames.PROXY_AUTHENTICATE,
          HttpHeaderNames.PROXY_AUTHORIZATION,
          HttpHeaderNames.TE,
          HttpHeaderNames.TRAILER,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.UPGRADE);

  private ForwardedHeaders() {}

  /**
   * Of the client's request, for a request of our own: the length is kept, the way that the body is
   * cut into parts is not.
   */
  public static HttpHeaders ofRequest(Exchange exchange) {
    HttpHeaders given = exchange.request().headers();
    HttpHeaders headers = withoutHops(given);
    headers.remove(HttpHeaderNames.EXPECT); // answered here
    if (given.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
      headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    }
    if (!exchange.clientAddress().isEmpty()) {
      List<String> before = headers.getAll(FORWARDED_FOR);
      headers.set(
          FORWARDED_FOR,
          before.isEmpty()
              ? exchange.clientAddress()
              : String.join(", ", before) + ", " + exchange.clientAddress());
    }
    return headers;
  }

  /** A copy without those that are about one connection. */
  public static HttpHeaders withoutHops(HttpHeaders given) {
    HttpHeaders headers = new DefaultHttpHeaders(false);
    for (Map.Entry<String, String> header : given) {
      headers.add(header.getKey(), header.getValue());
    }
    for (String line : given.getAll(HttpHeaderNames.CONNECTION)) {
      for (String name : line.split(",", -1)) {
        if (!name.isBlank()) {
          headers.remove(name.strip());
        }
      }
    }
    HOP_BY_HOP.forEach(headers::remove);
    return headers;
  }
}
