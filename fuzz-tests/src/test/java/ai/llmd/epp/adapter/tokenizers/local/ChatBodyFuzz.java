package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.RenderingTokenizers;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizer.Asked;
import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.request.ApiKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of the APIs whose prompts are rendered and tokenized by a model's own files: left to
 * others, or the same tokens whether parts of the prompt were seen before or not, and no more of
 * them than the template can have made. The first byte is the API.
 */
public final class ChatBodyFuzz {

  private static final List<ApiKind> APIS =
      List.of(ApiKind.CHAT_COMPLETIONS, ApiKind.COMPLETIONS, ApiKind.MESSAGES, ApiKind.RESPONSES);
  private static final String TEMPLATE =
      """
      {%- if tools %}{{ tools | tojson(indent=2) }}{% endif %}
      {%- for m in messages %}<|im_start|>{{ m.role }}{{ ' ' ~ m.name if m.name is defined }}
      {%- if m.content is string %}{{ m.content | trim }}{% else %}
      {%- for p in m.content %}{{ p.text }}{% endfor %}{% endif %}
      {%- for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}
      {%- if m.reasoning_content is string %}<think>{{ m.reasoning_content }}{% endif %}<|im_end|>
      {%- endfor %}{% if add_generation_prompt %}<|im_start|>assistant{% endif %}
      """;

  /** Characters that a template of this kind makes of one byte of the body, at most. */
  private static final int GROWTH = 100;

  private ChatBodyFuzz() {}

  /** Two tokenizers with the same files; made once, and never closed. */
  private static final class Tokenizers {

    static final PromptTokenizer KEEPING = tokenizer(1 << 20);
    static final PromptTokenizer FORGETTING = tokenizer(0);

    private static PromptTokenizer tokenizer(long maxKeptBytes) {
      try {
        Path folder = Files.createTempDirectory("model");
        Path file = Files.writeString(folder.resolve("tokenizer.json"), vocabulary());
        Path template = Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        try {
          return new RenderingTokenizers(System::nanoTime, () -> LocalDateTime.of(2026, 3, 7, 4, 5))
              .local(
                  new PromptTokenizers.Local(
                      folder.toString(), "", "auto", Duration.ofMinutes(1), 1, maxKeptBytes, 7));
        } finally {
          Files.delete(file);
          Files.delete(template);
          Files.delete(folder);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Bytes, and two special tokens. */
    private static String vocabulary() {
      String bytes =
          IntStream.range(0, 256)
              .mapToObj(i -> "\"<0x%02X>\":%d".formatted(i, i))
              .collect(Collectors.joining(","));
      String added =
          Stream.of(
                  "{\"id\":257,\"content\":\"<|im_start|>\"",
                  "{\"id\":258,\"content\":\"<|im_end|>\"")
              .map(
                  token ->
                      token
                          + ",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                          + "\"normalized\":false,\"special\":true}")
              .collect(Collectors.joining(","));
      return """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s],"normalizer":null,
       "pre_tokenizer":null,"post_processor":null,"decoder":null,
       "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","byte_fallback":true,
         "vocab":{%s,"<unk>":256},"merges":[]}}
      """
          .formatted(added, bytes);
    }
  }

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    ApiKind api = APIS.get(Byte.toUnsignedInt(data[0]) % APIS.size());
    Asked asked = new Asked(api, "m", "m", Arrays.copyOfRange(data, 1, data.length), "");
    List<String> fresh = tokens(Tokenizers.FORGETTING, asked);
    for (int i = 0; i < 2; i++) {
      require(
          String.valueOf(fresh).equals(String.valueOf(tokens(Tokenizers.KEEPING, asked))),
          "other tokens where parts were seen before");
    }
  }

  private static @Nullable List<String> tokens(PromptTokenizer tokenizer, Asked asked) {
    try {
      List<String> prompts = new ArrayList<>();
      for (Tokens prompt : tokenizer.tokenize(asked)) {
        require(
            prompt.ids().length <= GROWTH * (asked.body().length + TEMPLATE.length()),
            "more tokens than the body can have");
        prompts.add(Arrays.toString(prompt.ids()));
      }
      return prompts;
    } catch (WithoutResultException left) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void require(boolean isRight, String sentence) {
    if (!isRight) {
      throw new IllegalStateException(sentence);
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            """
            0{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Grüße <|im_end|> 🗼"},"b"]},
            {"role":"assistant","content":null,"reasoning":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\\"a\\": 1.50}"}}]},
            {"role":"tool","tool_call_id":"c","content":"x","name":"f"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}
            """,
            """
            0{"messages":[{"role":"developer","content":"rules"},{"role":"user","content":"q"},{"role":"assistant","content":"Once "}],
            "continue_final_message":true,"add_generation_prompt":false,"chat_template_kwargs":{"a":[1e400,-0,null]},"reasoning_effort":"none"}
            """,
            "1{\"prompt\":[\"a b\",\"<|im_end|> c\"],\"add_special_tokens\":false}",
            """
            2{"max_tokens":5,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
            {"type":"tool_use","id":"t","name":"f","input":{"d":1.50}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}],
            "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]}
            """,
            """
            3{"instructions":"be","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]}]}
            """)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
