package ai.llmd.epp.application.port.out;

import ai.llmd.epp.application.port.in.KeepObjectives;
import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.in.KeepRewrites;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import ai.llmd.epp.domain.catalogue.Plugin;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Finds out which endpoints a pool has, and keeps finding out. A discovery that knows nothing else
 * of the pool implements {@link #start} and {@link #close}; the rest has answers that suit it.
 */
public interface EndpointDiscovery extends Plugin, AutoCloseable {

  /** Where to put what is found; objectives and rewrites only if they are found, too. */
  record Keepers(KeepPool pool, KeepObjectives objectives, KeepRewrites rewrites) {}

  /**
   * Delivers the first list before it returns, or while {@link #isPoolKnown} is false; later ones
   * from a thread of its own.
   *
   * @throws DiscoveryException when the first list cannot be had; the program does not start then
   */
  void start(Keepers keepers) throws DiscoveryException;

  /**
   * Has objects delivered to plugins that learn from them, from the start on; where there are none,
   * nothing happens. Call before {@link #start}.
   *
   * @param wanted what the configuration in force asks for; asked again and again
   */
  default void watch(Supplier<List<ObjectWatch>> wanted) {}

  /** Whether the first endpoints have been delivered. Cheap, any thread. */
  default boolean isPoolKnown() {
    return true;
  }

  /** The pool's protocol; empty when it is not specified, and then every parser suits it. */
  default String appProtocol() {
    return "";
  }

  /** The lease that decides which replica serves; empty when all of them do. */
  default String lease() {
    return "";
  }

  /** Whether one replica of several serves. */
  default boolean electsLeader() {
    return !lease().isEmpty();
  }

  /** Whether this replica may serve. Cheap, any thread. */
  default boolean isLeader() {
    return true;
  }

  /** Completed when another replica has taken the lease that this one held. */
  default CompletableFuture<Void> lostLease() {
    return new CompletableFuture<>();
  }

  /** Gives up the lease; what has been found stays in force. */
  default void release() {}

  /** Judges who may read the metrics; empty where that is not known. */
  default Optional<AccessReview> accessReview() {
    return Optional.empty();
  }

  /** Shows changes of what is given up where the pool is described; empty where that cannot be. */
  default Optional<DegradationObserver> events() {
    return Optional.empty();
  }

  /** How well each kind of object is known that is watched; none where nothing is. */
  default List<WatchStatus> watches() {
    return List.of();
  }

  @Override
  void close();

  /** The reason, in one sentence with its position, why there are no endpoints. */
  final class DiscoveryException extends Exception {

    private static final long serialVersionUID = 1L;

    public DiscoveryException(String message) {
      super(message);
    }
  }
}
