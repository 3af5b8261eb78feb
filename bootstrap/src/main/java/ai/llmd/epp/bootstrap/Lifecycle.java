package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.Readiness;

/** Where the program stands between start and stop. Written by the main thread, read by any. */
final class Lifecycle implements Readiness {

  private volatile boolean isServing;
  private volatile boolean isDraining;

  /** The first list of endpoints is known and the ports are open. */
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
    return isServing ? "" : "starting";
  }

  @Override
  public boolean isPoolSynced() {
    return isServing;
  }

  /** A pool read from a file says nothing of its protocol, so every parser suits it. */
  @Override
  public boolean isProtocolOk() {
    return true;
  }

  /** No plugin here takes time to become ready. */
  @Override
  public boolean arePluginsReady() {
    return true;
  }

  @Override
  public boolean electsLeader() {
    return false;
  }

  @Override
  public boolean isLeader() {
    return true;
  }

  @Override
  public boolean isDraining() {
    return isDraining;
  }
}
