package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ChunkedBodyTest {

  private final Queue<Runnable> later = new ArrayDeque<>();
  private final List<String> sent = new ArrayList<>();
  private final Exchange exchange =
      new Exchange(
          TestPicker.parts(new FakeRouting(), new RecordedExchanges()),
          null,
          RequestLabels.anonymous("1"),
          null,
          true,
          0);
  private final ChunkedBody body =
      new ChunkedBody(
          new StreamObserver<>() {
            @Override
            public void onNext(ExtProcResponse answer) {
              StreamedBodyResponse chunk = responseChunk(Wire.written(answer));
              sent.add(chunk.getBody().toStringUtf8() + (chunk.getEndOfStream() ? "$" : ""));
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onCompleted() {}
          },
          exchange,
          true,
          later::add);

  private void comes(String chunk) {
    body.body(ByteString.copyFromUtf8(chunk), false);
  }

  private void quiet() {
    while (!later.isEmpty()) {
      later.poll().run();
    }
  }

  private void burst() {
    for (String chunk : List.of("1", "2", "3", "4")) {
      comes(chunk);
    }
    assertThat(sent).containsExactly("1", "2", "3", "4");
    sent.clear();
  }

  @Test
  void theRestOfABurstGoesOnAsOne() {
    burst();
    comes("a");
    comes("b");
    assertThat(sent).isEmpty();
    assertThat(later).hasSize(1);
    quiet();
    comes("c");
    quiet();
    assertThat(sent).containsExactly("ab", "c");
  }

  @Test
  void chunksThatComeOneByOneGoOnOneByOne() {
    for (int i = 0; i < 10; i++) {
      comes("a");
      assertThat(sent).hasSize(i + 1);
      quiet();
    }
    assertThat(sent).hasSize(10);
  }

  @Test
  void theLastChunkTakesTheWaitingOnesAlong() {
    burst();
    comes("a");
    body.body(ByteString.copyFromUtf8("b"), true);
    quiet();
    assertThat(sent).containsExactly("ab$");
    assertThat(exchange.hasEnded()).isTrue();
  }

  @Test
  void whatWaitsGoesOnWhenTheConversationEnds() {
    burst();
    comes("a");
    body.release();
    exchange.end(Termination.ERROR);
    quiet();
    assertThat(sent).containsExactly("a");
  }

  @Test
  void whatWaitsComesBeforeTheTrailers() {
    burst();
    comes("a");
    body.trailers();
    assertThat(sent).hasSize(2).startsWith("a");
  }

  @Test
  void anEmptyChunkIsAnswered() {
    comes("");
    quiet();
    assertThat(sent).containsExactly("");
  }

  @Test
  void noMoreIsGatheredThanOneAnswerHolds() {
    burst();
    String chunk = "x".repeat(40_000);
    comes(chunk);
    comes(chunk);
    assertThat(sent).map(String::length).containsExactly(62_000, 18_000);
    quiet();
    assertThat(sent).hasSize(2);
  }
}
