package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.proxy.ForwardedHeaders;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/**
 * What a model server answered, all of it.
 *
 * @param headers without those that are about one connection
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Answer(int status, HttpHeaders headers, byte[] body) {

  private static final byte[] NOTHING = {};

  /** What an unreachable server stands for. */
  public static Answer unreachable() {
    return new Answer(502, new DefaultHttpHeaders(), NOTHING);
  }

  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Without its headers: a body has the type that any text has, as in the reference. */
  public Answer bare() {
    HttpHeaders bare = new DefaultHttpHeaders();
    if (body.length > 0) {
      bare.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    }
    return new Answer(status, bare, body);
  }

  /** Gives it to the client as it is; on the exchange's loop. */
  public void to(Exchange exchange) {
    HttpHeaders copied = ForwardedHeaders.withoutHops(headers);
    copied.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    exchange.answer(
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), copied),
        body);
  }
}
