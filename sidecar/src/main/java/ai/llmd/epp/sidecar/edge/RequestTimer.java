package ai.llmd.epp.sidecar.edge;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection that is idle between two requests, or too slow with the headers of one.
 * Bodies and answers may take as long as they like.
 */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class RequestTimer extends ChannelInboundHandlerAdapter {

  private static final int HEADERS_WITHIN = 30; // seconds
  private static final int IDLE_AT_MOST = 300; // seconds

  private @Nullable ChannelHandlerContext own;
  private @Nullable Future<?> timeout;
  private boolean isWaiting; // for the first byte of a request

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    own = context;
    if (context.channel().isActive()) { // else it was closed meanwhile
      start(context, HEADERS_WITHIN);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (isWaiting) {
      isWaiting = false;
      start(context, HEADERS_WITHIN);
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    headersRead();
    context.fireChannelInactive();
  }

  /** The headers of a request are complete. */
  void headersRead() {
    isWaiting = false;
    if (timeout != null) {
      timeout.cancel(false);
      timeout = null;
    }
  }

  /** An answer is complete, another request may come. */
  void awaitRequest() {
    if (own != null) {
      start(own, IDLE_AT_MOST);
    }
    isWaiting = true;
  }

  private void start(ChannelHandlerContext context, int seconds) {
    if (timeout != null) {
      timeout.cancel(false);
    }
    timeout = context.executor().schedule(() -> context.close(), seconds, SECONDS);
  }
}
