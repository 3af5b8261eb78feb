package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmGrpcParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.BodyEdits;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bodies of every API; the first byte chooses the path. The model is compared with Jackson's. */
public final class BodyFuzz {

  private static final OpenAiParser OPENAI = new OpenAiParser();
  private static final VllmGrpcParser GRPC = new VllmGrpcParser();
  private static final List<Api> APIS =
      List.of(
          new Api('c', "/v1/chat/completions", OPENAI),
          new Api('p', "/v1/completions", OPENAI),
          new Api('r', "/v1/responses", OPENAI),
          new Api('e', "/v1/embeddings", OPENAI),
          new Api('v', "/v1/conversations", OPENAI),
          new Api('a', "/v1/messages", new AnthropicParser()),
          new Api('s', "/generate", new SglangHttpParser()),
          new Api('g', "/inference/v1/generate", new VllmHttpParser()),
          new Api('G', "/vllm.grpc.engine.VllmEngine/Generate", GRPC),
          new Api('E', "/vllm.grpc.engine.VllmEngine/Embed", GRPC));
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final String RENAMED = "another \"model\"";

  private record Api(char letter, String path, RequestParser parser) {}

  private BodyFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    Api api = api(data[0]);
    byte[] body = Arrays.copyOfRange(data, 1, data.length);
    byte[] longer = Arrays.copyOf(body, body.length + 3);
    if (api.parser.parse(api.path, RequestHeaders.NONE, longer, body.length)
        instanceof Parsed(ParsedBody parsed)) {
      parsed.prompts().forEach(BodyFuzz::read);
      if (api.parser != GRPC) {
        compare(body, parsed);
      }
    }
  }

  private static Api api(byte letter) {
    return APIS.stream()
        .filter(api -> api.letter == letter)
        .findFirst()
        .orElse(APIS.get(Byte.toUnsignedInt(letter) % APIS.size()));
  }

  /** Everything that a producer may read of a prompt. */
  private static void read(Prompt prompt) {
    for (PromptPiece piece : prompt.pieces()) {
      if (piece instanceof PromptPiece.Text text) {
        long[] written = {0};
        text.utf8().writeTo((ByteSink) (source, offset, length) -> written[0] += length);
        JsonFuzz.require(
            written[0] == text.utf8().byteLength(), "a text is not as long as it claims");
      }
    }
  }

  private static void compare(byte[] body, ParsedBody parsed) {
    @Nullable Map<?, ?> before = object(body);
    if (before == null) {
      return; // not UTF-8, which is accepted within strings
    }
    Object model = before.get("model");
    JsonFuzz.require(
        parsed.model().equals(model instanceof String text ? text : ""),
        "model %s, by Jackson %s".formatted(parsed.model(), model));
    byte[] renamed = edited(body, parsed);
    if (renamed != null) {
      Map<Object, Object> expected = new HashMap<>(before);
      expected.put("model", RENAMED);
      JsonFuzz.require(expected.equals(object(renamed)), "renaming changes something else");
    }
  }

  private static byte @Nullable [] edited(byte[] body, ParsedBody parsed) {
    if (parsed.model().isEmpty()) {
      return null;
    }
    BodyEdits edits = parsed.modelRenaming().edits(RENAMED);
    var result = new ByteArrayOutputStream();
    int from = 0;
    for (int i = 0; i < edits.count(); i++) {
      result.write(body, from, edits.start(i) - from);
      result.writeBytes(edits.replacement());
      from = edits.end(i);
    }
    result.write(body, from, body.length - from);
    return result.toByteArray();
  }

  private static @Nullable Map<?, ?> object(byte[] body) {
    boolean isMarked = body.length >= 3 && Arrays.equals(body, 0, 3, MARK, 0, 3);
    String text = Trees.utf8(isMarked ? Arrays.copyOfRange(body, 3, body.length) : body);
    if (text == null) {
      return null;
    }
    Object tree = Trees.parsed(text);
    JsonFuzz.require(tree instanceof Map, "routed, and Jackson finds no object");
    return (Map<?, ?>) tree;
  }

  static List<byte[]> seeds() {
    return Stream.of(
            """
            c{"model":"m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":[
            {"type":"text","text":"h\\u00e9llo"},{"type":"image_url","image_url":{"url":"https://h/a.png"}},
            {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]},
            {"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}],
            "tools":[{"type":"function","function":{"name":"f","parameters":{"b":1,"a":[1.0]}}}],
            "stream":true,"max_completion_tokens":16,"cache_salt":"s"}\
            """,
            "p{\"model\":\"m\",\"prompt\":[\"one\",\"two\"],\"max_tokens\":3}",
            "p{\"prompt\":[[1,2,3],[4]],\"model\":\"x\\u0041\",\"model\":\"m\"}",
            """
            r{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}],"instructions":"i"}\
            """,
            "e{\"model\":\"m\",\"input\":[\"a\",\"b\"]}",
            "v{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}]}",
            """
            a{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user",
            "content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"t"}]}]}],
            "tools":[{"name":"n","input_schema":{"type":"object"}}]}\
            """,
            "s{\"text\":\"hello\",\"sampling_params\":{\"max_new_tokens\":5},\"stream\":true}",
            "s{\"input_ids\":[1,2,3]}",
            "g{\"model\":\"m\",\"token_ids\":[1,2,3],\"sampling_params\":{\"max_tokens\":4}}",
            "G\0\0\0\0\13\12\2id\22\5\12\3hey",
            "E\0\0\0\0\4\12\2id")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
