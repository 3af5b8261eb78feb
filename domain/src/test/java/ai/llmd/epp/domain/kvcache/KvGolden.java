package ai.llmd.epp.domain.kvcache;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what the recorded cases about KV caches have in common. */
public final class KvGolden {

  private KvGolden() {}

  /** Tokens as a list, or as a rule: token i is (a·i + b) modulo mod. */
  public static int[] tokens(JsonNode holder) {
    JsonNode rule = holder.get("tokensLinear");
    if (rule == null) {
      return holder.get("tokens").valueStream().mapToInt(t -> (int) t.longValue()).toArray();
    }
    int[] tokens = new int[rule.get("count").intValue()];
    for (int i = 0; i < tokens.length; i++) {
      long value = rule.get("a").longValue() * i + rule.get("b").longValue();
      tokens[i] = (int) (value % rule.get("mod").longValue());
    }
    return tokens;
  }

  /** Lists of texts, one for each block; null when the case has none. */
  public static @Nullable BlockExtras extras(JsonNode lists) {
    if (lists.isNull()) {
      return null;
    }
    BlockExtras extras = new BlockExtras().reset(lists.size());
    for (int block = 0; block < lists.size(); block++) {
      int at = block;
      lists.get(block).valueStream().forEach(text -> extras.add(at, text.stringValue()));
    }
    return extras;
  }
}
