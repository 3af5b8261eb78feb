package ai.llmd.epp.simulator.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: answers its requests one after the other, in the order they came. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class ConnectionHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

  /** Answers a request; may finish later, on the same thread. */
  interface Service {
    void answer(FullHttpRequest request, Reply reply);
  }

  private static final Logger log = LoggerFactory.getLogger(ConnectionHandler.class);
  private static final int MAX_PIPELINED = 4;

  private final Service service;
  private final Function<FullHttpRequest, HttpHeaders> headers;
  private final Queue<FullHttpRequest> pipelined = new ArrayDeque<>();
  private @Nullable Reply current;
  private boolean isAnswering;

  /**
   * @param headers what every answer to a request carries
   */
  ConnectionHandler(Service service, Function<FullHttpRequest, HttpHeaders> headers) {
    this.service = service;
    this.headers = headers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext channel, FullHttpRequest request) {
    if (pipelined.size() >= MAX_PIPELINED) {
      channel.close();
      return;
    }
    pipelined.add(request.retain());
    answerNext(channel);
  }

  /** A loop and no recursion: most answers are complete before {@code answer} returns. */
  private void answerNext(ChannelHandlerContext channel) {
    if (isAnswering) {
      return;
    }
    isAnswering = true;
    while (current == null && !pipelined.isEmpty()) {
      FullHttpRequest request = pipelined.remove();
      try {
        current = new Reply(channel, headers.apply(request), () -> complete(channel));
        service.answer(request, current);
      } finally {
        request.release();
      }
    }
    isAnswering = false;
  }

  private void complete(ChannelHandlerContext channel) {
    current = null;
    answerNext(channel);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext channel) {
    if (current != null && channel.channel().isWritable()) {
      current.becameWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    pipelined.forEach(ReferenceCountUtil::release);
    pipelined.clear();
    if (current != null) {
      current.closed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
    if (!(cause instanceof IOException)) { // a client that leaves is no news
      log.atWarn().setCause(cause).log("connection closed after an unexpected error");
    }
    channel.close();
  }
}
