package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.domain.facts.PrefixMatches.Basis;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/*
 * An endpoint of which too little was compared is judged as all are together: a wrong block size or template is wrong everywhere,
 * and in a large pool it would take long to find that out for each.
 *
 * Nothing received is no sign of something missing while the publisher is connected, as it may have had nothing to publish; nor
 * where publishers may connect to us.
 */
/**
 * How much is known of each endpoint's cache, and whether that is trusted. Looked at anew several
 * times a second by one thread; any reads what it found.
 */
final class CacheKnowledge {

  private static final long REFRESH_NANOS = 200_000_000;
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final int MAX_NAMES_LENGTH = 200;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** One endpoint of the pool. */
  record Followed(EndpointState state, CacheTruth truth) {

    String name() {
      return state.endpoint().id().toString();
    }
  }

  /**
   * What was found.
   *
   * @param bases by slot
   * @param isAnyRouted whether one of them is {@link Basis#ROUTED}
   * @param produced what a look-up returns, with what is missing
   * @param steps what is given up
   */
  @SuppressWarnings("ArrayRecordComponent") // read by slot, never compared
  record Found(Basis[] bases, boolean isAnyRouted, Produced produced, Set<Step> steps) {

    static final Found NOTHING = new Found(new Basis[0], false, Produced.NOW, Set.of());
  }

  private final boolean mayBeConnectedTo;
  private final int blockTokens;
  private final IntUnaryOperator engineBlockTokens;
  private final IntFunction<String> publishedName;
  private final Map<EndpointId, Followed> followed = new ConcurrentHashMap<>();
  private final CacheTruth all = new CacheTruth();
  private volatile Found found = Found.NOTHING;
  private volatile Map<String, KvStreamStatus> streams = Map.of();
  private long refreshedAt;
  private boolean isRefreshed;

  /**
   * @param mayBeConnectedTo whether publishers may connect to us
   * @param blockTokens tokens of a block here
   * @param engineBlockTokens tokens of a block at an endpoint, by slot; 0 where it is not known
   * @param publishedName address and port of an endpoint, by slot
   */
  CacheKnowledge(
      boolean mayBeConnectedTo,
      int blockTokens,
      IntUnaryOperator engineBlockTokens,
      IntFunction<String> publishedName) {
    this.mayBeConnectedTo = mayBeConnectedTo;
    this.blockTokens = blockTokens;
    this.engineBlockTokens = engineBlockTokens;
    this.publishedName = publishedName;
  }

  void add(EndpointState endpoint) {
    followed.put(endpoint.endpoint().id(), new Followed(endpoint, new CacheTruth()));
  }

  void remove(EndpointState endpoint) {
    followed.remove(endpoint.endpoint().id());
  }

  /** What is compared of an endpoint; null when it is not followed. */
  @Nullable Followed of(EndpointId endpoint) {
    return followed.get(endpoint);
  }

  /** Whether it is worth remembering what is sent to an endpoint. */
  boolean isDoubted(Followed endpoint) {
    return endpoint.truth().isDoubted() || (!endpoint.truth().hasVerdict() && all.isDoubted());
  }

  private boolean isDistrusted(Followed endpoint) {
    CacheTruth own = endpoint.truth();
    return own.hasVerdict() ? own.isDistrusted() : all.isDistrusted();
  }

  /** Compares a response, as {@link CacheTruth#compare} does. */
  void compare(
      Followed endpoint, long cachedTokens, long promptTokens, boolean isTemplated, Usage usage) {
    endpoint.truth().compare(cachedTokens, promptTokens, blockTokens, isTemplated, usage);
    all.compare(cachedTokens, promptTokens, blockTokens, isTemplated, usage);
  }

  /** What was found at the latest look. */
  Found found() {
    return found;
  }

  /** How predictions compare with what endpoints report, by the endpoint's name. */
  Map<String, KvCacheTruth> truth() {
    Map<String, KvCacheTruth> now = new TreeMap<>();
    for (Followed each : followed.values()) {
      KvCacheTruth truth = each.truth().now();
      now.put(
          each.name(),
          new KvCacheTruth(
              truth.agreed(),
              truth.fewer(),
              truth.more(),
              truth.otherTokens(),
              !isDistrusted(each),
              cause(each, truth)));
    }
    return now;
  }

  /** What matches rest on, by the endpoint's name. */
  Map<String, Basis> bases() {
    Basis[] bases = found.bases();
    Map<String, Basis> now = new TreeMap<>();
    for (Followed each : followed.values()) {
      int slot = each.state().slot();
      now.put(each.name(), slot < bases.length ? bases[slot] : Basis.CATCHING_UP);
    }
    return now;
  }

