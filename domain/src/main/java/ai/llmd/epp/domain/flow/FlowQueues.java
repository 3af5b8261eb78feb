package ai.llmd.epp.domain.flow;

import static ai.llmd.epp.domain.flow.QueuedRequest.NEVER;

import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.calls.PluginFaults;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All requests that wait, by band and flow. Enqueuing, choosing and removing take O(log n). Used by
 * one thread at a time; times must not go back.
 */
public final class FlowQueues {

  /** How long beyond both times to live a request may wait, whatever becomes of the pool. */
  private static final long GRACE_NANOS = 2_000_000_000L;

  private static final int MAX_RETRY_SECONDS = 30;

  /** What became of an offer. */
  public enum Offer {
    QUEUED,
    /** As much waits as may, in the band or in all. */
    FULL
  }

  private final PluginFaults faults;
  private final SortedMap<Integer, PriorityBand> bands = new TreeMap<>(Collections.reverseOrder());
  private final Expiry expiry = new Expiry();
  private FlowSettings settings;
  private Set<Integer> wanted = Set.of(); // priorities of objectives
  private PriorityBand[] descending = {};
  private int[] priorities = {};
  private double[] ceilings = {};
  private DrainRate drain = new DrainRate();
  private Map<Integer, BandLoad> elsewhere = Map.of();
  private BandLoad allElsewhere = BandLoad.NONE;
  private long requests;
  private long bytes;
  private long sequence;
  private boolean isPoolEmpty;
  private long poolChangedAt;
  private int blocked; // place of the band at which the last cycle stopped

  /**
   * @param faults receives failures of fairness and usage-limit policies
   */
  public FlowQueues(FlowSettings settings, PluginFaults faults) {
    this.settings = settings;
    this.faults = faults;
    provision();
  }

  /** Number of requests that wait. */
  public long requests() {
    return requests;
  }

  /** Size of their bodies together. */
  public long bytes() {
    return bytes;
  }

  public boolean isEmpty() {
    return requests == 0;
  }

  /** The priorities of all bands, the highest first; not to be changed, and replaced as a whole. */
  public int[] priorities() {
    return priorities;
  }

  /** The highest priority at which a request waits; null when none does. */
  public @Nullable Integer highestWaiting() {
    for (PriorityBand band : descending) {
      if (!band.isEmpty()) {
        return band.priority();
      }
    }
    return null;
  }

  /** The band of a priority: its own if there is one, else that of priority 0. */
  public int bandOf(int priority) {
    return bands.containsKey(priority) ? priority : 0;
  }

  /** Notes whether the pool has endpoints. A change restarts the time that requests may wait. */
  public void observePool(boolean isEmpty, long now) {
    if (isEmpty == isPoolEmpty) {
      return;
    }
    isPoolEmpty = isEmpty;
    poolChangedAt = now;
    expireAnew();
  }

  private void expireAnew() {
    for (PriorityBand band : descending) {
      band.forEach(this::schedule);
    }
    expiry.reorder();
  }

  private void schedule(QueuedRequest request) {
    request.expire(poolChangedAt, isPoolEmpty ? settings.noEndpointTtlNanos() : request.ttl());
  }

  /** Queues a request if there is room for it. Its priority is that of a band. */
  public Offer offer(QueuedRequest request, long now) {
    return offer(request, now, NEVER);
  }

  /**
   * Queues a request if there is room for it. Its priority is that of a band.
   *
   * @param deadline when it is to be given up at the latest, whatever its band allows
   */
  public Offer offer(QueuedRequest request, long now, long deadline) {
    PriorityBand band = band(request.priority());
    if (!hasRoom(band, request.bytes())) {
      return Offer.FULL;
    }
    long ttl = timeToLive(band, now, deadline);
    FlowQueue flow = band.flow(request.fairnessId());
    request.enqueued(flow, now, ttl, latestExpiry(ttl, now), sequence++);
    band.add(request, flow);
    requests++;
    bytes += request.bytes();
    schedule(request);
    expiry.add(request);
    return Offer.QUEUED;
  }

  /** Whether a request of this size might be queued now. */
  public boolean hasRoom(int priority, long moreBytes) {
    return hasRoom(band(priority), moreBytes);
  }

  private boolean hasRoom(PriorityBand band, long moreBytes) {
    return hasRoomInAll(moreBytes) && hasRoomIn(band, moreBytes);
  }

  private boolean hasRoomIn(PriorityBand band, long moreBytes) {
    return band.hasRoom(moreBytes, elsewhere.getOrDefault(band.priority(), BandLoad.NONE));
  }

