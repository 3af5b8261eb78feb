package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * In which life each endpoint is. All replicas count a removal once, although each sees it for
 * itself: who sees it first says so, and who has heard of it does not count it again. Any thread.
 */
final class EndpointLives {

  /** How much later than others a replica may see a removal that it has heard of. */
  private static final long SEEN_LATER_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Endpoints remembered; of more the longest untouched are in their first life again. */
  private static final int MOST = 1 << 16;

  private static final class Life {
    long generation;

    /** When others said that the life before is over; MIN_VALUE when that was seen here, too. */
    long heardAtNanos = Long.MIN_VALUE;
  }

  // guarded by this
  private final Map<EndpointId, Life> lives =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<EndpointId, Life> eldest) {
          return size() > MOST;
        }
      };

  /** The present life of an endpoint. */
  synchronized EndpointLife of(EndpointId id) {
    Life life = lives.get(id);
    return new EndpointLife(id, life == null ? 0 : life.generation);
  }

  /**
   * The pool lost an endpoint.
   *
   * @return the next life, to be told to the others; null when they have told it themselves
   */
  synchronized @Nullable EndpointLife ended(EndpointId id, long nowNanos) {
    Life life = lives.computeIfAbsent(id, key -> new Life());
    boolean wasHeard =
        life.heardAtNanos != Long.MIN_VALUE && nowNanos - life.heardAtNanos < SEEN_LATER_NANOS;
    life.heardAtNanos = Long.MIN_VALUE;
    if (wasHeard) {
      return null;
    }
    life.generation++;
    return new EndpointLife(id, life.generation);
  }

  /**
   * Another replica speaks of an endpoint.
   *
   * @return below 0 when it speaks of an earlier life, above 0 when what is known here is over
   */
  synchronized int heard(EndpointLife theirs, long nowNanos) {
    Life life = lives.get(theirs.id());
    long known = life == null ? 0 : life.generation;
    int age = Long.compare(theirs.generation(), known);
    if (age > 0) {
      Life next = lives.computeIfAbsent(theirs.id(), key -> new Life());
      next.generation = theirs.generation();
      next.heardAtNanos = nowNanos;
    }
    return age;
  }
}
