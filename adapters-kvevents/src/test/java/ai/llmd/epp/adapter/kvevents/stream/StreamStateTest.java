package ai.llmd.epp.adapter.kvevents.stream;

import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.APPLY;
import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.DROP;
import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.REPLAY;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamStateTest {

  private static final long HALF_A_MINUTE = 30_000_000_000L;

  private final RecordingSink sink = new RecordingSink();

  @Test
  void aPublisherHeardFromItsFirstMessageIsComplete() {
    StreamState state = state(false);
    take(state, 0, 1, 2);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aPublisherMayCountFromOne() {
    StreamState state = state(false);
    take(state, 1, 2);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aGapLeavesAStreamIncompleteUntilThePublisherClearsItsCache() {
    StreamState state = state(false);
    take(state, 0, 3);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.status().gaps()).isEqualTo(1);
    sink.answer(EventSink.Applied.CLEARED);
    take(state, 4);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aNumberThatWasThereIsDropped() {
    StreamState state = state(false);
    take(state, 0, 1);
    assertThat(state.live(1, 0)).isEqualTo(DROP);
  }

  @Test
  void aLowerNumberIsANewStartOfThePublisher() {
    StreamState state = state(false);
    take(state, 0, 1, 2, 0);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.status().restarts()).isEqualTo(1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void whatIsMissingIsAskedFor() {
    StreamState state = state(true);
    take(state, 0);
    assertThat(state.live(3, 0)).isEqualTo(REPLAY);
    assertThat(state.wanted()).isEqualTo(1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    replay(state, 1, 2, 3, 4);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(state.live(4, 0)).isEqualTo(DROP);
    assertThat(state.live(5, 0)).isEqualTo(APPLY);
  }

  @Test
  void aHistoryThatIsCutOffIsJoinedAndIncomplete() {
    StreamState state = state(true);
    assertThat(state.beginsWithReplay(0)).isTrue();
    replay(state, 50, 51);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.live(52, 0)).isEqualTo(APPLY);
  }

  @Test
  void aGapThatIsNoLongerThereEmptiesTheEndpoint() {
    StreamState state = state(true);
    take(state, 0);
    state.live(90, 0);
    replay(state, 80);
    assertThat(sink.taken()).containsSequence("clear e", "e m message 80");
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void aReplayThatFailsIsTriedAgainFromTheStartAfterAWhile() {
    StreamState state = state(true);
    take(state, 0);
    state.live(5, 0);
    state.replayFailed(0);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.live(5, 1)).isEqualTo(APPLY);
    state.apply(5, "m", Publisher.payload(5), 1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.live(6, HALF_A_MINUTE)).isEqualTo(REPLAY);
    assertThat(state.wanted()).isZero();
    replay(state, 0, 1, 2, 3, 4, 5, 6);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aPublisherWithoutAMessageIsComplete() {
    StreamState state = state(true);
    state.beginsWithReplay(0);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(state.live(0, 0)).isEqualTo(APPLY);
  }

  @Test
  void aReplayWithAHoleIsRefused() {
    StreamState state = state(true);
    state.beginsWithReplay(0);
    replay(state, 0, 1);
    assertThat(state.replayed(3, "m", Publisher.payload(3), 0)).isFalse();
  }

  @Test
  void aMessageThatCouldNotBeTakenLeavesTheStreamIncomplete() {
    StreamState state = state(true);
    state.beginsWithReplay(0);
    sink.answer(EventSink.Applied.IN_PART);
    replay(state, 0);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  private StreamState state(boolean canReplay) {
    return new StreamState("e", canReplay, sink, 0);
  }

  private static void take(StreamState state, long... numbers) {
    for (long number : numbers) {
      assertThat(state.live(number, 0)).isEqualTo(APPLY);
      state.apply(number, "m", Publisher.payload(number), 0);
    }
  }

  private static void replay(StreamState state, long... numbers) {
    for (long number : numbers) {
      assertThat(state.replayed(number, "m", Publisher.payload(number), 0)).isTrue();
    }
  }
}
