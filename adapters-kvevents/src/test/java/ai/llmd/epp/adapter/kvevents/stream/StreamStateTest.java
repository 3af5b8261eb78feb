package ai.llmd.epp.adapter.kvevents.stream;

import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.APPLY;
import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.DROP;
import static ai.llmd.epp.adapter.kvevents.stream.StreamState.Step.REPLAY;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed.Resumption;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StreamStateTest {

  private static final long HALF_A_MINUTE = 30_000_000_000L;
  private static final byte[] OTHER = {1};

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
    assertThat(state.status().clears()).isEqualTo(1);
  }

  @Test
  void aNumberThatWasThereIsDropped() {
    StreamState state = state(false);
    take(state, 0, 1);
    assertThat(state.live(1, Publisher.payload(1), 0)).isEqualTo(DROP);
  }

  @Test
  void aMessageThatComesTwiceOrLateIsDropped() {
    StreamState state = state(false);
    take(state, 0, 1, 3, 4);
    for (long number : new long[] {3, 2, 0, 1}) {
      assertThat(state.live(number, Publisher.payload(number), 0)).isEqualTo(DROP);
    }
    assertThat(sink.taken()).doesNotContain("clear e");
    assertThat(state.status().late()).isEqualTo(4);
    assertThat(state.live(5, Publisher.payload(5), 0)).isEqualTo(APPLY);
  }

  @Test
  void anotherMessageOfAKnownNumberIsANewStartOfThePublisher() {
    StreamState state = state(false);
    take(state, 0, 1, 2);
    assertThat(state.live(0, OTHER, 0)).isEqualTo(APPLY);
    state.apply(0, "m", OTHER, 0);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.status().restarts()).isEqualTo(1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void theFirstNumberFarBelowTheLastIsANewStart() {
    StreamState state = state(false);
    take(state, 5_000);
    take(state, 1);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void unknownNumbersThatCountUpBelowTheLastAreANewStartThatWasMissed() {
    StreamState state = state(false);
    take(state, 5_000);
    assertThat(state.live(40, Publisher.payload(40), 0)).isEqualTo(DROP);
    assertThat(state.live(41, Publisher.payload(41), 0)).isEqualTo(DROP);
    take(state, 42);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void aLowerNumberOnANewConnectionIsANewStart() {
    StreamState state = state(false);
    state.connection(1, true, 0);
    take(state, 0, 1, 2);
    state.connection(2, true, 0);
    take(state, 0); // the very same
    assertThat(sink.taken()).contains("clear e");
  }

  @Test
  void aLostConnectionLeavesOpenWhetherAllIsKnownUntilTheNextMessage() {
    StreamState state = state(false);
    state.connection(1, true, 0);
    take(state, 0, 1);
    state.connection(1, false, 5);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    assertThat(state.status().sinceNanos()).isEqualTo(5);
    state.connection(2, true, 6);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    take(state, 2);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aLostConnectionIsFollowedByAReplayFromTheLastMessageOn() {
    StreamState state = state(true);
    begin(state);
    state.connection(1, false, 0);
    assertThat(state.isReplayDue(0)).isFalse();
    state.connection(2, true, 0);
    assertThat(state.isReplayDue(0)).isTrue();
    assertThat(state.wanted()).isEqualTo(2);
    replay(state, 2, 3, 4);
    state.replayEnded(0);
    assertThat(sink.taken()).doesNotContain("clear e").endsWith("e m message 3", "e m message 4");
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(state.isReplayDue(0)).isFalse();
  }

  @Test
  void aReplayThatNoLongerHasTheLastMessageIsThatOfANewStart() {
    StreamState state = state(true);
    begin(state);
    state.connection(1, false, 0);
    state.connection(2, true, 0);
    state.isReplayDue(0);
    state.replayEnded(0);
    assertThat(sink.taken()).endsWith("clear e");
    assertThat(state.status().restarts()).isEqualTo(1);
    assertThat(state.isReplayDue(0)).isTrue();
    assertThat(state.wanted()).isZero();
    replay(state, 0);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aReplayWithAnotherLastMessageIsThatOfANewStart() {
    StreamState state = state(true);
    begin(state);
    state.connection(1, false, 0);
    state.connection(2, true, 0);
    state.isReplayDue(0);
    assertThat(state.replayed(2, "m", OTHER, 0)).isFalse();
    state.replayFailed(0);
    assertThat(state.status().restarts()).isEqualTo(1);
    assertThat(state.status().failures()).isZero();
    assertThat(state.isReplayDue(0)).isTrue();
  }

  @Test
  void severalPublishersOfOneStreamClearItNoMore() {
    StreamState state = state(false);
    for (int i = 0; i < 20; i++) {
      assertThat(state.live(i, Publisher.payload(i), i)).isEqualTo(APPLY);
      state.apply(i, "m", Publisher.payload(i), i);
      assertThat(state.live(i, OTHER, i)).isEqualTo(APPLY);
      state.apply(i, "m", OTHER, i);
    }
    assertThat(sink.taken().stream().filter("clear e"::equals)).hasSizeLessThan(4);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void aReplayThatNeverWorksClearsOnce() {
    StreamState state = state(true);
    state.connection(1, true, 0);
    state.beginsWithReplay(0);
    state.replayFailed(0);
    for (int i = 1; i < 4; i++) {
      assertThat(state.isReplayDue(i * HALF_A_MINUTE)).isTrue();
      state.replayFailed(i * HALF_A_MINUTE);
    }
    assertThat(sink.taken()).containsExactly("clear e");
  }

  @Test
  void whatIsMissingIsAskedFor() {
    StreamState state = state(true);
    take(state, 0);
    assertThat(state.live(3, Publisher.payload(3), 0)).isEqualTo(REPLAY);
    assertThat(state.wanted()).isEqualTo(1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    replay(state, 1, 2, 3, 4);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(state.live(4, Publisher.payload(4), 0)).isEqualTo(DROP);
    assertThat(state.live(5, Publisher.payload(5), 0)).isEqualTo(APPLY);
  }

  @Test
  void aHistoryThatIsCutOffIsJoinedAndIncomplete() {
    StreamState state = state(true);
    assertThat(state.beginsWithReplay(0)).isTrue();
    replay(state, 50, 51);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.live(52, Publisher.payload(52), 0)).isEqualTo(APPLY);
  }

  @Test
  void aGapThatIsNoLongerThereEmptiesTheEndpoint() {
    StreamState state = state(true);
    take(state, 0);
    state.live(90, Publisher.payload(90), 0);
    replay(state, 80);
    assertThat(sink.taken()).containsSequence("clear e", "e m message 80");
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void aReplayThatFailsIsTriedAgainFromTheStartAfterAWhile() {
    StreamState state = state(true);
    take(state, 0);
    state.live(5, Publisher.payload(5), 0);
    state.replayFailed(0);
    assertThat(sink.taken()).contains("clear e");
    assertThat(state.live(5, Publisher.payload(5), 1)).isEqualTo(APPLY);
    state.apply(5, "m", Publisher.payload(5), 1);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(state.live(6, Publisher.payload(6), HALF_A_MINUTE)).isEqualTo(REPLAY);
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
    assertThat(state.live(0, Publisher.payload(0), 0)).isEqualTo(APPLY);
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

  @Test
  void aPublisherWhoseNumbersJumpIsNotReplayedForEachOfThem() {
    StreamState state = state(true);
    take(state, 0);
    for (int i = 1; i <= ReplayPacing.MAX_QUICK; i++) {
      assertThat(state.live(2L * i, Publisher.payload(2L * i), i)).isEqualTo(REPLAY);
      replay(state, 2L * i - 1);
      state.replayEnded(i);
      take(state, 2L * i);
    }
    assertThat(state.live(1000, OTHER, 99)).isEqualTo(APPLY);
    state.apply(1000, "m", OTHER, 99);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(sink.taken()).doesNotContain("clear e");
    assertThat(state.live(1002, OTHER, 100)).isEqualTo(APPLY);
    assertThat(state.live(1003, OTHER, 100 + HALF_A_MINUTE)).isEqualTo(REPLAY);
    assertThat(state.wanted()).isZero();
  }

  @Test
  void aPublisherThatHangsUpAgainAndAgainIsNotReplayedEachTime() {
    StreamState state = state(true);
    begin(state);
    int replays = 0;
    for (int i = 2; i < 200; i++) {
      state.connection(i, true, i);
      if (state.isReplayDue(i)) {
        replays++;
        replay(state, 2);
        state.replayEnded(i);
      }
    }
    assertThat(replays).isEqualTo(ReplayPacing.MAX_QUICK);
    state.connection(200, true, HALF_A_MINUTE + 200);
    assertThat(state.isReplayDue(HALF_A_MINUTE + 200)).isTrue();
    assertThat(state.wanted()).isZero();
  }

  private static void begin(StreamState state) {
    state.connection(1, true, 0);
    state.beginsWithReplay(0);
    replay(state, 0, 1, 2);
    state.replayEnded(0);
  }

  /** Where a stream stands that another replica has had from the start. */
  private KvCursor cursor(long last) {
    StreamState elsewhere = new StreamState("e", true, new RecordingSink(), 0);
    for (long number = 0; number <= last; number++) {
      take(elsewhere, number);
    }
    return Objects.requireNonNull(elsewhere.cursor());
  }

  @Test
  void aStateOfAnotherReplicaIsCompleteOnceAReplayHasShownItsLastMessage() {
    StreamState state = state(true);
    state.beginsWithReplay(0);
    assertThat(state.resume(cursor(6), 0)).isEqualTo(Resumption.REPLACE);
    assertThat(state.wanted()).isEqualTo(6);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    replay(state, 6, 7, 8);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
    assertThat(sink.taken()).containsExactly("e m message 7", "e m message 8");
    take(state, 9);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aStateOfAnotherReplicaIsForgottenWhenTheReplayNoLongerReachesIt() {
    StreamState state = state(true);
    assertThat(state.resume(cursor(6), 0)).isEqualTo(Resumption.REPLACE);
    replay(state, 9, 10);
    state.replayEnded(0);
    assertThat(sink.taken()).startsWith("clear e");
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void aStateOfAnotherReplicaIsForgottenWhenThePublisherHasBegunAgain() {
    StreamState state = state(true);
    assertThat(state.resume(cursor(2), 0)).isEqualTo(Resumption.REPLACE);
    assertThat(state.replayed(2, "m", OTHER, 0)).isFalse();
    state.replayFailed(0);
    assertThat(sink.taken()).containsExactly("clear e");
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
  }

  @Test
  void aStateOfAnotherReplicaThatIsNotCompleteStaysSo() {
    StreamState elsewhere = new StreamState("e", false, new RecordingSink(), 0);
    take(elsewhere, 0, 1, 4);
    KvCursor cursor = Objects.requireNonNull(elsewhere.cursor());
    StreamState state = state(true);
    assertThat(state.resume(cursor, 0)).isEqualTo(Resumption.REPLACE);
    replay(state, 4, 5);
    state.replayEnded(0);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void withoutReplaysAStateOfAnotherReplicaIsCompleteWithTheNextMessage() {
    StreamState state = state(false);
    assertThat(state.resume(cursor(6), 0)).isEqualTo(Resumption.REPLACE);
    assertThat(state.status().completeness()).isEqualTo(Completeness.CATCHING_UP);
    for (long number = 3; number <= 6; number++) { // were on their way when it was taken
      assertThat(state.live(number, Publisher.payload(number), 0)).isEqualTo(DROP);
    }
    assertThat(sink.taken()).isEmpty();
    take(state, 7);
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void withoutReplaysAStateOfAnotherReplicaWithAGapBehindItIsIncomplete() {
    StreamState state = state(false);
    state.resume(cursor(6), 0);
    take(state, 9);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
    assertThat(sink.taken()).doesNotContain("clear e");
  }

  @Test
  void withoutReplaysAPublisherThatBeginsAgainIsNoticedBehindAStateOfAnotherReplica() {
    StreamState state = state(false);
    state.resume(cursor(6), 0);
    take(state, 0);
    assertThat(sink.taken()).startsWith("clear e");
    assertThat(state.status().completeness()).isEqualTo(Completeness.COMPLETE);
  }

  @Test
  void aStateOfAnotherReplicaIsAddedToWhatCameSinceWithoutReplays() {
    StreamState state = state(false);
    take(state, 8);
    assertThat(state.resume(cursor(6), 0)).isEqualTo(Resumption.ADD);
    take(state, 9);
    assertThat(state.status().completeness()).isEqualTo(Completeness.INCOMPLETE);
  }

  @Test
  void whatIsCompleteHereNeedsNoStateOfAnotherReplica() {
    StreamState state = state(true);
    take(state, 0, 1);
    assertThat(state.resume(cursor(6), 0)).isEqualTo(Resumption.KEEP);
    assertThat(state.status().last()).isEqualTo(1);
  }

  @Test
  void aStreamOfWhichNothingCameCannotBeGoneOnFrom() {
    assertThat(state(true).cursor()).isNull();
  }

  private StreamState state(boolean canReplay) {
    return new StreamState("e", canReplay, sink, 0);
  }

  private static void take(StreamState state, long... numbers) {
    for (long number : numbers) {
      assertThat(state.live(number, Publisher.payload(number), 0)).isEqualTo(APPLY);
      state.apply(number, "m", Publisher.payload(number), 0);
    }
  }

  private static void replay(StreamState state, long... numbers) {
    for (long number : numbers) {
      assertThat(state.replayed(number, "m", Publisher.payload(number), 0)).isTrue();
    }
  }
}
