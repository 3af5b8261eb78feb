package ai.llmd.epp.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * An invented language, and the files of a model that reads it: 60,000 words, few of which are
 * frequent; a byte-level vocabulary in the manner of Llama 3, in which the 12,000 most frequent
 * words are one token and others several; a template that puts special tokens around messages.
 */
public final class InventedModel {

  private static final int WORDS = 60_000;
  private static final int WHOLE_WORDS = 12_000;
  private static final String[] SYLLABLES =
      ("an be co de er fi ga ho in jo ka lu mi no or pe qui ra se to un ve wo ex ya zu sta tri ment"
              + " tion ing ble pre con dis")
          .split(" ");
  private static final List<String> MARKERS = List.of("<|im_start|>", "<|im_end|>");
  private static final String PATTERN =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}|"
          + " ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+";

  private final List<String> words;

  /** The same language every time. */
  public InventedModel() {
    Random random = new Random(11);
    Set<String> invented = new LinkedHashSet<>();
    while (invented.size() < WORDS) {
      StringBuilder word = new StringBuilder();
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        word.append(SYLLABLES[random.nextInt(SYLLABLES.length)]);
      }
      invented.add(word.toString());
    }
    this.words = List.copyOf(invented);
  }

  /** A text of so many characters of ASCII, with numbers, punctuation and paragraphs. */
  public String text(int chars, Random random) {
    StringBuilder text = new StringBuilder(chars + 32);
    while (text.length() < chars) {
      int rank = (int) Math.pow(WORDS, random.nextDouble()) - 1; // as Zipf has it
      text.append(words.get(rank));
      switch (random.nextInt(24)) {
        case 0 -> text.append(". ");
        case 1 -> text.append(", ");
        case 2 -> text.append(" (").append(random.nextInt(5_000)).append(") ");
        case 3 -> text.append(random.nextInt(4) == 0 ? "\n\n" : ": ");
        default -> text.append(' ');
      }
    }
    text.setLength(chars);
    return text.toString();
  }

  /** Writes {@code tokenizer.json} and {@code chat_template.jinja}. */
  public void write(Path folder) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int i = 0; i < 256; i++) {
      vocabulary.put(Character.toString(visible(i)), i);
    }
    List<String> merges = new ArrayList<>();
    for (String word : words.subList(0, WHOLE_WORDS)) {
      addMerges("\u0120" + word, vocabulary, merges); // with a space before it
    }
    StringBuilder entries = new StringBuilder();
    vocabulary.forEach(
        (piece, id) ->
            entries
                .append(entries.isEmpty() ? "" : ",")
                .append(quoted(piece))
                .append(':')
                .append(id));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
         "normalizer": null, "post_processor": null, "decoder": null,
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
           {"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex": "%s"}},
           {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
         "model": {"type": "BPE", "dropout": null, "unk_token": null, "ignore_merges": true,
           "vocab": {%s}, "merges": [%s]}}
        """
            .formatted(added(vocabulary.size()), PATTERN, entries, String.join(",", merges)),
        StandardCharsets.UTF_8);
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
        {%- endif %}
        """);
  }

  private static void addMerges(String word, Map<String, Integer> vocabulary, List<String> merges) {
    for (int length = 2; length <= word.length(); length++) {
      if (vocabulary.putIfAbsent(word.substring(0, length), vocabulary.size()) == null) {
        merges.add(
            "["
                + quoted(word.substring(0, length - 1))
                + ","
                + quoted(word.substring(length - 1, length))
                + "]");
      }
    }
  }

  private static String added(int firstId) {
    List<String> added = new ArrayList<>();
    for (String marker : MARKERS) {
      added.add(
          "{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false,"
                  .formatted(firstId + added.size(), marker)
              + " \"normalized\": false, \"special\": true}");
    }
    return String.join(",", added);
  }

  /** The character by which byte-level vocabularies show a byte. */
  private static int visible(int value) {
    int hidden = 0;
    for (int i = 0; i < 256; i++) {
      boolean isVisible = (i > ' ' && i < 0x7f) || (i > 0xa0 && i != 0xad);
      if (i == value) {
        return isVisible ? i : 256 + hidden;
      }
      hidden += isVisible ? 0 : 1;
    }
    throw new IllegalArgumentException(value + " is no byte");
  }

  private static String quoted(String piece) {
    return '"' + piece.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
