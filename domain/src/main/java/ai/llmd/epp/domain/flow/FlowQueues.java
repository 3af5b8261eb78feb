package ai.llmd.epp.domain.flow;

import static ai.llmd.epp.domain.flow.QueuedRequest.NEVER;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
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
    FULL,
    /** It is to be given up already. */
    TOO_LATE
  }

  private final PluginCalls calls;
  private final SortedMap<Integer, PriorityBand> bands = new TreeMap<>(Collections.reverseOrder());
  private final Expiry expiry;
  private final QueuedElsewhere elsewhere = new QueuedElsewhere();
  private FlowSettings settings;
  private Set<Integer> wanted = Set.of(); // priorities of objectives
  private PriorityBand[] descending = {};
  private int[] priorities = {};
  private double[] ceilings = {};
  private DrainRate drain = new DrainRate();
  private boolean isShared;
  private long requests;
  private long bytes;
  private long changes;
  private long sequence;
  private boolean isLeavingRoom; // the last turn was another replica's
  private int blocked; // place of the band at which the last cycle stopped

  /**
   * @param calls calls fairness and usage-limit policies
   */
  public FlowQueues(FlowSettings settings, PluginCalls calls) {
    this.settings = settings;
    this.calls = calls;
    this.expiry = new Expiry(settings.noEndpointTtlNanos());
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

  /** A number that differs whenever the queues do. */
  public long changes() {
    return changes;
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
    expiry.observePool(isEmpty, now);
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
    if (deadline <= now) {
      return Offer.TOO_LATE;
    }
    PriorityBand band = band(request.priority());
    if (!room().fits(request.bytes()) || !room(band).fits(request.bytes())) {
      return Offer.FULL;
    }
    long ttl = timeToLive(band, now, deadline);
    FlowQueue flow = band.flow(request.fairnessId());
    request.enqueued(flow, now, ttl, Math.min(deadline, latestExpiry(ttl, now)), sequence++);
    band.add(request, flow);
    requests++;
    bytes += request.bytes();
    changes++;
    expiry.put(request);
    return Offer.QUEUED;
  }

  /** How much more may be queued in all bands together. */
  public Room room() {
    return Room.inAll(settings, new QueueLoad(requests, bytes).plus(elsewhere.all()));
  }

  /** How much more may be queued in the band of this priority. */
  public Room room(int priority) {
    return room(band(priority));
  }

  /** How much more might be queued in the band of this priority if nothing were queued here. */
  public Room roomWhenEmpty(int priority) {
    PriorityBand band = band(priority);
    return Room.in(band.settings(), elsewhere(band));
  }

  private Room room(PriorityBand band) {
    return band.room(elsewhere(band));
  }

  private QueueLoad elsewhere(PriorityBand band) {
    return elsewhere.band(band.priority());
  }

  /** From now on other replicas get to know what is queued here; before any request waits. */
  public void share() {
    isShared = true;
    bands.clear();
    provision();
  }

  /** Notes what other replicas have queued now, by priority: it counts for all limits. */
  public void queuedElsewhere(Map<Integer, QueueLoad> byPriority, long now) {
    elsewhere.note(byPriority, now);
  }

  /** Notes what other replicas have queued of one flow now: it counts for the flow's turns. */
  public void queuedElsewhere(QueueKey flow, QueueLoad load, long now) {
    PriorityBand band = bands.get(flow.priority());
    Turns turns = band == null ? null : band.turns();
    if (turns != null) {
      turns.elsewhere(flow.flow(), load, now);
    }
  }

  /**
   * The highest priority whose turns are divided over replicas and at which a request waits in
   * another one; null when there is none.
   */
  public @Nullable Integer highestWaitingElsewhere() {
    for (PriorityBand band : descending) {
      if (band.turns() != null && elsewhere(band).requests() > 0) {
        return band.priority();
      }
    }
    return null;
  }

  /** Passes on the bands and flows that have changed since the last call, as they are now. */
  public void takeChanged(long now, BiConsumer<QueueKey, QueueLoad> sink) {
    for (PriorityBand band : descending) {
      int priority = band.priority();
      if (band.takeChanged()) {
        sink.accept(QueueKey.ofBand(priority), band.load(now));
      }
      Turns turns = band.turns();
      if (turns != null) {
        turns.takeChanged(now, (flow, load) -> sink.accept(new QueueKey(priority, flow), load));
      }
    }
  }

  /** Passes on all queues with requests, and those that some have left lately. */
  public void queued(long now, BiConsumer<QueueKey, QueueLoad> sink) {
    for (PriorityBand band : descending) {
      int priority = band.priority();
      QueueLoad all = band.load(now);
      if (!all.isIdle()) {
        sink.accept(QueueKey.ofBand(priority), all);
      }
      Turns turns = band.turns();
      if (turns != null) {
        turns.all(now, (flow, load) -> sink.accept(new QueueKey(priority, flow), load));
      }
    }
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
    long left = deadline - now;
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
   * request leaves what is full, in this replica or another one. 1 to 30; 0 when that is not known,
   * or soon.
   */
  public int retryAfterSeconds(int priority, long moreBytes, long now) {
    PriorityBand band = band(priority);
    double seconds =
        room(band).fits(moreBytes)
            ? 0
            : 1 / (band.load(now).turnsPerSecond() + elsewhere.turnsPerSecond(priority, now));
    if (!room().fits(moreBytes)) {
      seconds = Math.max(seconds, 1 / (drain.perSecond(now) + elsewhere.turnsPerSecond(now)));
    }
    return seconds < 1 || Double.isInfinite(seconds)
        ? 0
        : (int) Math.min(MAX_RETRY_SECONDS, Math.ceil(seconds));
  }

  /**
   * One cycle: takes the request whose turn it is, if the pool has room for it. The bands are asked
   * from the highest on; one whose ceiling is reached ends the cycle, even if no request waits in
   * it, so that a lower one never overtakes. So does one whose turn is another replica's.
   *
   * @param saturation of the pool
   * @return the request, which waits no more, or null
   */
  public @Nullable QueuedRequest next(double saturation, long now) {
    blocked = descending.length;
    settings.limit(saturation, priorities, ceilings, calls);
    for (int i = 0; i < descending.length; i++) {
      if (saturation >= ceilings[i]) {
        blocked = i;
        return null;
      }
      PriorityBand band = descending[i];
      QueuedRequest request = pick(band, now);
      FlowQueue flow = request == null ? null : request.queue;
      if (request != null && flow != null) {
        band.turn(flow, now);
        drain.left(now);
        remove(request);
        return request;
      }
      if (isLeavingRoom) {
        return null;
      }
    }
    return null;
  }

  private @Nullable QueuedRequest pick(PriorityBand band, long now) {
    Called<@Nullable QueuedRequest> called =
        calls.call("Fairness", band.settings().fairness(), policy -> band.pick(now));
    if (called instanceof Called.Returned(var request, var ignored)) {
      isLeavingRoom = request == null && !band.isEmpty();
      return request;
    }
    isLeavingRoom = false;
    return null;
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
    changes++;
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
    return expiry.outcome(request, now);
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
    expiry.use(next.noEndpointTtlNanos());
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
    return new PriorityBand(priority, settings.band(priority), isShared);
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
}
