package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.openai.Json;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/** Collects the body of a request, up to a limit; beyond it the answer is a 413. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class BodyAggregator extends HttpObjectAggregator {

  private final HttpHeaders headers;

  /**
   * @param headers what every answer carries
   */
  BodyAggregator(int maxBodyBytes, HttpHeaders headers) {
    super(maxBodyBytes);
    this.headers = headers;
  }

  /** The rest of the body is read and thrown away, so that the client sees the answer. */
  @Override
  protected void handleOversizedMessage(ChannelHandlerContext channel, HttpMessage oversized) {
    byte[] body =
        Json.error(
            413, "BadRequestError", "The body is longer than " + maxContentLength() + " bytes.");
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
            Unpooled.wrappedBuffer(body));
    response.headers().set(headers).set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    HttpUtil.setContentLength(response, body.length);
    channel.writeAndFlush(response);
  }
}
