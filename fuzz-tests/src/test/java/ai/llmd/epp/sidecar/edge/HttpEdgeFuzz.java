package ai.llmd.epp.sidecar.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The sidecar's port: whatever a client sends, and however a network cuts it, the same requests are
 * seen and the same is answered, and none is one that two servers could read differently.
 */
public final class HttpEdgeFuzz {

  private static final int MAX_BODY = 1 << 16;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private HttpEdgeFuzz() {}

  /** What came of some bytes. */
  private record Outcome(List<String> requests, String answers, boolean isOpen) {}

  public static void fuzzerTestOneInput(byte[] data) {
    Outcome whole = outcome(data, Math.max(1, data.length));
    if (!new String(data, ISO_8859_1).startsWith(PREFACE)) { // frames are answered as they come
      require(whole.equals(outcome(data, 1)), "single bytes make other requests than all at once");
      require(whole.equals(outcome(data, 7)), "pieces make other requests than all at once");
    }
  }

  private static Outcome outcome(byte[] data, int piece) {
    List<String> requests = new ArrayList<>();
    InFlight inFlight = new InFlight();
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new LocalServerChannel(), // by which the codec of streams knows that it serves
            DefaultChannelId.newInstance(),
            true,
            false,
            new Protocols.FirstBytes(exchange -> take(exchange, requests), inFlight));
    for (int from = 0; from < data.length && channel.isOpen(); from += piece) {
      channel.writeInbound(Unpooled.copiedBuffer(data, from, Math.min(piece, data.length - from)));
    }
    StringBuilder answers = new StringBuilder();
    for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      if (part instanceof ByteBuf bytes) {
        answers.append(bytes.toString(ISO_8859_1));
      }
      ReferenceCountUtil.release(part);
    }
    boolean isOpen = channel.isOpen();
    channel.finishAndReleaseAll();
    require(inFlight.count() == 0, "a request is under way after the end of its connection");
    return new Outcome(requests, answers.toString(), isOpen);
  }

  private static void take(Exchange exchange, List<String> requests) {
    HttpRequest request = exchange.request();
    boolean hasBoth =
        request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            && request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    require(!hasBoth, "a request with two lengths is served");
    require(
        request.uri().chars().noneMatch(c -> c <= ' '),
        "a request target may end the line: " + request.uri());
    require(request.headers().getAll(HttpHeaderNames.HOST).size() <= 1, "a request with two hosts");
    var _ =
        exchange
            .receiveAll(MAX_BODY)
            .whenComplete(
                (body, failure) -> {
                  if (failure == null) {
                    requests.add(
                        request.method()
                            + " "
                            + request.uri()
                            + " "
                            + new String(body, ISO_8859_1));
                  }
                  HttpResponse head =
                      new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                  head.headers().set(HttpHeaderNames.CONTENT_LENGTH, 2);
                  exchange.answer(head, new byte[] {'o', 'k'});
                });
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            "GET /v1/models?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
                + "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            """
            POST / HTTP/1.1\r
            host: a\r
            Transfer-Encoding: chunked\r
            \r
            2;x=y\r
            {}\r
            0\r
            X-T: a\r
            \r
            GET / HTTP/1.1\r
            Host: a\r
            \r
            """,
            """
            POST / HTTP/1.1\r
            Host: a\r
            Content-Length: 3\r
            Transfer-Encoding: chunked\r
            \r
            0\r
            \r
            """,
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
            "HEAD /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            PREFACE
                + "\0\0\0\4\0\0\0\0\0" // settings
                + "\0\0\3\1\5\0\0\0\1\u0082\u0084\u0086" // a request: GET, /, http
                + "\0\0\4\3\0\0\0\0\1\0\0\0\10") // its reset
        .map(text -> text.getBytes(ISO_8859_1))
        .toList();
  }
}
