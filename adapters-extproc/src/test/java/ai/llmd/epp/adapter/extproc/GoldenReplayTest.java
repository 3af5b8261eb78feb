package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.dialogue.GoldenConversation;
import ai.llmd.epp.adapter.extproc.dialogue.Replay;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the reference was seen to do, played over a real connection. */
class GoldenReplayTest {

  static Stream<GoldenConversation> recordedWithDefaults() {
    return GoldenConversation.recordedWith("default").stream();
  }

  @ParameterizedTest
  @MethodSource("recordedWithDefaults")
  void answersAsRecorded(GoldenConversation golden) {
    play(golden, parts -> parts, FakeRouting.RECORDED.size());
  }

  static Stream<GoldenConversation> recordedWithAnEmptyPool() {
    return GoldenConversation.recordedWith("empty-pool").stream();
  }

  @ParameterizedTest
  @MethodSource("recordedWithAnEmptyPool")
  void refusesAsRecordedWhenThePoolIsEmpty(GoldenConversation golden) {
    play(golden, parts -> parts, 0);
  }

  static Stream<GoldenConversation> recordedWithOneParser() {
    return GoldenConversation.recordedWith("openai-parser-only").stream();
  }

  @ParameterizedTest
  @MethodSource("recordedWithOneParser")
  void refusesAsRecordedWhatNoParserReads(GoldenConversation golden) {
    play(golden, TestPicker.withParsers(FakeParser.OPENAI_ONLY), FakeRouting.RECORDED.size());
  }

  static Stream<GoldenConversation> recordedWithScores() {
    return GoldenConversation.recordedWith("default + flag --emit-endpoint-scores").stream();
  }

  @ParameterizedTest
  @MethodSource("recordedWithScores")
  void sendsScoresAsRecorded(GoldenConversation golden) {
    play(golden, TestPicker.with(true, false), FakeRouting.RECORDED.size());
  }

  private static void play(
      GoldenConversation golden, UnaryOperator<ExtProcParts> change, int endpoints) {
    try (TestPicker picker = TestPicker.start(change)) {
      picker.routing.endpoints = List.copyOf(FakeRouting.RECORDED.subList(0, endpoints));
      Replay.play(golden, picker.channel);
    }
  }
}
