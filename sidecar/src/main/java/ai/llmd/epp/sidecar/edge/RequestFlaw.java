package ai.llmd.epp.sidecar.edge;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What makes a request one that two servers may read differently. */
final class RequestFlaw {

  private RequestFlaw() {}

  /** A few words; null when there is none. */
  static @Nullable String of(HttpRequest request) {
    if (!isOneWord(request.uri()) || !isOneWord(request.method().name())) {
      return "white space in the request line";
    }
    if (hasControls(request)) {
      return "control characters in a header";
    }
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1) {
      return "several Host headers";
    }
    if (hosts.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return "no Host header";
    }
    List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (encodings.isEmpty()) {
      return null;
    }
    boolean isChunked = encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked");
    if (!isChunked) {
      return "unsupported transfer encoding";
    }
    return request.protocolVersion().isKeepAliveDefault()
        ? null
        : "transfer encoding in an HTTP/1.0 request";
  }

  /** A stream's path may have any bytes, and becomes part of a line. */
  private static boolean isOneWord(String text) {
    return !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == 0x7F);
  }

  /** Lines that continue a header are joined by the decoder, which does not look at them. */
  private static boolean hasControls(HttpRequest request) {
    for (Map.Entry<String, String> header : request.headers()) {
      String value = header.getValue();
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if ((c < ' ' && c != '\t') || c == 0x7F) {
          return true;
        }
      }
    }
    return false;
  }
}
