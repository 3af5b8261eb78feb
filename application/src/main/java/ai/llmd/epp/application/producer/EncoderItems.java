package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.prefix.XxHash64;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The distinct images, videos and sounds of a request, and how the index of encoder caches names
 * them: each is a chain of one block.
 *
 * @param hashes one for each item; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record EncoderItems(List<Item> items, long[] hashes) {

  /**
   * Bound on the items of a request; the rest is not looked at. Models take far fewer, and the cost
   * is items times endpoints.
   */
  static final int MAX_ITEMS = 256;

  private static final int WEIGHT = 1;
  private static final int UNUSED_BLOCK_TOKENS = 1;

  /**
   * In the order of the prompts; of several with one hash the first counts.
   *
   * @param hashSecret keys what is kept of them
   */
  static EncoderItems of(TokenizedPrompt prompt, long hashSecret) {
    List<Item> items = new ArrayList<>(4);
    Set<String> seen = new HashSet<>(4);
    for (int i = 0; i < prompt.prompts(); i++) {
      for (TokenizedPrompt.Feature feature : prompt.features(i)) {
        if (items.size() < MAX_ITEMS && !feature.hash().isEmpty() && seen.add(feature.hash())) {
          items.add(new Item(feature.hash(), WEIGHT, feature.modality()));
        }
      }
    }
    long[] hashes = new long[items.size()];
    for (int i = 0; i < hashes.length; i++) {
      byte[] name = items.get(i).hash().getBytes(StandardCharsets.UTF_8);
      hashes[i] = XxHash64.hash(name, 0, name.length, hashSecret);
    }
    return new EncoderItems(items, hashes);
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** Who holds which of them. Any thread; never waits. */
  EncoderCacheMatches matchedIn(PrefixCacheIndex index, int slotCount) {
    List<List<Item>> matched = new ArrayList<>(Collections.nCopies(slotCount, List.of()));
    int[] holders = new int[slotCount];
    for (int i = 0; i < hashes.length; i++) {
      Arrays.fill(holders, 0);
      index.match(
          new PrefixBlocks(new long[] {hashes[i]}, new int[] {1}, UNUSED_BLOCK_TOKENS), holders);
      for (int slot = 0; slot < slotCount; slot++) {
        if (holders[slot] > 0) {
          if (matched.get(slot).isEmpty()) {
            matched.set(slot, new ArrayList<>(hashes.length));
          }
          matched.get(slot).add(items.get(i));
        }
      }
    }
    return new EncoderCacheMatches(items, matched);
  }

  /**
   * All items, to be recorded. The index enters blocks last one first and, when they are more than
   * an endpoint may hold, only the first of them: backwards that is the order of a cache in which
   * the last item is the newest.
   */
  PrefixBlocks blocks() {
    int count = hashes.length;
    long[] backwards = new long[count];
    int[] ends = new int[count];
    for (int i = 0; i < count; i++) {
      backwards[i] = hashes[count - 1 - i];
      ends[i] = i + 1;
    }
    return new PrefixBlocks(backwards, ends, UNUSED_BLOCK_TOKENS);
  }
}