  private Cause cause(Followed endpoint, KvCacheTruth own) {
    boolean isAsAll = own.cause() == Cause.NONE && !endpoint.truth().hasVerdict();
    Cause cause = isAsAll ? all.now().cause() : own.cause();
    if (cause != Cause.HASHES && cause != Cause.INCOMPLETE) {
      return cause;
    }
    int slot = endpoint.state().slot();
    int ofEngine = engineBlockTokens.applyAsInt(slot);
    if (ofEngine > 0 && ofEngine % blockTokens != 0) {
      return Cause.BLOCK_SIZE;
    }
    KvStreamStatus stream = streams.get(publishedName.apply(slot));
    boolean isAnyReceived = stream != null && hasReceived(stream);
    return isAnyReceived ? cause : Cause.INCOMPLETE;
  }

  /** Looks, unless it did a moment ago. */
  void refresh(Collection<KvStreamStatus> statuses, long nanos) {
    if (isRefreshed && nanos - refreshedAt < REFRESH_NANOS) {
      return;
    }
    isRefreshed = true;
    refreshedAt = nanos;
    Map<String, KvStreamStatus> byEndpoint = new HashMap<>();
    statuses.forEach(each -> byEndpoint.merge(each.endpoint(), each, CacheKnowledge::telling));
    streams = byEndpoint;
    Basis[] bases = new Basis[slots()];
    Arrays.fill(bases, Basis.CATCHING_UP);
    EnumSet<Step> steps = EnumSet.noneOf(Step.class);
    List<String> missing = new ArrayList<>();
    for (Followed each : followed.values()) {
      int slot = each.state().slot();
      if (slot >= bases.length) {
        continue; // it came just now
      }
      KvStreamStatus stream = byEndpoint.get(publishedName.apply(slot));
      if (isDistrusted(each)) {
        bases[slot] = Basis.ROUTED;
        steps.add(Step.PREFIXES_DISTRUSTED);
        missing.add(each.name() + " distrusted" + reason(each));
      } else if (stream != null) {
        bases[slot] = basis(stream.completeness());
        if (isPartMissing(stream, nanos)) {
          steps.add(Step.PREFIXES_INCOMPLETE);
          missing.add(each.name() + " incomplete for " + seconds(stream, nanos) + " s");
        }
      }
    }
    boolean isAnyRouted = steps.contains(Step.PREFIXES_DISTRUSTED);
    found = new Found(bases, isAnyRouted, produced(missing), steps);
  }

  private int slots() {
    int slots = 0;
    for (Followed each : followed.values()) {
      slots = Math.max(slots, each.state().slot() + 1);
    }
    return slots;
  }

  private String reason(Followed endpoint) {
    Cause cause = cause(endpoint, endpoint.truth().now());
    return cause == Cause.NONE ? "" : " (" + cause.name().toLowerCase(Locale.ROOT) + ")";
  }

  private static long seconds(KvStreamStatus stream, long nanos) {
    return Math.max(0, (nanos - stream.sinceNanos()) / NANOS_PER_SECOND);
  }

  private static Produced produced(List<String> missing) {
    if (missing.isEmpty()) {
      return Produced.NOW;
    }
    missing.sort(null);
    var text = new StringBuilder();
    int left = missing.size();
    for (String each : missing) {
      if (text.length() > MAX_NAMES_LENGTH) {
        break;
      }
      text.append(text.isEmpty() ? "" : ", ").append(each);
      left--;
    }
    return new Produced.Partly(text + (left > 0 ? " and " + left + " more" : ""));
  }

  private boolean isPartMissing(KvStreamStatus stream, long nanos) {
    if (stream.completeness() != Completeness.CATCHING_UP) {
      return stream.completeness() == Completeness.INCOMPLETE;
    }
    boolean isExpected = stream.last() >= 0 || (stream.connections() == 0 && !mayBeConnectedTo);
    return isExpected && nanos - stream.sinceNanos() > PATIENCE_NANOS;
  }

  private static Basis basis(Completeness completeness) {
    return switch (completeness) {
      case COMPLETE -> Basis.COMPLETE;
      case CATCHING_UP -> Basis.CATCHING_UP;
      case INCOMPLETE -> Basis.INCOMPLETE;
    };
  }

  /** Of two publishers of one endpoint, the one that sends; of two that do, the less complete. */
  private static KvStreamStatus telling(KvStreamStatus one, KvStreamStatus other) {
    if (hasReceived(one) != hasReceived(other)) {
      return hasReceived(one) ? one : other;
    }
    return rank(one.completeness()) >= rank(other.completeness()) ? one : other;
  }

  private static boolean hasReceived(KvStreamStatus stream) {
    return stream.last() >= 0 || stream.completeness() != Completeness.CATCHING_UP;
  }

  private static int rank(Completeness completeness) {
    return switch (completeness) {
      case COMPLETE -> 0;
      case CATCHING_UP -> 1;
      case INCOMPLETE -> 2;
    };
  }
}
