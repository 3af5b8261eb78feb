package ai.llmd.epp.domain.kvcache;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies the events of model servers to an index. One thread at a time, the index's writer.
 *
 * <p>A block that continues one which is not known is left out, as nothing tells its place.
 */
public final class KvEventApplier {

  /** What became of an event. */
  public enum Outcome {
    /** Applied, or rightly ignored. */
    APPLIED,
    /** It continues a block that is not known. */
    UNKNOWN_PARENT,
    /** The index is full: some of its blocks are missing. */
    INDEX_FULL,
    /** Its tier, or its group there, has no number, as too many were named before. */
    TOO_MANY_TIERS,
    /** Cut into blocks of ours, its lists of extra keys would be too long. */
    TOO_LARGE
  }

  /** Kinds of cache whose blocks hold for every later token. */
  private static final Set<String> INDEXED_KINDS =
      Set.of("full_attention", "mla_attention", "sink_full_attention");

  private static final int MAX_ROOTS = 1024;
  private static final int MAX_GROUPS = 1 << 16;

  /** Of one endpoint, as all endpoints share what may be named. */
  private static final int MAX_OWN_GROUPS = 256;

  private static final int MAX_NEW_TIERS = 4;
  private static final int MAX_NEW_LOCATIONS = 32;

  private final KvBlockIndex index;
  private final KvBlockHasher hasher;
  private final KvLocations locations;
  private final KvEventCounts counts;

  private final Map<String, Long> rootByModel = new HashMap<>();
  private final Map<Long, String> kindByGroup = new HashMap<>();
  private final SlotCounts ownGroups = new SlotCounts();
  private final SlotCounts newTiers = new SlotCounts();
  private final SlotCounts newLocations = new SlotCounts();
  private final BlockExtras kept = new BlockExtras();
  private final BlockExtras aligned = new BlockExtras();
  private final long[] resolved = new long[1];
  private long[] keys = new long[64];
  private volatile int[] blockTokens = new int[0]; // by slot; replaced, not changed

  public KvEventApplier(
      KvBlockIndex index, KvBlockHasher hasher, KvLocations locations, KvEventCounts counts) {
    this.index = index;
    this.hasher = hasher;
    this.locations = locations;
    this.counts = counts;
  }

  /**
   * Applies one event.
   *
   * @param slot the endpoint that tells of itself
   * @param model what it serves, unless the event names an adapter
   */
  public Outcome apply(KvEvent event, int slot, String model) {
    return switch (event.kind()) {
      case STORED -> store(event, slot, model);
      case REMOVED -> remove(event, slot);
      case CLEARED -> {
        index.clear(slot);
        yield Outcome.APPLIED;
      }
    };
  }

  /** As {@link KvBlockIndex#work}. */
  public long work() {
    return index.work();
  }

  /** Tokens of a block as an endpoint cuts them; 0 before it stored any. Any thread. */
  public int blockTokens(int slot) {
    int[] known = blockTokens;
    return slot < known.length ? known[slot] : 0;
  }

  private void noteBlockTokens(int slot, int tokens) {
    int[] known = blockTokens;
    if (blockTokens(slot) != tokens) {
      int[] changed = Arrays.copyOf(known, Math.max(slot + 1, known.length));
      changed[slot] = tokens;
      blockTokens = changed;
    }
  }

  /** Kinds of cache of an endpoint's groups, by group. */
  public Map<Integer, String> kinds(int slot) {
    Map<Integer, String> kinds = new TreeMap<>();
    kindByGroup.forEach(
        (group, kind) -> {
          if (group >>> 32 == slot) {
            kinds.put((int) (long) group, kind);
          }
        });
    return kinds;
  }

  /** Takes over what was known of an endpoint elsewhere, beside its blocks. */
  public void takeOver(int slot, int tokensOfBlock, Map<Integer, String> kinds) {
    noteBlockTokens(slot, tokensOfBlock);
    kinds.forEach(
        (group, kind) -> {
          if (!kindByGroup.containsKey(group(slot, group))) {
            noteKind(slot, group, kind);
          }
        });
  }

  /** Forgets an endpoint that is gone: its blocks, and the kinds of its groups. */
  public void forget(int slot) {
    index.clear(slot);
    noteBlockTokens(slot, 0);
    kindByGroup.keySet().removeIf(group -> group >>> 32 == slot);
    for (SlotCounts each : List.of(ownGroups, newTiers, newLocations)) {
      each.add(slot, (int) -each.get(slot));
    }
  }

