package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.Room;
import org.jspecify.annotations.Nullable;

/**
 * What requests that pass, and the dispatcher, read of the queues without a lock. Whoever has
 * changed the queues publishes them, and holds the lock of the queues meanwhile; any thread reads.
 */
final class PublishedQueues {

  private static final long NONE_WAITS = Long.MIN_VALUE;

  private final FlowQueues queues; // only to publish
  private volatile PublishedRules rules;
  private volatile long highestWaiting = NONE_WAITS;
  private volatile long highestElsewhere = NONE_WAITS; // where turns are divided over replicas
  private volatile Room room; // in all bands together
  private volatile long requests;
  private long changes; // guarded by the lock of the queues: what has been published

  PublishedQueues(FlowQueues queues, FlowRules rules) {
    this.queues = queues;
    this.rules = rulesNow(rules);
    this.room = queues.room();
  }

  /** The rules and bands as they were published last; read once for a whole decision. */
  PublishedRules current() {
    return rules;
  }

  /** The rules that were published last. */
  FlowRules rules() {
    return rules.rules();
  }

  /** Requests that wait. */
  long requests() {
    return requests;
  }

  /** Whether a request waits. */
  boolean isAnyWaiting() {
    return highestWaiting != NONE_WAITS;
  }

  /**
   * Whether a request may go before all that are queued, as far as those are concerned: none waits
   * in its band or a higher one, and it would fit into the queues.
   *
   * @param current what {@link #current()} was when its decision began
   * @param place that of its band
   */
  boolean mayPass(PublishedRules current, int place, long bytes) {
    int band = current.priorities()[place];
    return band > highestWaiting
        && band > highestElsewhere
        && room.fits(bytes) // even one that passes has to fit into the queues
        && current.rooms()[place].fits(bytes);
  }

  /** Whether these are other rules than those that were published, or the bands have changed. */
  @SuppressWarnings("ReferenceEquality") // others are other objects
  boolean isOutdated(FlowRules now) {
    return rules() != now || rules.priorities() != queues.priorities();
  }

  /** Publishes the rules, the bands, and the room that other replicas leave in them. */
  void publish(FlowRules now) {
    rules = rulesNow(now);
  }

  private PublishedRules rulesNow(FlowRules now) {
    int[] priorities = queues.priorities();
    Room[] rooms = new Room[priorities.length];
    for (int i = 0; i < rooms.length; i++) {
      rooms[i] = queues.roomWhenEmpty(priorities[i]);
    }
    boolean countsService = SharedService.isCounted(now.settings(), priorities);
    return new PublishedRules(now, priorities, rooms, countsService);
  }

  /** Publishes what is queued; whether that differs from the last time. */
  boolean publishQueued() {
    room = queues.room();
    highestWaiting = orNone(queues.highestWaiting());
    highestElsewhere = orNone(queues.highestWaitingElsewhere());
    if (changes == queues.changes()) {
      return false;
    }
    changes = queues.changes();
    requests = queues.requests();
    return true;
  }

  private static long orNone(@Nullable Integer priority) {
    return priority == null ? NONE_WAITS : priority;
  }
}
