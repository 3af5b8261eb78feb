package ai.llmd.epp.application.flow;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether there is anything about the queues that other replicas do not know. Any thread. */
final class QueueChanges {

  private final AtomicBoolean hasChanged = new AtomicBoolean();
  private volatile Runnable listener = () -> {};

  /** From now on this is run at each change. */
  void shareWith(Runnable change) {
    listener = change;
  }

  /** There is something new. */
  void note() {
    hasChanged.set(true);
    listener.run();
  }

  /** Whether there was since the last call. */
  boolean take() {
    return hasChanged.getAndSet(false);
  }
}
