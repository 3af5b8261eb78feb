package ai.llmd.epp.sidecar.edge;

import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.TRANSFER_ENCODING;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of a connection, or of a stream of one: makes exchanges of requests, one at a
 * time. Reads only what is asked for, so that a body which nobody takes stays with the client;
 * while an answer is under way one more read notices a client that goes away.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class ClientConnection extends ChannelInboundHandlerAdapter {

  private static final long MAX_DRAINED = 256L << 10; // bytes of a body that nobody wanted

  private final RequestHandler handler;
  private final InFlight inFlight;
  private final Wire wire;

  private @Nullable ChannelHandlerContext context;
  private @Nullable Exchange exchange; // under way
  private @Nullable HttpObject early; // the first part of the next request
  private boolean closesAfterAnswer;
  private final Deque<Object> decoded = new ArrayDeque<>(); // of what was read at once
  private boolean isHanding;
  private boolean isReading; // asked for a message that has not come yet
  private boolean isDraining; // the rest of a body that nobody wanted

  ClientConnection(RequestHandler handler, InFlight inFlight, Wire wire) {
    this.handler = handler;
    this.inFlight = inFlight;
    this.wire = wire;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext own = context;
    if (own == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return own;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    read();
    active.fireChannelActive();
  }

  /** Asks for the next message, which comes now or later; once until it has come. */
  void read() {
    if (!isReading) {
      isReading = true;
      handOn();
    }
  }

  /** Hands on what has been asked for, one message each time; what was not asked for waits. */
  private void handOn() {
    if (isHanding) {
      return; // further out on the stack
    }
    isHanding = true;
    while (isReading && !decoded.isEmpty()) {
      isReading = false;
      next(decoded.remove());
    }
    isHanding = false;
    if (isReading) {
      context().read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ignored, Object message) {
    decoded.add(message);
    handOn();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext complete) {
    if (isReading) {
      complete.read();
    }
  }

  private void next(Object message) {
    if (exchange != null && message instanceof HttpRequest) {
      early = (HttpObject) message; // pipelined; nothing more is read until its turn
    } else {
      take(message);
    }
  }

  private void take(Object message) {
    if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      refuse(HttpResponseStatus.BAD_REQUEST, "malformed request");
      return;
    }
    if (message instanceof HttpRequest request) {
      begin(request);
    }
    if (message instanceof HttpContent part) {
      Exchange current = exchange;
      if (current == null) {
        drain(part);
        return;
      }
      current.part(part);
      if (current.isBodyRead() && !current.isOver()) {
        read(); // nothing comes, but the end of the connection
      }
    }
  }

  private void drain(HttpContent part) {
    part.release();
    if (!isDraining) {
      return;
    }
    if (part instanceof LastHttpContent) {
      isDraining = false;
      awaitNext();
    } else {
      read();
    }
  }

  private void begin(HttpRequest request) {
    wire.answers(HttpMethod.HEAD.equals(request.method()));
    if (!wire.isReusable()) {
      removeExtensions(request);
    }
    String flaw = RequestFlaw.of(request);
    if (flaw != null) {
      refuse(HttpResponseStatus.BAD_REQUEST, flaw);
      return;
    }
    closesAfterAnswer = !HttpUtil.isKeepAlive(request);
    Exchange begun = new Exchange(context().channel(), this, request, address());
    exchange = begun;
    inFlight.began();
    begun.whenEnded(
        (ended, isComplete) -> {
          if (!isComplete) { // else it is under way until the connection has taken its end
            inFlight.ended();
          }
        });
    if (HttpUtil.is100ContinueExpected(request)) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
    handler.handle(begun);
  }

  /** What the codec of streams adds to tell about them. */
  private static void removeExtensions(HttpRequest request) {
    for (ExtensionHeaderNames name : ExtensionHeaderNames.values()) {
      request.headers().remove(name.text());
    }
  }

  private String address() {
    var channel = context().channel();
    var remote = channel.remoteAddress();
    if (remote == null && channel.parent() != null) {
      remote = channel.parent().remoteAddress();
    }
    return remote instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress()
        : "";
  }

  /** Sends the head of an answer, framed as the client's protocol wants it. */
  void respond(HttpResponse head, Exchange answered) {
    HttpVersion version = answered.request().protocolVersion();
    HttpHeaders headers = head.headers();
    if (head.status().code() >= 200) {
      frame(head, headers, version);
      if (inFlight.isStopping()) {
        closesAfterAnswer = true;
      }
      if (closesAfterAnswer) {
        headers.set(CONNECTION, HttpHeaderValues.CLOSE);
      } else if (!version.isKeepAliveDefault()) {
        headers.set(CONNECTION, HttpHeaderValues.KEEP_ALIVE);
      }
    }
    context().write(head, context().voidPromise());
  }

  private void frame(HttpResponse head, HttpHeaders headers, HttpVersion version) {
    int code = head.status().code();
    boolean hasBody = code != 204 && code != 304;
    if (!hasBody || headers.contains(CONTENT_LENGTH)) {
      headers.remove(TRANSFER_ENCODING);
      return;
    }
    if (version.isKeepAliveDefault()) {
      headers.set(TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      headers.remove(TRANSFER_ENCODING);
      closesAfterAnswer = true; // the end of the connection is the end of the answer
    }
  }

  /** The answer is over: on to the next request, or to the end. */
  void end(LastHttpContent last, Exchange answered) {
    boolean isBodyRead = answered.isBodyRead();
    exchange = null;
    closesAfterAnswer |= inFlight.isStopping(); // since the head was sent
    var sent = context().writeAndFlush(last);
    sent.addListener(done -> inFlight.ended());
    if (!wire.isReusable()) {
      if (!isBodyRead) {
        sent.addListener(ChannelFutureListener.CLOSE); // the client need not send the rest
      }
    } else if (closesAfterAnswer || !(isBodyRead || isShort(answered.request()))) {
      sent.addListener(ChannelFutureListener.CLOSE);
    } else if (isBodyRead) {
      awaitNext();
    } else {
      isDraining = true;
      read();
    }
  }

  private static boolean isShort(HttpRequest request) {
    return !HttpUtil.isTransferEncodingChunked(request)
        && HttpUtil.getContentLength(request, 0L) <= MAX_DRAINED;
  }

  private void awaitNext() {
    wire.awaitsRequest();
    HttpObject next = early;
    early = null;
    if (next != null) {
      take(next);
    } else {
      read();
    }
  }

  /** What comes from now on are bytes for this handler. */
  void leaveHttp(ChannelHandler raw) {
    exchange = null;
    context().channel().closeFuture().addListener(closed -> inFlight.ended());
    var pipeline = context().pipeline();
    pipeline.addLast(raw);
    pipeline.remove(this);
    pipeline.remove(StrictRequestDecoder.class);
    pipeline.remove(AnswerEncoder.class);
  }

  private void refuse(HttpResponseStatus status, String why) {
    Exchange current = exchange;
    exchange = null;
    if (current != null) {
      boolean isAnswered = current.isHeadSent();
      current.gone();
      if (isAnswered) {
        context().close();
        return;
      }
    }
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(
                status.code() + " " + status.reasonPhrase() + ": " + why,
                StandardCharsets.US_ASCII));
    answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    answer.headers().set(CONTENT_LENGTH, answer.content().readableBytes());
    answer.headers().set(CONNECTION, HttpHeaderValues.CLOSE);
    context().writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ignored) {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ignored) {
    ReferenceCountUtil.release(early);
    early = null;
    decoded.forEach(ReferenceCountUtil::release);
    decoded.clear();
    Exchange current = exchange;
    exchange = null;
    if (current != null) {
      current.gone();
    }
  }

  /** A connection without an exchange is of no further use, once the client has the last answer. */
  void closeWhenIdle() {
    if (exchange == null) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> closeIfIdle());
    }
  }

  private void closeIfIdle() {
    if (exchange == null) { // a request that came meanwhile closes it after its answer
      context().close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    failed.close();
  }
}
