package ai.llmd.epp.domain.kvcache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@link KvBlockIndex} promises, in maps. */
final class ModelIndex {

  private final Map<Long, Set<Integer>> holders = new HashMap<>();
  private final Map<Long, List<Long>> meaning = new HashMap<>();
  private final Map<List<Long>, Integer> announced = new HashMap<>();

  void store(int slot, int location, long[] engine, long[] request) {
    int holder = HolderSets.holder(slot, location);
    int longer = Math.max(engine.length, request.length);
    Map<Long, List<Long>> now = new HashMap<>();
    for (int i = 0; i < longer; i++) {
      List<Long> blocks =
          now.computeIfAbsent(engine[i * engine.length / longer], k -> new ArrayList<>());
      long block = request[i * request.length / longer];
      if (blocks.isEmpty() || blocks.getLast() != block) {
        blocks.add(block);
      }
    }
    meaning.putAll(now);
    for (long key : request) {
      holders.computeIfAbsent(key, k -> new HashSet<>()).add(holder);
    }
    for (long key : engine) {
      announced.merge(List.of(key, (long) holder), 1, Integer::sum);
    }
  }

  boolean remove(int slot, int location, long engine) {
    int holder = HolderSets.holder(slot, location);
    Integer count = announced.get(List.of(engine, (long) holder));
    if (count != null && count > 1) {
      announced.put(List.of(engine, (long) holder), count - 1);
      return false;
    }
    announced.remove(List.of(engine, (long) holder));
    List<Long> blocks = meaning.getOrDefault(engine, List.of());
    boolean isHeld = false;
    for (long block : blocks) {
      Set<Integer> left = holders.getOrDefault(block, new HashSet<>());
      left.remove(holder);
      isHeld |= !left.isEmpty();
    }
    if (!isHeld) {
      meaning.remove(engine);
    }
    return true;
  }

  void clear(int slot) {
    holders.values().forEach(all -> all.removeIf(holder -> HolderSets.slot(holder) == slot));
    announced.keySet().removeIf(key -> HolderSets.slot((int) (long) key.get(1)) == slot);
  }

  Set<Integer> holders(long key) {
    return holders.getOrDefault(key, Set.of());
  }

  boolean means(long engine, long[] block) {
    List<Long> blocks = meaning.get(engine);
    if (blocks != null) {
      block[0] = blocks.getLast();
    }
    return blocks != null;
  }

  int blocks(long[] chain, int slot) {
    int held = 0;
    while (held < chain.length
        && holders(chain[held]).stream().anyMatch(h -> HolderSets.slot(h) == slot)) {
      held++;
    }
    return held;
  }

  double score(long[] chain, int slot, double[] weights) {
    double sum = 0;
    for (int i = 0; i < blocks(chain, slot); i++) {
      sum +=
          holders(chain[i]).stream()
              .filter(h -> HolderSets.slot(h) == slot)
              .mapToDouble(h -> weights[HolderSets.location(h)])
              .max()
              .orElse(0);
    }
    return sum;
  }

  int tierBlocks(long[] chain, int slot, int location) {
    int held = 0;
    while (held < chain.length
        && holders(chain[held]).contains(HolderSets.holder(slot, location))) {
      held++;
    }
    return held;
  }

  @Override
  public String toString() {
    return holders + " " + meaning + Arrays.asList(announced);
  }
}
