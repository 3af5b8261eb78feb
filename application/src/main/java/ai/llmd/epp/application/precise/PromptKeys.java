package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.kvcache.BlockExtras;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.PromptExtras;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys of the full blocks of a request's prompts, one prompt after the other. Neither array is
 * changed.
 *
 * @param keys of all prompts
 * @param ends where each prompt's keys end
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record PromptKeys(long[] keys, int[] ends) {

  static PromptKeys of(
      TokenizedPrompt prompt, String model, KvBlockHasher hasher, TokenBuffer buffer) {
    int[] ends = new int[prompt.prompts()];
    long total = 0;
    for (int i = 0; i < ends.length; i++) {
      total += hasher.blocks(prompt.tokens(i));
      ends[i] = Math.toIntExact(total);
    }
    long[] keys = new long[(int) total];
    if (total == 0) {
      return new PromptKeys(keys, ends);
    }
    long root = hasher.root(model);
    long[] some = ends.length == 1 ? keys : new long[0];
    for (int i = 0; i < ends.length; i++) {
      int from = i == 0 ? 0 : ends[i - 1];
      int blocks = ends[i] - from;
      if (blocks == 0) {
        continue;
      }
      if (some.length < blocks) {
        some = new long[blocks];
      }
      BlockExtras extras = extras(prompt, i, blocks, hasher.blockTokens());
      hasher.hash(root, buffer.read(prompt, i), prompt.tokens(i), extras, some);
      if (ends.length > 1) {
        System.arraycopy(some, 0, keys, from, blocks);
      }
    }
    return new PromptKeys(keys, ends);
  }

  private static @Nullable BlockExtras extras(
      TokenizedPrompt prompt, int index, int blocks, int blockTokens) {
    List<Feature> features = prompt.features(index);
    if (features.isEmpty() && prompt.cacheSalt().isEmpty()) {
      return null;
    }
    return PromptExtras.of(features, prompt.cacheSalt(), blocks, blockTokens);
  }

  int blocks() {
    return keys.length;
  }
}
