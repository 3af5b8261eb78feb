package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LiveStreamTest {

  private static final long LATER = EarlyMessages.LIMIT_NANOS;

  private final RecordingSink sink = new RecordingSink();
  private final StreamState state = new StreamState("e", false, sink, 0);
  private final LiveStream stream = new LiveStream(state, Frames::topic, any -> {});

  @Test
  void messagesThatOvertookOthersWaitForThem() {
    take(2, 0, 3, 1, 4);
    assertThat(sink.taken()).containsExactlyElementsOf(messages(5));
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(stream.isHolding()).isFalse();
  }

  @Test
  void aMessageThatDoesNotComeInTimeIsLeftOut() {
    take(0, 2, 3);
    assertThat(sink.taken()).hasSize(1);
    stream.release(LATER);
    assertThat(sink.taken()).endsWith("e m message 2", "e m message 3");
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.status().gaps()).isEqualTo(1);
  }

  @Test
  void noMoreIsHeldThanTheLimit() {
    take(0);
    take(LongStream.range(2, 200).toArray());
    assertThat(sink.taken()).hasSize(199).endsWith("e m message 199");
  }

  @Test
  void aNewStartForgetsWhatTheFormerRunHolds() {
    take(0, 1, 3);
    stream.take(new Frames("m", 0, new byte[] {1}), 0);
    stream.release(LATER);
    assertThat(sink.taken()).doesNotContain("e m message 3");
  }

  @Test
  void messagesInAnyOrderAndTwiceAreTakenOnceAndInTheirs() {
    var random = new Random(7);
    for (long from = 0; from < 400; from += 8) {
      List<Long> some = new ArrayList<>(LongStream.range(from, from + 8).boxed().toList());
      some.addAll(List.copyOf(some));
      Collections.shuffle(some, random);
      take(some.stream().mapToLong(Long::longValue).toArray());
    }
    assertThat(sink.taken()).containsExactlyElementsOf(messages(400));
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(state.status().restarts()).isZero();
  }

  private void take(long... numbers) {
    for (long number : numbers) {
      stream.take(new Frames("m", number, Publisher.payload(number)), 0);
    }
  }

  private static List<String> messages(int count) {
    return LongStream.range(0, count).mapToObj(i -> "e m message " + i).toList();
  }
}
