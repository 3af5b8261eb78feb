package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.health.Readiness;
import java.util.function.Predicate;

/** Where the program stands between start and stop. Written by the main thread, read by any. */
final class Lifecycle implements Readiness {

  /** What the program is told of the pool and of its own role by somebody else. Cheap. */
  interface Surroundings {

    /** Without anybody else: what is served is known as soon as it is served. */
    Surroundings NONE =
        new Surroundings() {
          @Override
          public boolean isPoolKnown() {
            return true;
          }

          @Override
          public String appProtocol() {
            return "";
          }

          @Override
          public boolean electsLeader() {
            return false;
          }

          @Override
          public boolean isLeader() {
            return true;
          }
        };

    boolean isPoolKnown();

    /** How the pool is spoken to; empty when nobody says, and then every parser suits it. */
    String appProtocol();

    boolean electsLeader();

    boolean isLeader();
  }

  private volatile boolean isServing;
  private volatile boolean isDraining;
  private volatile Surroundings surroundings = Surroundings.NONE;
  private volatile Predicate<String> isSpoken = protocol -> true;

  /**
   * Lets readiness depend on others, too.
   *
   * @param protocolIsSpoken whether every parser in force speaks a protocol
   */
  void dependOn(Surroundings others, Predicate<String> protocolIsSpoken) {
    isSpoken = protocolIsSpoken;
    surroundings = others;
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
      return "not every parser speaks " + surroundings.appProtocol();
    }
    return isLeader() ? "" : "not the leader";
  }

  @Override
  public boolean isPoolSynced() {
    return isServing && surroundings.isPoolKnown();
  }

  @Override
  public boolean isProtocolOk() {
    String protocol = surroundings.appProtocol();
    return protocol.isEmpty() || isSpoken.test(protocol);
  }

  /** No plugin here takes time to become ready. */
  @Override
  public boolean arePluginsReady() {
    return true;
  }

  @Override
  public boolean electsLeader() {
    return surroundings.electsLeader();
  }

  @Override
  public boolean isLeader() {
    return surroundings.isLeader();
  }

  @Override
  public boolean isDraining() {
    return isDraining;
  }
}