  private boolean hasRoomInAll(long moreBytes) {
    return (settings.maxRequests() == 0
            || requests + 1 <= settings.maxRequests() - allElsewhere.requests())
        && (settings.maxBytes() == 0
            || moreBytes <= settings.maxBytes() - bytes - allElsewhere.bytes());
  }

  /** Notes what other replicas have queued, by priority: it counts for all limits. */
  public void queuedElsewhere(Map<Integer, BandLoad> byPriority) {
    elsewhere = Map.copyOf(byPriority);
    allElsewhere = BandLoad.NONE;
    elsewhere.values().forEach(load -> allElsewhere = allElsewhere.plus(load));
  }

  private PriorityBand band(int priority) {
    PriorityBand band = bands.get(priority);
    if (band == null) {
      throw new IllegalArgumentException("there is no band " + priority);
    }
    return band;
  }

  private static long timeToLive(PriorityBand band, long now, long deadline) {
    long configured = band.settings().ttlNanos();
    if (deadline == NEVER) {
      return configured;
    }
    long left = Math.max(1, deadline - now);
    return configured <= 0 ? left : Math.min(configured, left);
  }

  private long latestExpiry(long ttl, long now) {
    long withoutEndpoints = settings.noEndpointTtlNanos();
    return ttl <= 0 || withoutEndpoints <= 0
        ? NEVER
        : QueuedRequest.plus(now, QueuedRequest.plus(Math.max(ttl, withoutEndpoints), GRACE_NANOS));
  }

  /**
   * Seconds after which there may be room for a request that found none: the time in which one
   * request leaves what is full. 1 to 30; 0 when that is not known, or soon.
   */
  public int retryAfterSeconds(int priority, long moreBytes, long now) {
    PriorityBand band = band(priority);
    double seconds = hasRoomIn(band, moreBytes) ? 0 : 1 / band.drain().perSecond(now);
    if (!hasRoomInAll(moreBytes)) {
      seconds = Math.max(seconds, 1 / drain.perSecond(now));
    }
    return seconds < 1 || Double.isInfinite(seconds)
        ? 0
        : (int) Math.min(MAX_RETRY_SECONDS, Math.ceil(seconds));
  }

  /**
   * One cycle: takes the request whose turn it is, if the pool has room for it. The bands are asked
   * from the highest on; one whose ceiling is reached ends the cycle, even if no request waits in
   * it, so that a lower one never overtakes.
   *
   * @param saturation of the pool
   * @return the request, which waits no more, or null
   */
  public @Nullable QueuedRequest next(double saturation, long now) {
    blocked = descending.length;
    settings.limit(saturation, priorities, ceilings, faults);
    for (int i = 0; i < descending.length; i++) {
      if (saturation >= ceilings[i]) {
        blocked = i;
        return null;
      }
      QueuedRequest request = pick(descending[i], now);
      if (request != null) {
        remove(request);
        descending[i].drain().left(now);
        drain.left(now);
        return request;
      }
    }
    return null;
  }

  private @Nullable QueuedRequest pick(PriorityBand band, long now) {
    try {
      return band.pick(now);
    } catch (Throwable thrown) {
      faults.failed(
          "Fairness",
          band.settings().fairness().name(),
          band.settings().fairness().type(),
          NonFatal.orThrow(thrown));
      return null;
    }
  }

  /** The last cycle's ceiling of a priority's band. */
  public double ceiling(int priority) {
    for (int i = 0; i < priorities.length; i++) {
      if (priorities[i] == priority) {
        return ceilings[i];
      }
    }
    return 1;
  }

