package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vertex.VertexAiParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmGrpcParser;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Responses as they stream: what is found must not depend on where they are cut, and each event is
 * JSON to Jackson, too.
 */
public final class EventStreamFuzz {

  private static final EventStream.Format EVERY_EVENT = new EventStream.Format(":1", false, true);
  private static final List<RequestParser> PARSERS =
      List.of(
          new OpenAiParser(),
          new AnthropicParser(),
          new SglangHttpParser(),
          new VllmGrpcParser(),
          new VertexAiParser());

  private EventStreamFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Cuts cuts = Cuts.of(data);
    List<byte[]> whole = List.of(cuts.whole());
    List<String> events = events(whole);
    JsonFuzz.require(events.equals(events(cuts.pieces())), "events depend on the cuts");
    for (RequestParser parser : PARSERS) {
      Usage once = usage(parser.usageReader(true), whole);
      JsonFuzz.require(
          once.equals(usage(parser.usageReader(true), cuts.pieces())),
          "usage depends on the cuts: " + parser.getClass().getSimpleName());
      parser.usageReader(false).read(cuts.whole(), 0, cuts.whole().length);
    }
  }

  private static List<String> events(List<byte[]> pieces) {
    List<String> events = new ArrayList<>();
    var stream =
        new EventStream(
            EVERY_EVENT,
            (bytes, start, end) -> {
              byte[] event = Arrays.copyOfRange(bytes, start, end);
              String text = Trees.utf8(event);
              JsonFuzz.require(
                  text == null || Trees.parsed(text) != null, "an event that Jackson refuses");
              events.add(new String(event, StandardCharsets.ISO_8859_1));
            });
    for (byte[] piece : pieces) {
      stream.read(piece, 0, piece.length);
    }
    stream.finish();
    return events;
  }

  private static Usage usage(UsageReader reader, List<byte[]> pieces) {
    Usage found = Usage.NONE;
    for (byte[] piece : pieces) {
      found = merged(found, reader.read(piece, 0, piece.length));
    }
    return merged(found, reader.finish());
  }

  private static Usage merged(Usage found, @Nullable Usage more) {
    return more == null ? found : found.merge(more);
  }

  static List<byte[]> seeds() {
    return Stream.of(
            """
            data: {"id":"1","choices":[{"delta":{"content":"hé"}}],"n":1}

            data: {"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":1}}}

            data: [DONE]

            """,
            """
            \ufeffevent: message_start\r
            data:{"type":"message_start","message":{"usage":{"input_tokens":11,"cache_read_input_tokens":1}}}\r
            \r
            event: message_delta\r
            data: {"type":"message_delta",\r
            data: "usage":{"output_tokens":15}}\r
            \r
            """,
            """
            : comment

            data: {"text":"x","meta_info":{"prompt_tokens":1,"completion_tokens":1}}

            data: {"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":17}}}\
            """)
        .map(text -> Cuts.input("\3\100\0\21", text.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
