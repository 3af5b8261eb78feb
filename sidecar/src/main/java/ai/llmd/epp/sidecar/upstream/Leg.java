package ai.llmd.epp.sidecar.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One request to a model server and its answer. For one event loop alone. What was sent over a kept
 * connection that turns out to be closed is sent once more over a new one, unless the server may
 * have begun to work on it and twice is not as good as once.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
public final class Leg {

  private static final int MAX_REPEATED = 256 << 10; // bytes of a body that are kept

  private final ConnectionPool pool;
  private final Target target;
  private final LegRequest request;
  private final LegListener listener;

  private @Nullable UpstreamConnection connection;
  private boolean isFresh; // the connection was made for this leg
  private @Nullable ChannelFuture headSent; // over a kept connection
  private boolean isSent; // the whole request
  private boolean hasAnswer; // at least its head
  private boolean isKeepAlive;
  private boolean isOver;
  private int status;
  private final long startNanos = System.nanoTime();
  private final Deque<HttpContent> toRepeat = new ArrayDeque<>(); // of a body sent in parts
  private int bytesToRepeat; // more than the most when it cannot be sent again
  private boolean wantsMore; // a read that was asked for before there was a connection

  Leg(ConnectionPool pool, Target target, LegRequest request, LegListener listener) {
    this.pool = pool;
    this.target = target;
    this.request = request;
    this.listener = listener;
  }

  public Target target() {
    return target;
  }

  public boolean isOver() {
    return isOver;
  }

  void connected(UpstreamConnection made, boolean isNew) {
    connection = made;
    isFresh = isNew;
    Channel channel = made.channel();
    HttpRequest head = request.head();
    ChannelPromise sent = isNew ? channel.voidPromise() : channel.newPromise();
    headSent = isNew ? null : sent;
    // the encoder may change headers, and the request may have to be sent again
    channel.write(
        new DefaultHttpRequest(head.protocolVersion(), head.method(), head.uri(), head.headers()),
        sent);
    byte[] body = request.body();
    if (body == null) {
      sendAgain(channel);
      channel.flush();
    } else {
      isSent = true;
      channel.writeAndFlush(
          new DefaultLastHttpContent(Unpooled.wrappedBuffer(body)), channel.voidPromise());
    }
    made.read();
    listener.opened();
    if (body == null && channel.isWritable()) {
      listener.writable();
    }
  }

  private void sendAgain(Channel channel) {
    for (HttpContent part = toRepeat.poll(); part != null; part = toRepeat.poll()) {
      isSent |= part instanceof LastHttpContent;
      channel.write(part, channel.voidPromise());
    }
  }

  /** What goes over a kept connection may find it closed; a short body can be sent once more. */
  private void keepToRepeat(HttpContent part) {
    if (isFresh || hasAnswer || bytesToRepeat > MAX_REPEATED || !isHarmlessAgain()) {
      return;
    }
    bytesToRepeat += part.content().readableBytes();
    if (bytesToRepeat > MAX_REPEATED) {
      forgetParts();
    } else {
      toRepeat.add(part.retainedDuplicate());
    }
  }

  private void forgetParts() {
    toRepeat.forEach(HttpContent::release);
    toRepeat.clear();
  }

  private boolean isRepeatable() {
    return isHarmlessAgain() && (request.body() != null || bytesToRepeat <= MAX_REPEATED);
  }

  /** No server works on a request whose head it has not got. */
  private boolean isHarmlessAgain() {
    return request.isIdempotent() || (headSent != null && !headSent.isSuccess());
  }

  /** Whether a connection may be used that the server is about to close. */
  boolean isIdempotent() {
    return request.isIdempotent();
  }

  /** Whether a part of the body would be sent soon. */
  public boolean isWritable() {
    return connection != null && connection.channel().isWritable();
  }

  /** Sends a part of the body and takes its ownership; the last one is a last one. */
  public void send(HttpContent part) {
    if (isOver) {
      part.release();
      return;
    }
    if (connection == null) {
      toRepeat.add(part); // another connection is being made
      return;
    }
    keepToRepeat(part);
    isSent |= part instanceof LastHttpContent;
    connection.channel().writeAndFlush(part, connection.channel().voidPromise());
  }

  /** Asks for more of the answer. */
  public void read() {
    if (connection != null && !isOver) {
      connection.read();
    } else {
      wantsMore = true;
    }
  }

  /** Gives up: the connection is closed, nothing more is handed on. */
  public void cancel() {
    if (!isOver) {
      over(LegFailure.Kind.CANCELLED);
      if (connection != null) {
        connection.channel().close();
      }
      listener.failed(new LegFailure(LegFailure.Kind.CANCELLED, "cancelled"));
    }
  }

  /** Leaves HTTP after an answer that says so; what comes now are bytes for this handler. */
  public Channel leaveHttp(ChannelHandler raw) {
    UpstreamConnection own = connection;
    if (own == null) {
      throw new IllegalStateException("there is no connection");
    }
    over(null);
    own.leaveHttp(raw);
    return own.channel();
  }

  void head(HttpResponse head) {
    hasAnswer = true;
    forgetParts();
    status = head.status().code();
    isKeepAlive = HttpUtil.isKeepAlive(head);
    if (!isOver) {
      listener.head(head);
    }
    if (wantsMore) {
      wantsMore = false;
      read();
    }
  }

  void part(HttpContent part) {
    if (isOver) {
      part.release();
    } else {
      listener.part(part);
    }
  }

  void pause() {
    if (!isOver) {
      listener.pause();
    }
  }

  void writable() {
    if (!isOver && connection != null && connection.channel().isWritable()) {
      listener.writable();
    }
  }

  void end(LastHttpContent last) {
    if (isOver) {
      last.release();
      return;
    }
    over(null);
    UpstreamConnection own = connection;
    if (own != null) {
      if (isSent && isKeepAlive) {
        pool.keep(target, own);
      } else {
        own.channel().close();
      }
    }
    listener.end(last);
  }

  /** The connection could not be made, or is gone. */
  void failed(LegFailure failure) {
    if (isOver) {
      return;
    }
    if (connection != null && !isFresh && !hasAnswer && isRepeatable()) {
      connection = null;
      isSent = false;
      pool.connect(this, target);
      return;
    }
    over(failure.kind());
    listener.failed(failure);
  }

  private void over(LegFailure.@Nullable Kind failure) {
    isOver = true;
    forgetParts();
    pool.observer().ended(target.stage(), status, failure, System.nanoTime() - startNanos);
  }
}