  private Outcome store(KvEvent event, int slot, String model) {
    if (event.group() != KvLocations.NO_GROUP && !isIndexed(event, slot)) {
      return Outcome.APPLIED;
    }
    int location = location(event, slot); // named for what is indexed alone
    if (location == KvLocations.NONE) {
      counts.skipStore(event.cacheKind(), "too_many_tiers");
      return Outcome.TOO_MANY_TIERS;
    }
    long parent = parent(event, model);
    if (parent == 0) {
      counts.unknownParent();
      return Outcome.UNKNOWN_PARENT;
    }
    if (event.tokenCount() > 0) {
      noteBlockTokens(slot, event.blockTokens());
    }
    int blocks = hasher.blocks(event.tokenCount());
    if (blocks == 0) {
      if (event.tokenCount() == 0 && event.hashCount() > 0) {
        index.locate(slot, location, event.hashes(), event.hashCount());
      }
      return Outcome.APPLIED;
    }
    if (keys.length < blocks) {
      keys = new long[Math.max(blocks, 2 * keys.length)];
    }
    if (!lists(event).realign(blocks, aligned)) {
      counts.skipStore(event.cacheKind(), "extra_keys_too_long");
      return Outcome.TOO_LARGE;
    }
    counts.admission(blocks);
    hasher.hash(parent, event.tokens(), event.tokenCount(), salted(event), keys);
    if (index.store(slot, location, event.hashes(), event.hashCount(), keys, blocks)) {
      return Outcome.APPLIED;
    }
    counts.refusal();
    return Outcome.INDEX_FULL;
  }

  private Outcome remove(KvEvent event, int slot) {
    if (event.group() != KvLocations.NO_GROUP) {
      String kind = kindByGroup.get(group(slot, event.group()));
      if (kind == null || !INDEXED_KINDS.contains(kind)) {
        counts.skipRemoval(
            kind == null ? "" : kind, kind == null ? "unknown_group" : "unsupported_cache_kind");
        return Outcome.APPLIED;
      }
    }
    int location = locations.find(event.medium(), event.group());
    for (int i = 0; i < event.hashCount(); i++) {
      counts.removal(
          location == KvLocations.NONE || index.remove(slot, location, event.hashes()[i]));
    }
    return Outcome.APPLIED;
  }

  private int location(KvEvent event, int slot) {
    int known = locations.find(event.medium(), event.group());
    if (known != KvLocations.NONE) {
      return known;
    }
    boolean hasTier = locations.knows(event.medium()) || mayName(slot, newTiers, MAX_NEW_TIERS);
    int tier = hasTier ? locations.tier(event.medium()) : KvLocations.NONE;
    return tier != KvLocations.NONE && mayName(slot, newLocations, MAX_NEW_LOCATIONS)
        ? locations.location(tier, event.group())
        : KvLocations.NONE;
  }

  /** Counts what an endpoint is the first to name, so that others may name something, too. */
  private static boolean mayName(int slot, SlotCounts named, int max) {
    if (named.get(slot) >= max) {
      return false;
    }
    named.add(slot, 1);
    return true;
  }

  private boolean isIndexed(KvEvent event, int slot) {
    String kind = event.cacheKind();
    long group = group(slot, event.group());
    if (kind.isEmpty()) {
      kind = kindByGroup.getOrDefault(group, "");
    } else {
      noteKind(slot, event.group(), kind);
    }
    String reason = reasonAgainst(kind, event);
    if (!reason.isEmpty()) {
      counts.skipStore(kind, reason);
    }
    return reason.isEmpty();
  }

  private void noteKind(int slot, int groupIndex, String kind) {
    long group = group(slot, groupIndex);
    if (kindByGroup.containsKey(group)
        || (kindByGroup.size() < MAX_GROUPS && mayName(slot, ownGroups, MAX_OWN_GROUPS))) {
      kindByGroup.put(group, kind);
    }
  }

  private static String reasonAgainst(String kind, KvEvent event) {
    if (!INDEXED_KINDS.contains(kind)) {
      return "unsupported_cache_kind";
    }
    int tokens = event.tokenCount();
    int size = event.blockTokens();
    if (tokens == 0) {
      return "";
    }
    if (size <= 0) {
      return "invalid_block_size";
    }
    boolean isDense = tokens % size == 0 && tokens / size == event.hashCount();
    return isDense ? "" : "non_dense_block_span";
  }

  /** Key of the block that the event's first one continues; 0 when it is not known. */
  private long parent(KvEvent event, String model) {
    if (event.parent() != 0) {
      return index.resolve(event.parent(), resolved) ? resolved[0] : 0;
    }
    String name = event.loraName().isEmpty() ? model : event.loraName();
    Long known = rootByModel.get(name);
    if (known == null) {
      if (rootByModel.size() >= MAX_ROOTS) {
        rootByModel.clear();
      }
      known = hasher.root(name);
      rootByModel.put(name, known);
    }
    return known;
  }

  /**
   * The lists of the event's blocks. The name of an adapter is left out, which model servers list
   * on every block: it already took the place of the model.
   */
  private BlockExtras lists(KvEvent event) {
    BlockExtras extras = event.extras();
    if (extras.isEmpty() || event.loraName().isEmpty()) {
      return extras;
    }
    extras.copyWithout(event.loraName().getBytes(StandardCharsets.UTF_8), kept);
    return kept;
  }

  /** The lists of our blocks with the salt, which belongs to the first block of a prompt. */
  private @Nullable BlockExtras salted(KvEvent event) {
    byte[] salt =
        event.parent() == 0 ? event.cacheSalt().getBytes(StandardCharsets.UTF_8) : new byte[0];
    if (salt.length == 0 || aligned.firstHas(salt)) {
      return aligned.isEmpty() ? null : aligned;
    }
    aligned.copyWith(salt, kept);
    return kept;
  }

  private static long group(int slot, int group) {
    return (long) slot << 32 | group;
  }
}
