package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.health.Readiness;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import java.util.function.Predicate;

/** Where the program stands between start and stop. Written by the main thread, read by any. */
final class Lifecycle implements Readiness {

  /** Until the discovery is known: what is served is known as soon as it is served. */
  private static final class NotDependent implements EndpointDiscovery {

    @Override
    public void start(Keepers keepers) {}

    @Override
    public void close() {}
  }

  private volatile boolean isServing;
  private volatile boolean isDraining;
  private volatile EndpointDiscovery discovery = new NotDependent();
  private volatile Predicate<String> isSpoken = protocol -> true;

  /**
   * Lets readiness depend on the pool and on the lease, too.
   *
   * @param isProtocolSupported whether every parser in force supports a protocol
   */
  void dependOn(EndpointDiscovery others, Predicate<String> isProtocolSupported) {
    isSpoken = isProtocolSupported;
    discovery = others;
  }

  /** The ports are open. */
  void serving() {
    isServing = true;
  }

  void draining() {
    isDraining = true;
  }

  /** Empty when ready, else why not. */
  String notReadyBecause() {
    if (isDraining) {
      return "draining";
    }
    if (!isServing) {
      return "starting";
    }
    if (!isPoolSynced()) {
      return "the pool is not known";
    }
    if (!isProtocolOk()) {
      return "not every parser supports " + discovery.appProtocol();
    }
    return isLeader() ? "" : "not the leader";
  }

  @Override
  public boolean isPoolSynced() {
    return isServing && discovery.isPoolKnown();
  }

  @Override
  public boolean isProtocolOk() {
    String protocol = discovery.appProtocol();
    return protocol.isEmpty() || isSpoken.test(protocol);
  }

  /** No plugin here takes time to become ready. */
  @Override
  public boolean arePluginsReady() {
    return true;
  }

  @Override
  public boolean electsLeader() {
    return discovery.electsLeader();
  }

  @Override
  public boolean isLeader() {
    return discovery.isLeader();
  }

  @Override
  public boolean isDraining() {
    return isDraining;
  }
}
