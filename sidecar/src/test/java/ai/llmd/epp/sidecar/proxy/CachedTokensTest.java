package ai.llmd.epp.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers of an answer whose usage is changed. */
class CachedTokensTest {

  private static final String EVENTS =
      "data: {\"choices\":[],\"usage\":null}\n\n".repeat(20)
          + "data: {\"usage\":{\"prompt_tokens\":2}}\n\ndata: [DONE]\n\n";

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);

  private BodyTransform transform() {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    return Objects.requireNonNull(CachedTokens.in(head, 7));
  }

  private static String read(ByteBuf bytes) {
    String text = bytes.toString(UTF_8);
    bytes.release();
    return text;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 38, 39, 100, 10_000})
  void areAllGivenBackHoweverEventsAreCut(int size) {
    BodyTransform transform = transform();
    StringBuilder answer = new StringBuilder();
    for (int i = 0; i < EVENTS.length(); i += size) {
      String part = EVENTS.substring(i, Math.min(EVENTS.length(), i + size));
      answer.append(read(transform.part(memory.heapBuffer().writeBytes(part.getBytes(UTF_8)))));
    }
    answer.append(read(transform.end()));

    assertThat(answer.toString())
        .isEqualTo(
            EVENTS.replace(
                "\"prompt_tokens\":2",
                "\"prompt_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":7}"));
    assertThat(memory.metric().usedHeapMemory()).isZero();
  }
}