  /**
   * The band for which room has to be made: from the one at which the last cycle stopped downwards,
   * the first above this priority whose ceiling is reached and in which a request waits.
   *
   * @return its place among {@link #priorities}, or -1 when there is none
   */
  public int starving(double saturation, int abovePriority) {
    for (int i = blocked; i < descending.length && priorities[i] > abovePriority; i++) {
      if (ceilings[i] > 0 && saturation >= ceilings[i] && !descending[i].isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  /** The last cycle's ceiling of the band at this place. */
  public double ceilingAt(int place) {
    return ceilings[place];
  }

  /** Takes a request out, for whatever reason; nothing happens when it does not wait. */
  public void remove(QueuedRequest request) {
    FlowQueue flow = request.queue;
    if (flow == null) {
      return;
    }
    request.queue = null;
    PriorityBand band = band(request.priority());
    band.remove(request, flow);
    expiry.remove(request);
    requests--;
    bytes -= request.bytes();
    if (band.isEmpty() && !isWanted(band.priority())) {
      bands.remove(band.priority());
      number();
    }
  }

  /** Takes a request out that has waited as long as it may; null when there is none. */
  public @Nullable QueuedRequest expired(long now) {
    QueuedRequest first = expiry.head();
    if (first == null || first.expiresAt() > now) {
      return null;
    }
    remove(first);
    return first;
  }

  /** When the next request expires if nothing changes; {@link QueuedRequest#NEVER} if none does. */
  public long nextExpiry() {
    QueuedRequest first = expiry.head();
    return first == null ? NEVER : first.expiresAt();
  }

  /**
   * Why a request expires now.
   *
   * @return {@link FlowOutcome#EVICTED_TTL} or {@link FlowOutcome#EVICTED_NO_ENDPOINTS}
   */
  public FlowOutcome expiryOutcome(QueuedRequest request, long now) {
    long budget = settings.noEndpointTtlNanos();
    boolean isForEndpoints =
        isPoolEmpty
            && budget > 0
            && now >= QueuedRequest.plus(Math.max(request.enqueuedAt(), poolChangedAt), budget);
    return isForEndpoints ? FlowOutcome.EVICTED_NO_ENDPOINTS : FlowOutcome.EVICTED_TTL;
  }

  /** Takes out every request, in no particular order. */
  public List<QueuedRequest> drain() {
    List<QueuedRequest> all = everything();
    all.forEach(this::remove);
    return all;
  }

  private List<QueuedRequest> everything() {
    List<QueuedRequest> all = new ArrayList<>();
    for (PriorityBand band : descending) {
      band.forEach(all::add);
    }
    return all;
  }

  /**
   * From now on other settings count. Requests that wait go on waiting in their bands, with the
   * times to live that they came with, even where the new limits are lower.
   */
  public void use(FlowSettings next) {
    List<QueuedRequest> waiting = everything();
    waiting.sort((a, b) -> Long.compare(a.sequence(), b.sequence()));
    settings = next;
    bands.clear();
    provision();
    waiting.forEach(request -> bands.computeIfAbsent(request.priority(), this::open));
    number();
    for (QueuedRequest request : waiting) {
      request.placeInFlow = IndexedHeap.ABSENT;
      PriorityBand band = band(request.priority());
      FlowQueue flow = band.flow(request.fairnessId());
      request.queue = flow;
      band.add(request, flow);
    }
    expireAnew();
  }

  /**
   * From now on there are bands for these priorities, beside those that are configured and those in
   * which requests wait.
   */
  public void provision(Set<Integer> ofObjectives) {
    wanted = Set.copyOf(ofObjectives);
    provision();
  }

  private void provision() {
    bands.values().removeIf(band -> band.isEmpty() && !isWanted(band.priority()));
    settings.bands().keySet().forEach(priority -> bands.computeIfAbsent(priority, this::open));
    wanted.forEach(priority -> bands.computeIfAbsent(priority, this::open));
    number();
  }

  private PriorityBand open(int priority) {
    return new PriorityBand(priority, settings.band(priority));
  }

  private boolean isWanted(int priority) {
    return settings.bands().containsKey(priority) || wanted.contains(priority);
  }

  private void number() {
    descending = bands.values().toArray(PriorityBand[]::new);
    priorities = bands.keySet().stream().mapToInt(Integer::intValue).toArray();
    ceilings = new double[priorities.length];
    blocked = descending.length;
  }

  /**
   * How full a band is.
   *
   * @param maxRequests how many may wait
   * @param maxBytes how large their bodies may be together
   */
  public record Fill(int priority, long requests, long maxRequests, long bytes, long maxBytes) {}

  /** Shows how full each band is, the highest first. */
  public void fills(Consumer<Fill> sink) {
    for (PriorityBand band : descending) {
      sink.accept(
          new Fill(
              band.priority(),
              band.requests(),
              band.settings().maxRequests(),
              band.bytes(),
              band.settings().maxBytes()));
    }
  }

  /** All requests, by the time at which they are given up. */
  private static final class Expiry extends IndexedHeap<QueuedRequest> {

    @Override
    protected int compare(QueuedRequest first, QueuedRequest second) {
      return Long.compare(first.expiresAt(), second.expiresAt());
    }

    @Override
    protected int place(QueuedRequest request) {
      return request.placeByExpiry;
    }

    @Override
    protected void note(QueuedRequest request, int place) {
      request.placeByExpiry = place;
    }
  }
}
