package ai.llmd.epp.application.port.out;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.domain.catalogue.Plugin;

/** Finds out which endpoints a pool has, and keeps finding out. */
public interface EndpointDiscovery extends Plugin, AutoCloseable {

  /**
   * Delivers the first list before it returns, later ones from a thread of its own.
   *
   * @throws DiscoveryException when the first list cannot be had; the program does not start then
   */
  void start(KeepPool pool) throws DiscoveryException;

  @Override
  void close();

  /** Says in one sentence, with the place, why the endpoints cannot be had. */
  final class DiscoveryException extends Exception {

    private static final long serialVersionUID = 1L;

    public DiscoveryException(String message) {
      super(message);
    }
  }
}
