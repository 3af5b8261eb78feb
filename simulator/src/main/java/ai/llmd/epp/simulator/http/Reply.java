package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.openai.Json;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * The answer to one request: a document, a stream of events, or a closed connection. Belongs to the
 * connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class Reply {

  private final ChannelHandlerContext channel;
  private final HttpHeaders headers;
  private final Runnable next;
  private Runnable whenWritable = Reply::nothing;
  private Runnable whenClosed = Reply::nothing;
  private boolean isFlushing;

  /**
   * Prepares an answer.
   *
   * @param headers sent with whatever is answered
   * @param next runs when the answer is complete
   */
  Reply(ChannelHandlerContext channel, HttpHeaders headers, Runnable next) {
    this.channel = channel;
    this.headers = headers;
    this.next = next;
  }

  void json(int status, byte[] body) {
    document(status, "application/json", body);
  }

  void error(int status, String type, String message) {
    json(status, Json.error(status, type, message));
  }

  void document(int status, String contentType, byte[] body) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
    response.headers().set(headers).set(HttpHeaderNames.CONTENT_TYPE, contentType);
    HttpUtil.setContentLength(response, body.length);
    channel.writeAndFlush(response);
    next.run();
  }

  /** Begins a stream of server-sent events. */
  void beginEvents() {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response
        .headers()
        .set(headers)
        .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
    HttpUtil.setTransferEncodingChunked(response, true);
    channel.writeAndFlush(response);
  }

  /** Queues an event; all events of one turn of the loop leave together. */
  void event(byte[] event) {
    channel.write(new DefaultHttpContent(Unpooled.wrappedBuffer(event)));
    if (!isFlushing) {
      isFlushing = true;
      channel.executor().execute(this::flush);
    }
  }

  void endEvents() {
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    next.run();
  }

  /** Closes the connection, whatever was sent so far. */
  void drop() {
    channel.close();
  }

  /** Whether the client keeps up; if not, more would only fill memory. */
  boolean isWritable() {
    return channel.channel().isWritable();
  }

  boolean isOpen() {
    return channel.channel().isActive();
  }

  /** Sets what to do when the client keeps up again. */
  void onWritable(Runnable action) {
    whenWritable = action;
  }

  /** Sets what to do when the client leaves before the answer is complete. */
  void onClosed(Runnable action) {
    whenClosed = action;
  }

  void becameWritable() {
    whenWritable.run();
  }

  void closed() {
    whenClosed.run();
  }

  private void flush() {
    isFlushing = false;
    channel.flush();
  }

  private static void nothing() {}
}
