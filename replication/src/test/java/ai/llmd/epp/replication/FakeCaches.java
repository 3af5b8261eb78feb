package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.EngineCaches;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Knows of caches what a test puts, and keeps what comes from peers until it is to settle. */
final class FakeCaches implements EngineCaches {

  final Map<EndpointId, List<byte[]>> known = new ConcurrentHashMap<>();
  final Map<EndpointId, List<byte[]>> taken = new ConcurrentHashMap<>();
  volatile boolean isSettled = true;

  @Override
  public CompletableFuture<List<byte[]>> pieces(EndpointState endpoint) {
    return CompletableFuture.completedFuture(
        known.getOrDefault(endpoint.endpoint().id(), List.of()));
  }

  @Override
  public void take(EndpointState endpoint, byte[] piece) {
    taken.computeIfAbsent(endpoint.endpoint().id(), id -> new CopyOnWriteArrayList<>()).add(piece);
  }

  @Override
  public boolean isSettled() {
    return isSettled;
  }
}
