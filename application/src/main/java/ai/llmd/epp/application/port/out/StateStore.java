package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.catalogue.Plugin;
import java.time.Duration;
import java.util.Optional;

/**
 * A kind of store through which replicas share what they learn, with its parameters. Two are equal
 * when they lead to the same store.
 *
 * <p>Its constructor refuses bad parameters and touches nothing of the library that talks to the
 * store, so that the libraries of stores that are not configured stay unloaded.
 */
public interface StateStore extends Plugin {

  /**
   * The log of a pool; empty when nothing is shared. Waits for nothing: a store that cannot be
   * reached shows in the calls.
   *
   * @param retention how long the log keeps its entries
   */
  Optional<ReplicationLog> open(String poolNamespace, String poolName, Duration retention);
}
