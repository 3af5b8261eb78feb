package ai.llmd.epp.adapter.extproc.body;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {

  private static final EventStream.Format FORMAT = new EventStream.Format("usage", false, true);
  private static final String USAGE = "{\"usage\":{\"prompt_tokens\":11}}";

  private final List<String> found = new ArrayList<>();
  private final EventStream stream =
      new EventStream(
          FORMAT, (bytes, start, end) -> found.add(new String(bytes, start, end - start, UTF_8)));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: " + USAGE + "\n\n",
        "data:" + USAGE + "\n\n",
        "data: " + USAGE + "\r\n\r\n",
        "data: " + USAGE,
        "data: " + USAGE + "\r",
        "\uFEFFdata: " + USAGE + "\n\n",
        ": ping\nevent: x\nid: 7\ndata: " + USAGE + "\nretry: 5\n\n",
        "data: {\"a\":1}\n\ndata: " + USAGE + "\n\ndata: [DONE]\n\n",
        "data: {\"a\":1}\ndata: " + USAGE + "\ndata: [DONE]\n",
        "data: {\"a\":\ndata: " + USAGE + "\n\n", // the first line is no JSON, nor are both
      })
  void findsTheDataWhereverTheStreamIsCut(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      readCut(bytes, cut);
      assertThat(found).as("cut at %s", cut).containsExactly(USAGE);
    }
    found.clear();
    for (int i = 0; i < bytes.length; i++) {
      stream.read(bytes, i, i + 1);
    }
    stream.finish();
    assertThat(found).as("byte by byte").containsExactly(USAGE);
  }

  private void readCut(byte[] bytes, int cut) {
    found.clear();
    EventStream fresh =
        new EventStream(
            FORMAT, (b, start, end) -> found.add(new String(b, start, end - start, UTF_8)));
    fresh.read(bytes, 0, cut);
    fresh.read(bytes, cut, bytes.length);
    fresh.finish();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n"})
  void joinsTheDataLinesOfAnEvent(String lineEnd) {
    String text =
        String.join(
            lineEnd,
            "data: {\"choices\": [",
            "data: {\"a\": 1}",
            "data: ], \"usage\":",
            "event: between",
            "data:  {\"prompt_tokens\": 11}}",
            "",
            "");
    byte[] bytes = text.getBytes(UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      readCut(bytes, cut);
      assertThat(found)
          .as("cut at %s", cut)
          .containsExactly("{\"choices\": [\n{\"a\": 1}\n], \"usage\":\n {\"prompt_tokens\": 11}}");
    }
  }

  @Test
  void passesOverWhatIsNoEventWithTheText() {
    read("usage: 1\n data: " + USAGE + "\ndatausage\ndata\n\ndata: usage\n\n: " + USAGE + "\n");
    stream.finish();
    assertThat(found).isEmpty();
  }

  @Test
  void keepsOfALineOfMegabytesWhatHoldsItsUsage() {
    String text = "\\\"text{[\\\\".repeat(200_000);
    String event =
        "{\"type\": \"response.completed\", \"response\": {\"output\": [{\"usage\": {\"a\": ["
            + "\"x]}\"]}, \"text\": \""
            + text
            + "\"}], \"text\": \""
            + text
            + "\", \"deep\": {\"a\": {\"b\": {\"c\": 1}}}, \"usage\": {\"input_tokens\": 11,"
            + " \"input_tokens_details\": {\"cached_tokens\": 8}}}}";
    byte[] bytes = ("data: " + event + "\n\n").getBytes(UTF_8);
    for (int from = 0; from < bytes.length; from += 16_000) {
      stream.read(bytes, from, Math.min(bytes.length, from + 16_000));
    }
    assertThat(found)
        .containsExactly(
            "{\"type\":\"response.completed\",\"response\":{\"output\":[],\"text\":\"\","
                + "\"deep\":{\"a\":{\"b\":{}}},\"usage\":{\"input_tokens\":11,"
                + "\"input_tokens_details\":{\"cached_tokens\":8}}}}");
  }

  @Test
  void joinsAnEventOfManyLinesToMegabytes() {
    StringBuilder text = new StringBuilder("data: {\ndata: \"output\": [\n");
    for (int i = 0; i < 50_000; i++) {
      text.append("data:   {\"text\": \"and so on\"},\n");
    }
    text.append("data: 1],\ndata: \"usage\": {\"prompt_tokens\": 11}\ndata: }\n\n");
    read(text.toString());
    assertThat(found)
        .containsExactly("{\"output\":[],\"usage\":{\"prompt_tokens\":11}}".replace(" ", ""));
  }

  @Test
  void keepsNoMoreThanItsBound() {
    KeptLine kept = new KeptLine();
    byte[] endless = "{\"a\":{\"b\":1},".repeat(1000).getBytes(UTF_8);
    for (int i = 0; i < 1000; i++) {
      kept.add(endless, 0, endless.length);
      assertThat(kept.bytes().length).isLessThanOrEqualTo(KeptLine.MAX_BYTES);
      assertThat(kept.length()).isLessThanOrEqualTo(kept.bytes().length);
    }
  }

  /** There may be twenty thousand streams, each between two events for most of the time. */
  @Test
  void keepsNoLargeArrayForTheNextLine() {
    KeptLine kept = new KeptLine();
    byte[] part = "x".repeat(KeptLine.MAX_BYTES).getBytes(UTF_8);
    kept.add(part, 0, part.length);
    assertThat(kept.bytes()).hasSize(KeptLine.MAX_BYTES);
    kept.clear();
    assertThat(kept.bytes()).isEmpty();
  }

  @Test
  void passesOverChunksWithoutTheMarkWhereLinesAreNotCounted() {
    EventStream uncounted =
        new EventStream(
            new EventStream.Format("usage", false, false),
            (bytes, start, end) -> found.add(new String(bytes, start, end - start, UTF_8)));
    for (String chunk :
        List.of("data: {}\n\n", "data: " + USAGE + "\n\n", "data: {", "\n\n", "data: " + USAGE)) {
      byte[] bytes = chunk.getBytes(UTF_8);
      uncounted.read(bytes, 0, bytes.length);
    }
    uncounted.finish();
    assertThat(found).containsExactly(USAGE, USAGE);
    assertThat(uncounted.dataLines()).isZero();
  }

  @RepeatedTest(20)
  void findsTheSameHoweverAStreamIsCut(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    StringBuilder text = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String event =
          "{\"usage\":{\"prompt_tokens\":"
              + i
              + "},\"x\":\""
              + "y".repeat(random.nextInt(300))
              + "\"}";
      text.append(random.nextBoolean() ? "data: " : "data:").append(event);
      text.append(random.nextBoolean() ? "\n\n" : "\r\n\r\n");
      expected.add(event);
    }
    byte[] bytes = text.toString().getBytes(UTF_8);
    for (int at = 0; at < bytes.length; ) {
      int to = Math.min(bytes.length, at + 1 + random.nextInt(400));
      byte[] chunk = Arrays.copyOfRange(bytes, at, to);
      stream.read(chunk, 0, chunk.length);
      Arrays.fill(chunk, (byte) 'z'); // the array is reused
      at = to;
    }
    assertThat(found).isEqualTo(expected);
    assertThat(stream.dataLines()).isEqualTo(50);
  }

  private void read(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    stream.read(bytes, 0, bytes.length);
  }
}
