package ai.llmd.epp.replication.state;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The current generation of each endpoint. All replicas count a removal once, although each
 * observes it for itself: the first one announces the next generation, and a replica that has
 * received the announcement does not count its own observation. Any thread.
 */
public final class EndpointLives {

  /** How much later than its peers a replica may observe a removal that they announced. */
  private static final long MAX_OBSERVATION_DELAY_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Endpoints remembered; beyond it the least recently used start again in their first life. */
  private static final int MAX_ENDPOINTS = 1 << 16;

  /** The same for the memory of all, about, as long as there are a few. */
  private static final long MAX_BYTES = 32L << 20;

  private static final long BYTES_PER_ENDPOINT = 200;

  /** How far a generation is believed to jump: one for each removal that was not observed. */
  private static final long MAX_JUMP = 1 << 16;

  private static final class Life {
    long generation;

    /** When a peer announced this generation; MIN_VALUE once the removal was observed here. */
    long announcedAtNanos = Long.MIN_VALUE;
  }

  // guarded by this
  private final Map<EndpointId, Life> lives = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private static long bytesOf(EndpointId id) {
    return BYTES_PER_ENDPOINT + id.namespace().length() + id.name().length();
  }

  private Life known(EndpointId id) {
    Life life = lives.get(id);
    if (life == null) {
      life = new Life();
      bytes += bytesOf(id);
      lives.put(id, life);
      forgetTheLeastUsed();
    }
    return life;
  }

  private void forgetTheLeastUsed() {
    while (lives.size() > 1 && (lives.size() > MAX_ENDPOINTS || bytes > MAX_BYTES)) {
      EndpointId eldest = lives.keySet().iterator().next();
      lives.remove(eldest);
      bytes -= bytesOf(eldest);
    }
  }

  /** The current life of an endpoint. */
  public synchronized EndpointLife of(EndpointId id) {
    Life life = lives.get(id);
    return new EndpointLife(id, life == null ? 0 : life.generation);
  }

  /**
   * The pool lost an endpoint.
   *
   * @return the next life, to be announced to peers; null when a peer has announced it already
   */
  public synchronized @Nullable EndpointLife ended(EndpointId id, long nowNanos) {
    Life life = known(id);
    boolean isAnnounced =
        life.announcedAtNanos != Long.MIN_VALUE
            && nowNanos - life.announcedAtNanos < MAX_OBSERVATION_DELAY_NANOS;
    life.announcedAtNanos = Long.MIN_VALUE;
    if (isAnnounced) {
      return null;
    }
    life.generation++;
    return new EndpointLife(id, life.generation);
  }

  /**
   * A peer mentioned an endpoint.
   *
   * @return below 0 when it means an earlier life or one too far ahead to be believed, above 0 when
   *     the life known here is over
   */
  public synchronized int mentioned(EndpointLife theirs, long nowNanos) {
    Life life = lives.get(theirs.id());
    long known = life == null ? 0 : life.generation;
    if (theirs.generation() < 0 || theirs.generation() - known > MAX_JUMP) {
      return -1;
    }
    int age = Long.compare(theirs.generation(), known);
    if (age > 0) {
      Life next = known(theirs.id());
      next.generation = theirs.generation();
      next.announcedAtNanos = nowNanos;
    }
    return age;
  }
}
