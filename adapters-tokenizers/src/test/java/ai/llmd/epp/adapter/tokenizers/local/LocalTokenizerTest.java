package ai.llmd.epp.adapter.tokenizers.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.tokenizers.RenderingTokenizers;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizer.Asked;
import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.request.ApiKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalTokenizerTest {

  private static final LocalDateTime RECORDED = LocalDateTime.of(2026, 11, 30, 2, 16);

  @TempDir Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    Files.write(
        folder.resolve("tokenizer.json"), RecordedTokens.unpacked("/vllm/tokenizer.json.gz"));
    write(
        "tokenizer_config.json",
        """
        {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": "<pad>",
         "chat_template": "{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}<|im_end|>{% endfor %}"}
        """);
  }

  /** {@code record_vllm.py} asked vLLM 0.32 to render these. */
  @Test
  void findsTheTokensOfVllm() throws Exception {
    List<?> cases = (List<?>) JsonValues.read(RecordedTokens.unpacked("/vllm/cases.json.gz"));
    List<String> differences = new ArrayList<>();
    for (Object recorded : cases) {
      Map<String, Object> each = JsonValues.object(recorded);
      String template = (String) Objects.requireNonNull(each.get("template"));
      String body = (String) Objects.requireNonNull(each.get("body"));
      ApiKind api = ApiKind.valueOf((String) Objects.requireNonNull(each.get("api")));
      try (PromptTokenizer tokenizer = local(resource(template), "")) {
        List<List<Long>> ids = ids(tokenizer.tokenize(asked(api, body)));
        if (!ids.equals(each.get("ids"))) {
          differences.add(template + " " + body + "\n" + ids + "\n" + each.get("ids"));
        }
      } catch (WithoutResultException e) {
        differences.add(template + " " + body + ": " + e.getMessage());
      }
    }
    assertThat(cases).hasSizeGreaterThan(80);
    assertThat(differences).isEmpty();
  }

  @Test
  void findsTheSameTokensWhenAConversationGoesOn() throws Exception {
    String first = "{\"role\":\"user\",\"content\":\"" + "some words of it ".repeat(500) + "\"}";
    String second = first + ",{\"role\":\"assistant\",\"content\":\"more\"}";
    try (PromptTokenizer tokenizer = local("", "");
        PromptTokenizer other = local("", "")) {
      List<List<Long>> short1 = ids(tokenizer.tokenize(chat(first)));
      assertThat(ids(tokenizer.tokenize(chat(first)))).isEqualTo(short1);
      List<List<Long>> long1 = ids(tokenizer.tokenize(chat(second)));
      assertThat(ids(other.tokenize(chat(second)))).isEqualTo(long1);
      assertThat(long1.getFirst().subList(0, short1.getFirst().size()))
          .isEqualTo(short1.getFirst());
    }
  }

  @Test
  void leavesToOthersWhatItCannotRender() throws Exception {
    String user = "\"messages\":[{\"role\":\"user\",\"content\":";
    try (PromptTokenizer tokenizer = local("", "")) {
      for (String body :
          List.of(
              "",
              "[]",
              "{}",
              "{\"messages\":[]}",
              "{\"messages\":[1]}",
              "{" + user + "7}]}",
              "{" + user + "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}}]}]}",
              "{" + user + "[{\"type\":\"text\"},{\"text\":\"a\"}]}]}",
              "{" + user + "\"a\"}],\"chat_template\":\"x\"}",
              "{" + user + "\"a\"}],\"chat_template_kwargs\":{\"tools\":[]}}",
              "{" + user + "\"a\"}],\"truncate_prompt_tokens\":5}",
              "{" + user + "\"a\"}],\"tools\":[7]}",
              "{\"messages\":" + "[".repeat(5000) + "]".repeat(5000) + "}")) {
        assertThatThrownBy(() -> tokenizer.tokenize(asked(ApiKind.CHAT_COMPLETIONS, body)))
            .as(body)
            .isInstanceOf(WithoutResultException.class);
      }
      for (String prompt :
          List.of("null", "{}", "[]", "[[\"a\"]]", "[-1]", "[4294967296]", "[1.5]")) {
        String body = "{\"prompt\":" + prompt + "}";
        assertThatThrownBy(() -> tokenizer.tokenize(asked(ApiKind.COMPLETIONS, body)))
            .as(body)
            .isInstanceOf(WithoutResultException.class);
      }
      assertThat(tokenizer.reads(ApiKind.EMBEDDINGS)).isFalse();
    }
  }

  @Test
  void takesContentApartWhereItIsToldTo() throws Exception {
    write("parts.jinja", "{{ messages[0].content is string }}");
    String template = folder.resolve("parts.jinja").toString();
    String turn = "{\"role\":\"user\",\"content\":\"a\"}";
    try (PromptTokenizer joined = local(template, "auto");
        PromptTokenizer apart = local(template, "openai");
        PromptTokenizer plain = local("", "")) {
      assertThat(ids(joined.tokenize(chat(turn)))).isEqualTo(completion(plain, "True"));
      assertThat(ids(apart.tokenize(chat(turn)))).isEqualTo(completion(plain, "False"));
    }
  }

  @Test
  void rendersWithAnotherTemplateWhereThereAreTools() throws Exception {
    write(
        "both.json",
        """
        {"chat_template": [{"name": "default", "template": "plain"},
          {"name": "tool_use", "template": "with"}, {"name": "rag", "template": "{% unknown %}"}]}
        """);
    try (PromptTokenizer tokenizer = local(folder.resolve("both.json").toString(), "")) {
      String turn = "{\"role\":\"user\",\"content\":\"a\"}";
      assertThat(ids(tokenizer.tokenize(chat(turn)))).isEqualTo(completion(tokenizer, "plain"));
      Asked tools =
          asked(
              ApiKind.CHAT_COMPLETIONS,
              "{\"messages\":["
                  + turn
                  + "],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}");
      assertThat(ids(tokenizer.tokenize(tools))).isEqualTo(completion(tokenizer, "with"));
    }
  }

  @Test
  void readsTextsAloneWithoutATemplate() throws Exception {
    write("tokenizer_config.json", "{}");
    try (PromptTokenizer tokenizer = local("", "")) {
      assertThat(tokenizer.reads(ApiKind.COMPLETIONS)).isTrue();
      assertThat(tokenizer.reads(ApiKind.CHAT_COMPLETIONS)).isFalse();
      assertThat(tokenizer.reads(ApiKind.MESSAGES)).isFalse();
    }
  }

  @Test
  void refusesFilesThatCannotBeUsed() throws Exception {
    refuses("{% for m in messages %}", "cannot be used: line 1");
    refuses("{{ messages | groupby('role') }}", "the filter groupby is not known");
    refuses("{{ get_tools() }}", "the function get_tools is not known");
    refuses("{% include 'x' %}", "the tag include is not supported");
    refuses("{{ raise_exception('never') }}", "cannot render a short conversation");
    refuses("{{ strftime_now('%Q') }}", "the time format %Q is not supported");
    assertThatThrownBy(() -> local(folder.resolve("absent.jinja").toString(), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot read");
    write("none.json", "{}");
    assertThatThrownBy(() -> local(folder.resolve("none.json").toString(), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no chat_template");
    Files.delete(folder.resolve("tokenizer.json"));
    assertThatThrownBy(() -> local("", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot read");
  }

  @Test
  void givesUpAfterItsTimeout() throws Exception {
    try (PromptTokenizer tokenizer =
        new RenderingTokenizers(System::nanoTime)
            .local(
                new PromptTokenizers.Local(
                    folder.toString(), "", "", Duration.ofNanos(1), 1, 1 << 20, 7))) {
      String text = "a word ".repeat(100_000);
      assertThatThrownBy(
              () -> tokenizer.tokenize(asked(ApiKind.COMPLETIONS, "{\"prompt\":\"" + text + "\"}")))
          .isInstanceOf(WithoutResultException.class)
          .hasMessageContaining("did not come to it");
    }
  }

  @Test
  void hasNoTokensOnceItIsClosed() throws Exception {
    PromptTokenizer tokenizer = local("", "");
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.tokenize(asked(ApiKind.COMPLETIONS, "{\"prompt\":\"a\"}")))
        .isInstanceOf(WithoutResultException.class);
  }

  private void refuses(String template, String message) throws IOException {
    write("refused.jinja", template);
    assertThatThrownBy(() -> local(folder.resolve("refused.jinja").toString(), ""))
        .as(template)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static Asked chat(String messages) {
    return asked(
        ApiKind.CHAT_COMPLETIONS,
        "{\"messages\":[" + messages + "],\"add_generation_prompt\":false}");
  }

  private static List<List<Long>> completion(PromptTokenizer tokenizer, String text)
      throws InterruptedException {
    return ids(tokenizer.tokenize(asked(ApiKind.COMPLETIONS, "{\"prompt\":\"" + text + "\"}")));
  }

  private PromptTokenizer local(String template, String format) {
    return new RenderingTokenizers(System::nanoTime, () -> RECORDED)
        .local(
            new PromptTokenizers.Local(
                folder.toString(), template, format, Duration.ofMinutes(1), 0, 1 << 20, 7));
  }

  private static String resource(String template) {
    return Path.of(
            Objects.requireNonNull(LocalTokenizerTest.class.getResource("/templates/" + template))
                .getPath())
        .toString();
  }

  private static Asked asked(ApiKind api, String body) {
    return new Asked(api, "tiny", "tiny", body.getBytes(StandardCharsets.UTF_8), "");
  }

  private static List<List<Long>> ids(List<Tokens> prompts) {
    List<List<Long>> ids = new ArrayList<>();
    for (Tokens prompt : prompts) {
      List<Long> list = new ArrayList<>();
      for (int id : prompt.ids()) {
        list.add(Integer.toUnsignedLong(id));
      }
      ids.add(list);
    }
    return ids;
  }

  private void write(String file, String content) throws IOException {
    Files.writeString(folder.resolve(file), content);
  }
}
