package ai.llmd.epp.sidecar.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Everything but {@link #loop()} and {@link #request()} is for the
 * connection's event loop alone; nothing has an effect after the answer has ended or the client is
 * gone, parts that come then are released.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
public final class Exchange {

  private final Channel channel;
  private final ClientConnection connection;
  private final HttpRequest request;
  private final String clientAddress;
  private final long startNanos = System.nanoTime();
  private final List<Runnable> whenGone = new ArrayList<>();
  private final List<EndListener> whenEnded = new ArrayList<>();

  private @Nullable BodySink sink;
  private boolean isBodyRead; // to its end
  private boolean isHeadSent;
  private boolean isOver;
  private int status;
  private long answerBytes;
  private @Nullable Runnable whenWritable;

  /** Learns how an exchange ended. */
  public interface EndListener {

    /**
     * The last of it.
     *
     * @param isComplete false when the client went away, or the answer broke off
     */
    void ended(Exchange exchange, boolean isComplete);
  }

  Exchange(Channel channel, ClientConnection connection, HttpRequest request, String address) {
    this.channel = channel;
    this.connection = connection;
    this.request = request;
    this.clientAddress = address;
  }

  /** The request's line and headers, as the client sent them. */
  public HttpRequest request() {
    return request;
  }

  public EventLoop loop() {
    return channel.eventLoop();
  }

  /** The address that the connection comes from, without a port. */
  public String clientAddress() {
    return clientAddress;
  }

  /** When the headers had been read, by {@link System#nanoTime()}. */
  public long startNanos() {
    return startNanos;
  }

  /** The answer's status; 0 as long as there is none. */
  public int status() {
    return status;
  }

  /** Bytes of the answer's body so far. */
  public long answerBytes() {
    return answerBytes;
  }

  public boolean isHeadSent() {
    return isHeadSent;
  }

  /** Whether the answer has ended, or the client is gone. */
  public boolean isOver() {
    return isOver;
  }

  /** Runs when the client goes away, or the answer breaks off; at once when that has happened. */
  public void whenGone(Runnable action) {
    if (isOver) {
      action.run();
    } else {
      whenGone.add(action);
    }
  }

  /** Takes an action back that is of no use any more. */
  public void forget(Runnable action) {
    if (!isOver) {
      whenGone.remove(action);
    }
  }

  public void whenEnded(EndListener listener) {
    whenEnded.add(listener);
  }

  /** Begins to read the body. */
  public void receive(BodySink taker) {
    sink = taker;
    connection.read();
  }

  /** Asks for the next part of the body. */
  public void readMore() {
    if (!isOver) {
      connection.read();
    }
  }

  /**
   * Reads the whole body.
   *
   * @param longest in bytes
   * @return fails with {@link BodyTooLongException}; is never completed when the client goes away
   */
  public CompletableFuture<byte[]> receiveAll(int longest) {
    WholeBody body = new WholeBody(this, longest, HeldBytes.ALL);
    CompletableFuture<byte[]> whole = body.whole();
    whenGone(() -> whole.cancel(false));
    whenEnded((ended, isComplete) -> body.forget());
    receive(body);
    return whole;
  }

  /** Whether another part would be sent soon; else {@link #whenWritable} tells when. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /** Replaces what runs each time the client can take more. */
  public void whenWritable(Runnable action) {
    whenWritable = action;
  }

  /** Sends the first line and the headers. */
  public void respond(HttpResponse head) {
    if (isOver || isHeadSent) {
      return;
    }
    isHeadSent = head.status().code() >= 200 || head.status().code() == 101;
    status = head.status().code();
    connection.respond(head, this);
  }

  /** Sends a part of the body, whose ownership it takes. */
  public void send(ByteBuf part) {
    if (isOver) {
      part.release();
      return;
    }
    answerBytes += part.readableBytes();
    channel.write(new DefaultHttpContent(part), channel.voidPromise());
  }

  public void flush() {
    channel.flush();
  }

  /** Ends the answer; the client may ask again on the same connection. */
  public void end(LastHttpContent last) {
    if (isOver) {
      ReferenceCountUtil.release(last);
      return;
    }
    answerBytes += last.content().readableBytes();
    finish(true);
    connection.end(last, this);
  }

  /** An answer that is whole already. */
  public void answer(HttpResponse head, byte[] body) {
    respond(head);
    if (body.length > 0) {
      send(Unpooled.wrappedBuffer(body));
    }
    end(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  /** Breaks the answer off so that the client sees that something is missing. */
  public void breakOff() {
    if (!isOver) {
      channel.close();
      gone();
    }
  }

  /**
   * Leaves HTTP, after the head of an answer that says so: what comes and what is written are bytes
   * from now on. The exchange goes on until {@link #tunnelClosed()}.
   */
  public Channel leaveHttp(ChannelHandler raw) {
    connection.leaveHttp(raw);
    return channel;
  }

  /** Ends an exchange that has left HTTP. */
  public void tunnelClosed() {
    if (!isOver) {
      finish(true);
    }
  }

  void part(HttpContent part) {
    isBodyRead |= part instanceof LastHttpContent;
    if (sink == null || isOver) {
      part.release();
    } else {
      sink.sent(part);
    }
  }

  boolean isBodyRead() {
    return isBodyRead;
  }

  void writabilityChanged() {
    if (whenWritable != null && channel.isWritable()) {
      whenWritable.run();
    }
  }

  /** The client went away, or sent what is no request. */
  void gone() {
    if (!isOver) {
      finish(false);
      whenGone.forEach(Runnable::run);
    }
  }

  private void finish(boolean isComplete) {
    isOver = true;
    for (EndListener listener : whenEnded) {
      listener.ended(this, isComplete);
    }
  }
}
