package ai.llmd.epp.application.burst;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * Prompts that are equal form a unit; so does one that shares its first blocks with others, where that is asked for. Units with
 * several requests come first, in each of the two lots the longest first. A unit goes to the endpoint that has most of it from a
 * unit before, unless that has its share; otherwise to the one with the least.
 */
/** Which endpoint each request of a batch is to go to. Used once, by one thread. */
final class BurstAssignment {

  private final BurstParameters parameters;
  private final List<Replica> replicas = new ArrayList<>();
  private long maxShare;

  private static final class Replica {

    private final Candidate candidate;
    private final Set<Long> held = new HashSet<>();
    private long load;
    private long requests;

    Replica(Candidate candidate) {
      this.candidate = candidate;
    }

    /** Leading blocks of all prompts, up to the first that is not held. */
    int matched(long[] hashes) {
      int matched = 0;
      while (matched < hashes.length && held.contains(hashes[matched])) {
        matched++;
      }
      return matched;
    }
  }

  private static final Comparator<Replica> LEAST =
      Comparator.<Replica>comparingLong(each -> each.load)
          .thenComparingDouble(each -> each.candidate.load().runningRequests())
          .thenComparing(each -> each.candidate.endpoint().id().toString());

  private BurstAssignment(BurstParameters parameters) {
    this.parameters = parameters;
  }

  /** The slots of the requests, {@link BurstEntry#NONE} for those that stand alone. */
  static int[] assign(List<BurstEntry> entries, BurstParameters parameters) {
    return new BurstAssignment(parameters).assign(entries);
  }

  private int[] assign(List<BurstEntry> entries) {
    int[] slots = new int[entries.size()];
    Arrays.fill(slots, BurstEntry.NONE);
    List<List<Integer>> units = units(entries);
    if (units.isEmpty()) {
      return slots;
    }
    Candidates candidates = entries.get(firstWithBlocks(entries)).candidates();
    candidates.forEach(each -> replicas.add(new Replica(each)));
    if (replicas.isEmpty()) {
      return slots;
    }
    long total = 0;
    for (List<Integer> unit : units) {
      total += parameters.isByTokens() ? hashes(entries, unit).length : unit.size();
    }
    maxShare = (total + replicas.size() - 1) / replicas.size();
    units.forEach(unit -> place(unit, hashes(entries, unit), slots));
    return slots;
  }

  private static int firstWithBlocks(List<BurstEntry> entries) {
    int first = 0;
    while (entries.get(first).blocks().totalBlocks() == 0) {
      first++;
    }
    return first;
  }

  private static long[] hashes(List<BurstEntry> entries, List<Integer> unit) {
    return entries.get(unit.getFirst()).blocks().hashes();
  }

  /** Requests that belong together, in the order in which they are placed. */
  private List<List<Integer>> units(List<BurstEntry> entries) {
    Map<Chain, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      PrefixBlocks blocks = entries.get(i).blocks();
      if (blocks.totalBlocks() > 0) {
        groups.computeIfAbsent(new Chain(blocks.hashes()), _ -> new ArrayList<>()).add(i);
      }
    }
    Map<Chain, Integer> sharers = sharers(groups);
    List<List<Integer>> together = new ArrayList<>();
    List<List<Integer>> alone = new ArrayList<>();
    groups.forEach(
        (chain, members) -> {
          if (members.size() > 1) {
            together.add(members);
          } else if (sharers.getOrDefault(chain.first(parameters.minColocateBlocks()), 0) > 1) {
            alone.add(members);
          }
        });
    Comparator<List<Integer>> longestFirst =
        Comparator.comparingInt((List<Integer> unit) -> hashes(entries, unit).length).reversed();
    together.sort(longestFirst);
    alone.sort(longestFirst);
    together.addAll(alone);
    return together;
  }

  /** How many requests begin with the same blocks, as many as have to be shared. */
  private Map<Chain, Integer> sharers(Map<Chain, List<Integer>> groups) {
    Map<Chain, Integer> sharers = new HashMap<>();
    int shared = parameters.minColocateBlocks();
    if (shared > 0) {
      groups.forEach(
          (chain, members) -> {
            if (chain.hashes.length >= shared) {
              sharers.merge(chain.first(shared), members.size(), Integer::sum);
            }
          });
    }
    return sharers;
  }

  private void place(List<Integer> unit, long[] hashes, int[] slots) {
    Set<Replica> touched = new HashSet<>();
    int placed = 0;
    while (placed < unit.size()) {
      Replica chosen = placed == 0 ? holding(hashes) : null;
      chosen = chosen == null ? least() : chosen;
      long room = parameters.perReplica() - chosen.requests;
      int count = (int) Math.min(unit.size() - placed, Math.max(1, room));
      for (int i = 0; i < count; i++) {
        slots[unit.get(placed++)] = chosen.candidate.slot();
      }
      chosen.requests += count;
      boolean isFirst = touched.add(chosen);
      if (!parameters.isByTokens()) {
        chosen.load += count;
      } else if (isFirst) {
        chosen.load += hashes.length - chosen.matched(hashes);
      }
    }
    for (Replica each : touched) {
      for (long hash : hashes) {
        each.held.add(hash);
      }
    }
  }

  /** The endpoint that has most of the blocks, if those are enough; null for none. */
  private @Nullable Replica holding(long[] hashes) {
    if (parameters.minColocateBlocks() == 0) {
      return null;
    }
    Replica best = null;
    int most = 0;
    for (Replica each : replicas) {
      int matched = each.matched(hashes);
      boolean isEligible =
          matched >= parameters.minColocateBlocks()
              && each.load < maxShare
              && each.requests < parameters.perReplica();
      if (isEligible
          && (best == null
              || matched > most
              || (matched == most && LEAST.compare(each, best) < 0))) {
        best = each;
        most = matched;
      }
    }
    return best;
  }

  /** The one with the least among those with room, or among all when none has any. */
  private Replica least() {
    return replicas.stream()
        .filter(each -> each.requests < parameters.perReplica())
        .min(LEAST)
        .orElseGet(() -> replicas.stream().min(LEAST).orElseThrow());
  }

  /** The blocks of all prompts of a request. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content, below
  private record Chain(long[] hashes) {

    /** The first so many; all where there are fewer, and none for none. */
    Chain first(int count) {
      return new Chain(Arrays.copyOf(hashes, Math.min(count, hashes.length)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Chain chain && Arrays.equals(hashes, chain.hashes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(hashes);
    }
  }
}
