package ai.llmd.epp.acceptance.e2e;

import ai.llmd.epp.simulator.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Files of a model that describe how simulated servers tokenize chats, for the words of some
 * prompts: words with the white space behind them, each with its hash as its id.
 */
final class SimulatorTokenizer {

  private static final List<String> MARKERS = List.of("<|im_start|>", "<|im_end|>");
  private static final String WORDS =
      "All there is to say about topic number in edition Then system user assistant";

  private SimulatorTokenizer() {}

  /** Writes them for prompts about topics with numbers up to this one. */
  static void write(Path folder, int maxNumber) throws IOException {
    Set<String> pieces = new LinkedHashSet<>(MARKERS);
    for (String word : WORDS.split(" ", -1)) {
      pieces.addAll(List.of(word, word + " ", word + "\n"));
    }
    for (int i = 0; i <= maxNumber; i++) {
      pieces.addAll(List.of(String.valueOf(i), i + " "));
    }
    pieces.addAll(List.of(".", ". "));
    String vocabulary =
        pieces.stream().map(SimulatorTokenizer::entry).collect(Collectors.joining(","));
    String added = MARKERS.stream().map(SimulatorTokenizer::added).collect(Collectors.joining(","));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
         "normalizer": null, "post_processor": null, "decoder": null,
         "pre_tokenizer": {"type": "Split", "behavior": "Isolated", "invert": false,
           "pattern": {"Regex": "[A-Za-z0-9_]{1,16}[[:space:]]{0,16}|[[:space:]]{1,16}|[^A-Za-z0-9_[:space:]][[:space:]]{0,16}"}},
         "model": {"type": "WordLevel", "unk_token": ".", "vocab": {%s}}}
        """
            .formatted(added, vocabulary));
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        """
        {%- for message in messages %}
        <|im_start|>{{ message.role }}
        {{ message.content }}<|im_end|>
        {%- endfor %}
        <|im_start|>assistant

        """);
  }

  private static String entry(String piece) {
    return json(piece) + ":" + Integer.toUnsignedLong(Tokenizer.marker(piece));
  }

  private static String added(String marker) {
    return """
    {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false,
     "normalized": false, "special": true}\
    """
        .formatted(Integer.toUnsignedLong(Tokenizer.marker(marker)), marker);
  }

  private static String json(String piece) {
    return '"' + piece.replace("\n", "\\n") + '"';
  }
}
