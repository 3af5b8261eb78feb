package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of the latest requests, within a bound of bytes; those that were longest not asked for go
 * first. Any thread; in parts with locks of their own, each held for a look-up.
 */
final class TokenCache {

  private static final int PARTS = 16;
  private static final int ENTRY_BYTES = 160;
  private static final int FEATURE_BYTES = 160;

  private final Part[] parts = new Part[PARTS];

  TokenCache(long maxBytes) {
    Arrays.setAll(parts, i -> new Part(maxBytes / PARTS));
  }

  @Nullable List<Tokens> get(TokenKey key) {
    return part(key).get(key);
  }

  void put(TokenKey key, List<Tokens> tokens) {
    part(key).put(key, tokens);
  }

  long bytes() {
    return Arrays.stream(parts).mapToLong(Part::bytes).sum();
  }

  private Part part(TokenKey key) {
    return parts[(int) (key.high() >>> 60)];
  }

  private static long weight(List<Tokens> tokens) {
    long bytes = ENTRY_BYTES;
    for (Tokens each : tokens) {
      bytes += ENTRY_BYTES + 4L * each.ids().length;
      for (Feature feature : each.features()) {
        bytes += FEATURE_BYTES + feature.hash().length();
      }
    }
    return bytes;
  }

  /** One part. */
  private static final class Part {

    private final long maxBytes;
    private final Map<TokenKey, List<Tokens>> byKey = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    Part(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    synchronized @Nullable List<Tokens> get(TokenKey key) {
      return byKey.get(key);
    }

    synchronized void put(TokenKey key, List<Tokens> tokens) {
      long weight = weight(tokens);
      if (weight > maxBytes) {
        return;
      }
      List<Tokens> before = byKey.put(key, tokens);
      bytes += weight - (before == null ? 0 : weight(before));
      Iterator<List<Tokens>> oldest = byKey.values().iterator();
      while (bytes > maxBytes) {
        bytes -= weight(oldest.next());
        oldest.remove();
      }
    }

    synchronized long bytes() {
      return bytes;
    }
  }
}
