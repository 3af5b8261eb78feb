package ai.llmd.epp.sidecar.connector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.proxy.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;

class HeldRelayTest {

  private final ByteBuf part = Unpooled.buffer().writeInt(1);
  private final ByteBuf last = Unpooled.buffer().writeInt(2);

  private void holdAndDrop(Exchange exchange) {
    HeldRelay held = new HeldRelay(new Relay(exchange, ErrorAnswer::ofDecoder));
    held.head(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    held.part(new DefaultHttpContent(part));
    held.end(new DefaultLastHttpContent(last));
    held.drop();
    ErrorAnswer.plain(504, "").to(exchange);
  }

  @Test
  void anAnswerThatIsDroppedIsGivenBackToItsEnd() throws Exception {
    assertThat(HandledRequests.by(this::holdAndDrop).statusCode()).isEqualTo(504);

    assertThat(part.refCnt()).isZero();
    assertThat(last.refCnt()).isZero();
  }
}
