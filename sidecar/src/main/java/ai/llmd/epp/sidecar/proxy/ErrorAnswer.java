package ai.llmd.epp.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.JsonText;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/**
 * An answer that the sidecar gives itself when something went wrong.
 *
 * @param body in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ErrorAnswer(int status, byte[] body) {

  private static final String NOT_READY =
      "The decode node is not ready. Please check that the vLLM service is running and the port"
          + " configuration is correct.";

  private static ErrorAnswer of(int code, String type, String message) {
    String body =
        "{\"object\":\"error\",\"message\":"
            + JsonText.quoted(message)
            + ",\"type\":\""
            + type
            + "\",\"param\":\"\",\"code\":"
            + code
            + "}";
    return new ErrorAnswer(code, body.getBytes(UTF_8));
  }

  public static ErrorAnswer badRequest(String message) {
    return of(400, "BadRequestError", message);
  }

  public static ErrorAnswer internal(String message) {
    return of(500, "InternalServerError", message);
  }

  public static ErrorAnswer badGateway(String message) {
    return of(502, "BadGateway", message);
  }

  public static ErrorAnswer tooLong(String message) {
    return of(413, "BadRequestError", message);
  }

  public static ErrorAnswer busy(String message) {
    return of(503, "ServiceUnavailable", message);
  }

  /** Of plain text, or nothing at all. */
  public static ErrorAnswer plain(int code, String text) {
    return new ErrorAnswer(code, text.getBytes(UTF_8));
  }

  /** The decode server gave no answer. */
  public static ErrorAnswer ofDecoder(LegFailure failure) {
    return failure.kind() == LegFailure.Kind.REFUSED
        ? of(503, "ServiceUnavailable", NOT_READY)
        : badGateway(String.valueOf(failure.getMessage()));
  }

  /**
   * Gives it to the client, on the exchange's loop; an answer that has begun breaks off instead.
   */
  public void to(Exchange exchange) {
    if (exchange.isHeadSent()) {
      exchange.breakOff();
    } else {
      exchange.answer(head(), body);
    }
  }

  /** The head of the answer, with its length. */
  private HttpResponse head() {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    if (body.length > 0) {
      head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    }
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    return head;
  }
}
