package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.extproc.body.openai.AnswerIdReader;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiUsage;
import ai.llmd.epp.application.parsing.UsageReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ids of stored answers: of a body, what Jackson finds there; of a stream, the same wherever it
 * is cut; and the usage that is read beside them is what it is without.
 */
public final class AnswerIdFuzz {

  private AnswerIdFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Cuts cuts = Cuts.of(data);
    List<byte[]> whole = List.of(cuts.whole());
    compareWithJackson(cuts.whole(), id(false, whole));
    @Nullable String once = id(true, whole);
    JsonFuzz.require(
        Objects.equals(once, id(true, cuts.pieces())), "the id depends on the cuts: " + once);
    JsonFuzz.require(once == null || !once.isEmpty(), "an id without a character");
  }

  private static @Nullable String id(boolean isEventStream, List<byte[]> pieces) {
    var reader = new AnswerIdReader(usage(isEventStream), isEventStream);
    var alone = usage(isEventStream);
    for (byte[] piece : pieces) {
      JsonFuzz.require(
          Objects.equals(reader.read(piece, 0, piece.length), alone.read(piece, 0, piece.length)),
          "another usage");
    }
    JsonFuzz.require(Objects.equals(reader.finish(), alone.finish()), "another usage at the end");
    return reader.id();
  }

  private static UsageReader usage(boolean isEventStream) {
    return isEventStream ? OpenAiUsage.ofStream() : new OpenAiUsage();
  }

  /** Where a member is repeated, the last text that is not empty counts here. */
  private static void compareWithJackson(byte[] body, @Nullable String id) {
    String text = Trees.utf8(body);
    if (text != null && Trees.parsed(text) instanceof Map<?, ?> members) {
      if (members.get("id") instanceof String expected && !expected.isEmpty()) {
        JsonFuzz.require(expected.equals(id), "an id of " + id + " instead of " + expected);
      } else if (!members.containsKey("id")) {
        JsonFuzz.require(id == null, "an id of " + id + " where there is none");
      }
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            """
            {"id":"resp_1","object":"response","output":[{"id":"msg_1"}],"usage":{"input_tokens":1,"output_tokens":2}}\
            """,
            """
            {"error":null,"id":7,"id":"","id":"r\\u00e9sp"}\
            """,
            """
            event: response.created
            data: {"type":"response.created","response":{"id":"resp_2","status":"in_progress"}}

            event: response.completed
            data: {"type":"response.completed","response":{"id":"resp_3","usage":{"input_tokens":1,"output_tokens":17}}}

            """,
            """
            data: {"response":null}\r
            \r
            data: {"response":{"id":""},\r
            data: "response":{"id":"resp_4"}}\r
            \r
            data: [DONE]\
            """)
        .map(text -> Cuts.input("\3\50\0\21", text.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
