package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed.Resumption;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.EngineCaches;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hands what is known of endpoints' caches on to other replicas, each with its place in the
 * endpoint's stream, and goes on from what they hand on.
 */
final class SharedCaches implements EngineCaches {

  private static final String PROBE = "hashing";
  private static final long PAUSE_NANOS = 1_000_000;
  private static final long MAX_PAUSE_NANOS = 10_000_000_000L;
  private static final int MAX_WAITING = 4; // images that the feed has not looked at

  /** What became of an image that another replica handed on. */
  enum Outcome {
    /** It took the place of what was known. */
    RESTORED,
    /** It was added to what was known. */
    ADDED,
    /** More was known here, or something else. */
    NOT_NEEDED,
    /** It cannot be read, is of other blocks or another address, or there is no room for it. */
    REFUSED
  }

  private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);

  private final KvBlockIndex index;
  private final KvEventApplier applier;
  private final KvLocations locations;
  private final KvEventFeed feed;
  private final Predicate<EndpointState> isMember;
  private final IntFunction<String> publishedName;
  private final long hashing;
  private final ImagePieces pieces = new ImagePieces();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param isMember whether this very life of an endpoint still has its slot
   * @param publishedName address and port of an endpoint, by slot
   */
  SharedCaches(
      KvBlockHasher hasher,
      KvBlockIndex index,
      KvEventApplier applier,
      KvLocations locations,
      KvEventFeed feed,
      Predicate<EndpointState> isMember,
      IntFunction<String> publishedName) {
    this.index = index;
    this.applier = applier;
    this.locations = locations;
    this.feed = feed;
    this.isMember = isMember;
    this.publishedName = publishedName;
    this.hashing = hasher.root(PROBE) ^ hasher.blockTokens();
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new LongAdder());
    }
  }

  @Override
  public CompletableFuture<List<byte[]>> pieces(EndpointState endpoint) {
    var image = new CompletableFuture<byte[]>();
    feed.write(
        () -> {
          try {
            image.complete(image(endpoint));
          } catch (RuntimeException e) {
            image.completeExceptionally(e);
          }
        });
    return image.thenApply(bytes -> bytes.length == 0 ? List.<byte[]>of() : ImagePieces.cut(bytes));
  }

  /** On the feed's thread; empty for none. */
  private byte[] image(EndpointState endpoint) {
    String name = publishedName.apply(endpoint.slot());
    KvCursor cursor = isMember.test(endpoint) ? feed.cursor(name) : null;
    byte @Nullable [] image =
        cursor == null
            ? null
            : CacheImage.write(hashing, name, cursor, endpoint.slot(), index, applier, locations);
    return image == null ? new byte[0] : image;
  }

  @Override
  public void take(EndpointState endpoint, byte[] piece) {
    ImagePieces.Put put = pieces.put(endpoint.endpoint().id(), piece);
    if (put.isWaiting()) {
      return;
    }
    byte @Nullable [] whole = put.image();
    CacheImage image = whole == null ? null : CacheImage.read(whole);
    if (image == null || !hasTurn()) {
      count(Outcome.REFUSED);
      return;
    }
    waiting.incrementAndGet();
    feed.write(
        () -> {
          try {
            count(goOnFrom(image, endpoint));
          } finally {
            waiting.decrementAndGet();
          }
        });
  }

  /** Waits until as few images are in memory as the feed keeps up with; false if it does not. */
  private boolean hasTurn() {
    long since = System.nanoTime();
    while (waiting.get() >= MAX_WAITING) {
      if (Thread.currentThread().isInterrupted() || System.nanoTime() - since > MAX_PAUSE_NANOS) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  /** On the feed's thread. */
  private Outcome goOnFrom(CacheImage image, EndpointState endpoint) {
    int slot = endpoint.slot();
    String name = publishedName.apply(slot);
    if (!isMember.test(endpoint) || !image.isOf(hashing, name) || !index.hasRoom(image.blocks())) {
      return Outcome.REFUSED;
    }
    Resumption resumption = feed.resume(name, image.cursor());
    if (resumption == Resumption.KEEP) {
      return Outcome.NOT_NEEDED;
    }
    if (resumption == Resumption.REPLACE) {
      index.clear(slot);
    }
    image.store(slot, index, applier, locations);
    return resumption == Resumption.REPLACE ? Outcome.RESTORED : Outcome.ADDED;
  }

  private void count(Outcome outcome) {
    Objects.requireNonNull(outcomes.get(outcome)).increment();
  }

  /** How often each has come, by its name in lower case. Any thread. */
  Map<String, Long> outcomes() {
    Map<String, Long> counts = new TreeMap<>();
    outcomes.forEach(
        (outcome, count) -> counts.put(outcome.name().toLowerCase(Locale.ROOT), count.sum()));
    return counts;
  }

  @Override
  public boolean isSettled() {
    return waiting.get() == 0 && !feed.isReplaying();
  }
}
