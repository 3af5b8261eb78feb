package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.fuzz.Trees;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers of prediction servers: as many times as were asked for, each of which can be true, and
 * those that Jackson finds; or none at all.
 */
public final class PredictionAnswerFuzz {

  private static final int MAX_ROWS = 8;
  private static final double MAX_MILLIS = 1e8;

  private PredictionAnswerFuzz() {}

  /** The first byte has how many times were asked for. */
  public static void fuzzerTestOneInput(byte[] data) {
    int wanted = data.length == 0 ? 1 : 1 + (data[0] & (MAX_ROWS - 1));
    byte[] body = data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length);
    @Nullable List<Times> read = read(body, wanted);
    if (read != null) {
      require(read.size() == wanted, "another number of times");
      read.forEach(times -> require(isTrue(times), "cannot be true: " + times));
    }
    String text = Trees.utf8(body);
    @Nullable List<Times> expected = text == null ? null : expected(Trees.parsed(text));
    if (text == null || expected == null) {
      return;
    }
    if (read != null) {
      require(isSame(read, expected), "read " + read + ", Jackson " + expected);
    } else if (isPlain(text, expected.size())) {
      require(
          expected.size() != wanted || !expected.stream().allMatch(PredictionAnswerFuzz::isTrue),
          "refused " + expected);
    }
  }

  private static @Nullable List<Times> read(byte[] body, int wanted) {
    try {
      return PredictionAnswer.read(body, wanted);
    } catch (WithoutResultException refused) {
      return null;
    }
  }

  /** What a tree has; null when it has not both times of each row as numbers. */
  private static @Nullable List<Times> expected(@Nullable Object tree) {
    if (!(tree instanceof Map<?, ?> answer && answer.get("predictions") instanceof List<?> rows)) {
      return null;
    }
    List<Times> times = new ArrayList<>();
    for (Object row : rows) {
      if (row instanceof Map<?, ?> one
          && one.get("ttft_ms") instanceof Double ttft
          && one.get("tpot_ms") instanceof Double tpot) {
        times.add(new Times(ttft, tpot));
      } else {
        return null;
      }
    }
    return times;
  }

  /** Whether nothing is repeated, which a reader may refuse for what comes first. */
  private static boolean isPlain(String text, int rows) {
    return text.indexOf('\\') < 0
        && count(text, "\"predictions\"") == 1
        && count(text, "\"ttft_ms\"") == rows
        && count(text, "\"tpot_ms\"") == rows;
  }

  private static int count(String text, String part) {
    int count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      count++;
    }
    return count;
  }

  private static boolean isSame(List<Times> one, List<Times> other) {
    boolean isSame = one.size() == other.size();
    for (int i = 0; isSame && i < one.size(); i++) {
      isSame =
          one.get(i).ttftMillis() == other.get(i).ttftMillis()
              && one.get(i).tpotMillis() == other.get(i).tpotMillis();
    }
    return isSame;
  }

  private static boolean isTrue(Times times) {
    return isTrue(times.ttftMillis()) && isTrue(times.tpotMillis());
  }

  private static boolean isTrue(double millis) {
    return millis >= 0 && millis <= MAX_MILLIS;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            "\1{\"predictions\":[{\"ttft_ms\":12.5,\"tpot_ms\":4,\"ttft_uncertainty\":null},"
                + "{\"tpot_ms\":0,\"ttft_ms\":1e3}],\"processing_time_ms\":2}",
            "\0{\"predictions\":[{\"ttft_ms\":-1,\"tpot_ms\":NaN}]}",
            "\0{\"predictions\":[{}],\"predictions\":[{\"ttft_ms\":1,\"tpot_ms\":2,\"tpot_ms\":3}]}",
            "\2[{\"predictions\":[[]]}] x")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
