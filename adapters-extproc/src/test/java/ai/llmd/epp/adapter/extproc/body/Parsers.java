package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThatCode;

import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parsers as the reference had them configured when it was recorded. */
public final class Parsers {

  public static final List<Named<RequestParser>> IN_ORDER =
      List.of(
          named("openai-parser", new OpenAiParser()),
          named("anthropic-parser", new AnthropicParser()),
          named("vllmhttp-parser", new VllmHttpParser()),
          named("sglanghttp-parser", new SglangHttpParser()),
          named("passthrough-parser", new PassthroughParser()));

  public static final ParserRegistry ALL = ParserRegistry.of(IN_ORDER);

  private Parsers() {}

  public static Named<RequestParser> named(String type, RequestParser parser) {
    return new Named<>(type, type, parser);
  }

  public static ParseOutcome parse(RequestParser parser, String path, byte[] body) {
    return parser.parse(path, RequestHeaders.NONE, body, body.length);
  }

  public static ParseOutcome parse(RequestParser parser, String path, String body) {
    return parse(parser, path, body.getBytes(StandardCharsets.UTF_8));
  }

  public static ParsedBody parsed(RequestParser parser, String path, String body) {
    return switch (parse(parser, path, body)) {
      case ParseOutcome.Parsed(ParsedBody parsed) -> parsed;
      case ParseOutcome.Malformed(String error) -> throw new AssertionError(error);
    };
  }

  public static String error(RequestParser parser, String path, String body) {
    return switch (parse(parser, path, body)) {
      case ParseOutcome.Parsed ignored -> throw new AssertionError("accepted");
      case ParseOutcome.Malformed(String error) -> error;
    };
  }

  /** Parses a damaged body and reads what was found in it: nothing may be thrown. */
  public static void assertSurvives(RequestParser parser, String path, byte[] damaged) {
    assertThatCode(
            () -> {
              if (parse(parser, path, damaged) instanceof ParseOutcome.Parsed(ParsedBody body)) {
                TextBytes.texts(body);
              }
            })
        .as(new String(damaged, StandardCharsets.UTF_8))
        .doesNotThrowAnyException();
  }

  /** What a reader finds in a chunk, reached as a response's chunks are. */
  public static @Nullable Usage usage(UsageReader reader, ByteString chunk) {
    ChunkBytes bytes = new ChunkBytes();
    bytes.open(chunk);
    Usage usage = reader.read(bytes.array(), bytes.start(), bytes.end());
    bytes.close();
    return usage;
  }
}
