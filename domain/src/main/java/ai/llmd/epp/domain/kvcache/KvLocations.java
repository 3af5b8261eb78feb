package ai.llmd.epp.domain.kvcache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where in a model server a block lies: its tier, and the group of layers it belongs to. Small
 * numbers for both, and what a block there is worth.
 *
 * <p>One thread adds, any reads. Number 0 is the guess that a request will leave its blocks behind
 * (a speculative entry).
 */
public final class KvLocations {

  /** The location of speculative entries, and their tier. */
  public static final int SPECULATIVE = 0;

  /** The name under which speculative entries are told among the tiers. */
  public static final String SPECULATIVE_TIER = "speculative";

  /** The answer of {@link #location} when there are too many. */
  public static final int NONE = -1;

  /** No group: the model server tells none. */
  public static final int NO_GROUP = -1;

  /** Most tiers, that of speculative entries included. */
  public static final int MAX_TIERS = 16;

  /** Tier of a block when the event names none. */
  public static final String DEFAULT_TIER = "gpu";

  /** Weights where none are configured. */
  public static final Map<String, Double> DEFAULT_WEIGHTS = Map.of("gpu", 1.0, "cpu", 0.8);

  private final Map<String, Double> weightByTier;
  private final Map<String, Integer> tierByMedium = new HashMap<>();
  private final Map<Long, Integer> locationByParts = new HashMap<>();
  private volatile Snapshot snapshot;

  /**
   * @param weightByTier what a block of a tier counts; a tier that is not in it counts 1
   */
  public KvLocations(Map<String, Double> weightByTier) {
    this.weightByTier = Map.copyOf(weightByTier);
    this.snapshot =
        new Snapshot(
            List.of(SPECULATIVE_TIER),
            new int[] {0},
            new int[] {NO_GROUP},
            new double[] {weight("")});
  }

  /** Whether a tier has a number. */
  boolean knows(String medium) {
    return find(medium) != NONE;
  }

  /** The number of a tier and group together; {@link #NONE} when they have none. */
  int find(String medium, int group) {
    int tier = find(medium);
    return tier == NONE ? NONE : find(tier, group);
  }

  private int find(String medium) {
    Integer known = tierByMedium.get(medium);
    if (known != null) {
      return known;
    }
    int tier = snapshot.tiers.lastIndexOf(name(medium));
    return tier > SPECULATIVE ? remembered(medium, tier) : NONE;
  }

  private int remembered(String medium, int tier) {
    if (tierByMedium.size() < 4 * MAX_TIERS) {
      tierByMedium.put(medium, tier);
    }
    return tier;
  }

  private static String name(String medium) {
    return medium.isEmpty() ? DEFAULT_TIER : medium.toLowerCase(Locale.ROOT);
  }

  /**
   * The number of a tier, which is compared without regard to case; empty is {@link #DEFAULT_TIER}.
   * {@link #NONE} when there are too many.
   */
  public int tier(String medium) {
    int known = find(medium);
    if (known != NONE || snapshot.tiers.size() == MAX_TIERS) {
      return known;
    }
    List<String> more = new ArrayList<>(snapshot.tiers);
    more.add(name(medium));
    snapshot = new Snapshot(List.copyOf(more), snapshot.tierOf, snapshot.groupOf, snapshot.weights);
    return remembered(medium, more.size() - 1);
  }

  /**
   * The number of a tier and group together; {@link #NONE} when there are too many.
   *
   * @param group 0 or more, or {@link #NO_GROUP}
   */
  public int location(int tier, int group) {
    int known = find(tier, group);
    if (known != NONE) {
      return known;
    }
    Snapshot now = snapshot;
    int location = now.tierOf.length;
    if (location > HolderSets.MAX_LOCATION) {
      return NONE;
    }
    int[] tierOf = Arrays.copyOf(now.tierOf, location + 1);
    int[] groupOf = Arrays.copyOf(now.groupOf, location + 1);
    double[] weights = Arrays.copyOf(now.weights, location + 1);
    tierOf[location] = tier;
    groupOf[location] = group;
    weights[location] = weight(now.tiers.get(tier));
    snapshot = new Snapshot(now.tiers, tierOf, groupOf, weights);
    locationByParts.put(parts(tier, group), location);
    return location;
  }

  private int find(int tier, int group) {
    Snapshot now = snapshot;
    for (int i = 1; i < now.tierOf.length && i < 8; i++) {
      if (now.tierOf[i] == tier && now.groupOf[i] == group) {
        return i;
      }
    }
    return locationByParts.getOrDefault(parts(tier, group), NONE);
  }

  private static long parts(int tier, int group) {
    return ((long) tier << 32) | (group & 0xffffffffL);
  }

  /** Names of all tiers by their numbers. */
  public List<String> tiers() {
    return snapshot.tiers;
  }

  /** Locations that there are, {@link #SPECULATIVE} included. */
  public int count() {
    return snapshot.tierOf.length;
  }

  /** The group of a location. */
  public int groupOf(int location) {
    return snapshot.groupOf[location];
  }

  /** The tier of a location. */
  public int tierOf(int location) {
    return snapshot.tierOf[location];
  }

  double[] weights() {
    return snapshot.weights;
  }

  int[] tiersOfLocations() {
    return snapshot.tierOf;
  }

  private double weight(String tier) {
    return weightByTier.getOrDefault(tier, 1.0);
  }

  /** Arrays by location, which are not changed. */
  private static final class Snapshot {

    private final List<String> tiers;
    private final int[] tierOf;
    private final int[] groupOf;
    private final double[] weights;

    Snapshot(List<String> tiers, int[] tierOf, int[] groupOf, double[] weights) {
      this.tiers = tiers;
      this.tierOf = tierOf;
      this.groupOf = groupOf;
      this.weights = weights;
    }
  }
}
