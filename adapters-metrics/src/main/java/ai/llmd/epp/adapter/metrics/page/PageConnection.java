package ai.llmd.epp.adapter.metrics.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import java.net.ConnectException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an endpoint's pages: one GET at a time, kept open between them.
 * Nothing is collected, the body goes to the listener as it arrives. One event loop owns it.
 */
public final class PageConnection extends SimpleChannelInboundHandler<HttpObject> {

  private static final int MAX_STATUS_LINE_BYTES = 4096;
  private static final int MAX_HEADER_BYTES = 32 << 10;
  private static final int MAX_CONTENT_BYTES = 1 << 20;

  /** Receives the result of the GET under way: contents, then exactly one of the other three. */
  public interface Listener {

    /** So many bytes of the answer came, whatever its status: head, framing and content. */
    void received(int bytes);

    /** A part of the page; only valid during the call. */
    void content(ByteBuf part);

    /** The page is complete. */
    void finished();

    /** The page is at another path of the same server. */
    void redirected(String path);

    /** There is no page, for a reason and of a kind. */
    void failed(String reason, Failure kind);

    /** The server closed the connection while nothing was under way. */
    void lost();
  }

  /** What a failure means for the server. */
  public enum Failure {
    /** It answered properly, with something else than a page. */
    REFUSED,
    /** Its port is closed. */
    NOT_LISTENING,
    /** No connection could be made. */
    UNREACHABLE,
    /** Its answer is not HTTP, too long or cut off. */
    BROKEN,
    /**
     * A connection that had served before was closed before a single byte of the answer: it may
     * have been stale, and a new one may do.
     */
    UNANSWERED
  }

  private final ScrapeTarget target;
  private final String mediaType;
  private final int maxPageBytes;
  private final Listener listener;
  private @Nullable Channel channel; // null until connected
  private @Nullable ChannelFuture connecting;
  private String path = "/";
  private boolean isRequested; // a GET is under way
  private boolean hasResponse; // the GET's answer has begun
  private boolean hasServed; // an earlier GET succeeded
  private boolean isClosed;
  private boolean isInterim;
  private boolean isKeptAlive;
  private int status;
  private int receivedBytes;
  private @Nullable String location;

  /**
   * Connects to nothing yet.
   *
   * @param mediaType value of the Accept header
   * @param maxPageBytes a longer answer fails, its head and framing included
   */
  public PageConnection(
      ScrapeTarget target, String mediaType, int maxPageBytes, Listener listener) {
    this.target = target;
    this.mediaType = mediaType;
    this.maxPageBytes = maxPageBytes;
    this.listener = listener;
  }

