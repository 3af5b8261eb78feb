package ai.llmd.epp.sidecar.proxy;

import ai.llmd.epp.sidecar.edge.BodySink;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import ai.llmd.epp.sidecar.upstream.Upstreams;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Hands a request to a model server as it is, and the answer back, both while they come. No more of
 * either is in memory than one side has sent and the other not yet taken.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
public final class PlainProxy {

  private static final byte[] NOTHING = {};

  private final Upstreams upstreams;

  public PlainProxy(Upstreams upstreams) {
    this.upstreams = upstreams;
  }

  /**
   * Begins.
   *
   * @param headers the client's, as they are to be handed on
   */
  public void forward(Exchange exchange, HttpHeaders headers, Target target) {
    HttpRequest given = exchange.request();
    HttpRequest head =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, given.method(), given.uri(), headers);
    boolean isChunked = HttpUtil.isTransferEncodingChunked(given);
    boolean hasBody = isChunked || HttpUtil.getContentLength(given, 0L) > 0;
    if (isUpgrade(given)) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, given.headers().getAll(HttpHeaderNames.UPGRADE));
    }
    if (isChunked) {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    Stream stream = new Stream(exchange, new Relay(exchange, ErrorAnswer::ofDecoder), hasBody);
    Leg leg =
        upstreams.ask(
            exchange.loop(), target, new LegRequest(head, hasBody ? null : NOTHING), stream);
    stream.follow(leg);
  }

  static boolean isUpgrade(HttpRequest request) {
    return request
        .headers()
        .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }

  /** The request's body on its way there; the rest is the relay's. */
  private static final class Stream implements LegListener, BodySink {

    private final Exchange exchange;
    private final Relay relay;
    private final boolean hasBody;
    private @Nullable Leg leg;
    private boolean isOpened;
    private boolean isReceiving;
    private boolean isWaiting; // for the server to take what was sent

    Stream(Exchange exchange, Relay relay, boolean hasBody) {
      this.exchange = exchange;
      this.relay = relay;
      this.hasBody = hasBody;
    }

    void follow(Leg followed) {
      leg = followed;
      relay.follow(followed);
      receiveWhenOpened();
    }

    @Override
    public void opened() {
      isOpened = true;
      receiveWhenOpened();
    }

    private void receiveWhenOpened() {
      if (isOpened && leg != null && !isReceiving) {
        isReceiving = true;
        exchange.receive(hasBody ? this : HttpContent::release);
      }
    }

    @Override
    public void part(HttpContent part) {
      relay.part(part);
    }

    @Override
    public void sent(HttpContent part) {
      Leg own = leg;
      if (own == null) {
        part.release();
        return;
      }
      boolean isLast = part instanceof LastHttpContent;
      own.send(part);
      if (isLast) {
        return;
      }
      if (own.isWritable()) {
        exchange.readMore();
      } else {
        isWaiting = true;
      }
    }

    @Override
    public void writable() {
      if (isWaiting) {
        isWaiting = false;
        exchange.readMore();
      }
    }

    @Override
    public void head(HttpResponse head) {
      relay.head(head);
    }

    @Override
    public void pause() {
      relay.pause();
    }

    @Override
    public void end(LastHttpContent last) {
      relay.end(last);
    }

    @Override
    public void failed(LegFailure failure) {
      relay.failed(failure);
    }
  }
}
