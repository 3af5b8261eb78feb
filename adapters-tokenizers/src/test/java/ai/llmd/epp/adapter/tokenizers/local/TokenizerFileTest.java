package ai.llmd.epp.adapter.tokenizers.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens are those of Hugging Face's library for Python. */
class TokenizerFileTest {

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "gpt2", "qwen", "llama2", "mistral", "bert", "unigram"})
  void findsTheTokensOfTheLibraryForPython(String family) {
    List<String> texts = RecordedTokens.texts();
    List<int[]> expected = RecordedTokens.ids(family);
    assertThat(texts).hasSize(1000);
    try (TokenizerFile tokenizer = TokenizerFile.of(RecordedTokens.tokenizer(family))) {
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        assertThat(tokenizer.encode(text, true)).as("%s, with", i).isEqualTo(expected.get(2 * i));
        assertThat(tokenizer.encode(text, false))
            .as("%s, without", i)
            .isEqualTo(expected.get(2 * i + 1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "gpt2", "qwen", "llama2", "mistral", "bert", "unigram"})
  void findsTheSameTokensInPartsThatSpecialTokensBegin(String family) {
    List<String> texts = RecordedTokens.texts();
    List<int[]> expected = RecordedTokens.ids(family);
    int parts = 0;
    try (TokenizerFile tokenizer = TokenizerFile.of(RecordedTokens.tokenizer(family))) {
      for (int i = 0; i < texts.size(); i++) {
        List<String> split = tokenizer.specialTokens().split(texts.get(i));
        parts += split.size();
        assertThat(String.join("", split)).isEqualTo(texts.get(i));
        int[] ids =
            split.stream()
                .flatMapToInt(part -> Arrays.stream(tokenizer.encode(part, false)))
                .toArray();
        assertThat(ids).as("text %s", i).isEqualTo(expected.get(2 * i + 1));
      }
    }
    assertThat(parts).isGreaterThan(1040);
  }

  @Test
  void readsEveryTextOnSeveralThreads() {
    List<String> texts = RecordedTokens.texts();
    List<int[]> expected = RecordedTokens.ids("qwen");
    try (TokenizerFile tokenizer = TokenizerFile.of(RecordedTokens.tokenizer("qwen"))) {
      assertThat(
              IntStream.range(0, texts.size())
                  .parallel()
                  .filter(
                      i ->
                          !Arrays.equals(
                              tokenizer.encode(texts.get(i), true), expected.get(2 * i))))
          .isEmpty();
    }
  }

  @Test
  void refusesWhatIsNoTokenizer(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tokenizer.json");
    assertThatThrownBy(() -> TokenizerFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot read");
    for (String content : List.of("", "{", "[]", "{}", "{\"model\": {\"type\": \"None\"}}")) {
      Files.writeString(file, content, StandardCharsets.UTF_8);
      assertThatThrownBy(() -> TokenizerFile.read(file))
          .as(content)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tokenizer.json is no tokenizer");
    }
  }

  @Test
  void hasNoTokensOnceItIsClosed() {
    TokenizerFile tokenizer = TokenizerFile.of(RecordedTokens.tokenizer("bert"));
    tokenizer.close();
    tokenizer.close();

    assertThatThrownBy(() -> tokenizer.encode("text", true))
        .isInstanceOf(WithoutResultException.class);
  }
}