  /** Connects, once; a GET requested before is sent then. */
  public void open(Bootstrap bootstrap, @Nullable SslContext tls) {
    ChannelFuture future =
        bootstrap
            .clone()
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel fresh) {
                    prepare(fresh, tls);
                  }
                })
            .connect(target.address());
    connecting = future;
    future.addListener(
        done -> {
          if (!done.isSuccess()) {
            fail("cannot connect: " + done.cause().getMessage(), connectFailure(done.cause()));
          }
        });
  }

  private static Failure connectFailure(Throwable cause) {
    return cause instanceof ConnectException && !(cause instanceof ConnectTimeoutException)
        ? Failure.NOT_LISTENING
        : Failure.UNREACHABLE;
  }

  private void prepare(Channel fresh, @Nullable SslContext tls) {
    if (tls != null) {
      fresh
          .pipeline()
          .addLast(tls.newHandler(fresh.alloc(), target.host(), target.address().getPort()));
    }
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_STATUS_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxChunkSize(MAX_CONTENT_BYTES);
    fresh.pipeline().addLast(new CountingDecoder(limits), this);
  }

  /** Counts an answer's bytes before anything is made of them. */
  private final class CountingDecoder extends HttpResponseDecoder {

    CountingDecoder(HttpDecoderConfig limits) {
      super(limits);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof ByteBuf bytes) {
        received(bytes.readableBytes());
      }
      super.channelRead(context, message);
    }
  }

  private void received(int bytes) {
    if (!isRequested) { // closes when it is decoded
      return;
    }
    listener.received(bytes);
    if (bytes > maxPageBytes - receivedBytes) {
      fail("the answer is longer than " + maxPageBytes + " bytes");
    }
    receivedBytes += bytes;
  }

  /** Requests a page, now or when connected; nothing else may be under way. */
  public void get(String path) {
    this.path = path;
    isRequested = true;
    hasResponse = false;
    receivedBytes = 0;
    location = null;
    if (channel != null) {
      send(channel);
    }
  }

  /** Whether another GET can be sent. */
  public boolean isUsable() {
    return !isClosed;
  }

  /** Closes at once and stays silent from now on. */
  public void close() {
    isClosed = true;
    isRequested = false;
    if (connecting != null) {
      ChannelFuture _ = connecting.channel().close(); // no need to wait for it
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    if (isRequested) {
      send(context.channel());
    }
  }

  private void send(Channel to) {
    String head =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + target.authority()
            + "\r\nAccept: "
            + mediaType
            + "\r\nUser-Agent: llm-d-epp\r\n\r\n";
    ByteBuf request = to.alloc().directBuffer(head.length());
    request.writeCharSequence(head, US_ASCII);
    ChannelFuture _ = to.writeAndFlush(request, to.voidPromise()); // failures are caught below
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (isClosed) {
      return;
    }
    if (!isRequested) { // an answer to nothing
      close();
    } else if (message.decoderResult().isFailure()) {
      fail("malformed HTTP response");
    } else {
      if (message instanceof HttpResponse head) {
        begin(head);
      }
      if (message instanceof HttpContent part && !isClosed) {
        go(part);
      }
    }
  }

  private void begin(HttpResponse head) {
    hasResponse = true;
    status = head.status().code();
    isInterim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    isKeptAlive = HttpUtil.isKeepAlive(head);
    location = head.headers().get(HttpHeaderNames.LOCATION);
    String encoding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
    if (status == 101) {
      fail("HTTP status 101");
    } else if (status == 200 && !encoding.equalsIgnoreCase("identity")) {
      fail("the page is encoded, which was not asked for");
    }
  }

  private void go(HttpContent part) {
    if (status == 200 && part.content().isReadable()) {
      listener.content(part.content());
    }
    if (part instanceof LastHttpContent && !isClosed) {
      end();
    }
  }

  private void end() {
    if (isInterim) { // the answer itself follows
      isInterim = false;
      return;
    }
    isRequested = false;
    if (!isKeptAlive) {
      close();
    }
    if (status == 200) {
      hasServed = true;
      listener.finished();
    } else if (status / 100 == 3 && location != null) {
      redirect(location);
    } else {
      listener.failed("HTTP status " + status, Failure.REFUSED);
    }
  }

  private void redirect(String location) {
    try {
      URI here = URI.create(target.scheme() + "://" + target.authority() + path);
      URI there = here.resolve(location);
      boolean sameServer =
          here.getScheme().equalsIgnoreCase(String.valueOf(there.getScheme()))
              && here.getRawAuthority().equals(there.getRawAuthority());
      if (!sameServer) {
        listener.failed("redirected to another server", Failure.REFUSED);
        return;
      }
      String query = there.getRawQuery() == null ? "" : "?" + there.getRawQuery();
      String newPath = there.getRawPath().isEmpty() ? "/" : there.getRawPath();
      listener.redirected(URI.create(newPath + query).toASCIIString());
    } catch (IllegalArgumentException e) {
      listener.failed("redirected to no place", Failure.REFUSED);
    }
  }

  private void fail(String reason) {
    fail(reason, Failure.BROKEN);
  }

  private void fail(String reason, Failure kind) {
    boolean wasRequested = isRequested;
    boolean wasOpen = !isClosed;
    close();
    if (wasRequested) {
      listener.failed(reason, kind);
    } else if (wasOpen) {
      listener.lost();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("the connection was closed", lossKind());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(cause.getMessage() == null ? cause.toString() : cause.getMessage(), lossKind());
  }

  private Failure lossKind() {
    return hasServed && !hasResponse ? Failure.UNANSWERED : Failure.BROKEN;
  }
}
