package ai.llmd.epp.replication.snapshot;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.EngineCaches;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.state.EndpointLives;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of engines' caches, piece by piece, one endpoint after the other; within a bound,
 * beyond which endpoints are left out. One thread.
 */
final class EngineCachePieces {

  /** Of all caches in a snapshot. */
  static final long MAX_BYTES = 64L << 20;

  private static final long TIMEOUT_SECONDS = 10;

  /** What a plugin knows of the cache of one endpoint. */
  private record Cache(String plugin, EngineCaches caches, EndpointState member) {}

  private final EndpointLives lives;
  private final Deque<Cache> caches = new ArrayDeque<>();
  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private @Nullable Cache current;
  private long bytes;

  EngineCachePieces(
      Map<String, EngineCaches> shared, Collection<EndpointState> members, EndpointLives lives) {
    this.lives = lives;
    shared.forEach(
        (plugin, known) -> members.forEach(member -> caches.add(new Cache(plugin, known, member))));
  }

  /** Adds the next piece; false when there is none. */
  boolean addTo(BatchWriter out) throws StoreException {
    while (pieces.isEmpty()) {
      current = caches.poll();
      if (current == null) {
        return false;
      }
      List<byte[]> all = pieces(current);
      long size = all.stream().mapToLong(piece -> piece.length).sum();
      if (bytes + size <= MAX_BYTES) {
        bytes += size;
        pieces.addAll(all);
      }
    }
    Cache cache = current;
    if (cache != null) {
      out.cache(cache.plugin(), lives.of(cache.member().endpoint().id()), pieces.remove());
    }
    return true;
  }

  /** None of an endpoint of which nothing comes in time. */
  private static List<byte[]> pieces(Cache of) throws StoreException {
    try {
      return of.caches().pieces(of.member()).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("the snapshot was interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      return List.of();
    }
  }
}
