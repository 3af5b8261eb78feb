package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.json.JsonScanner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** What {@code record_tokens.py} recorded of Hugging Face's library for Python. */
final class RecordedTokens {

  private RecordedTokens() {}

  /** The random texts of all families. */
  static List<String> texts() {
    byte[] json = unpacked("/tokenizers/texts.json.gz");
    JsonScanner scanner = new JsonScanner(json, 0, json.length);
    List<String> texts = new ArrayList<>();
    scanner.enter();
    while (scanner.nextElement()) {
      texts.add(scanner.text().content());
    }
    return texts;
  }

  /** The {@code tokenizer.json} of a family. */
  static byte[] tokenizer(String family) {
    return unpacked("/tokenizers/" + family + ".json.gz");
  }

  /**
   * The ids of each text: first with the tokens that the model wants around it, then without them.
   */
  static List<int[]> ids(String family) {
    return new String(unpacked("/tokenizers/" + family + ".ids.gz"), StandardCharsets.US_ASCII)
        .lines()
        .map(
            line ->
                Arrays.stream(line.split(" ", -1))
                    .filter(id -> !id.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray())
        .toList();
  }

  /** The content of a resource. */
  static byte[] unpacked(String name) {
    try (InputStream in =
            Objects.requireNonNull(RecordedTokens.class.getResourceAsStream(name), name);
        InputStream content = new GZIPInputStream(in)) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
