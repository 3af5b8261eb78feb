package ai.llmd.epp.application.port.out.kvcache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A running subscription to the KV-cache events of model servers, which writes to one index. All
 * writing is one thread's, the feed's. Methods may be called by any thread and never wait, but
 * {@link #close}.
 */
public interface KvEventFeed extends AutoCloseable {

  /**
   * Listens to an endpoint, or to another address of it. When the endpoint's own address changed,
   * what the former one held is forgotten.
   *
   * @param key names the publisher
   * @param endpoint address and port that it serves requests at
   * @param address of its events, e.g. {@code tcp://10.0.0.1:5557}
   * @param replayAddress of its replays; empty for none
   */
  void add(String key, String endpoint, String address, String replayAddress);

  /**
   * Listens to an endpoint no more, if it was listened to, and knows nothing of its messages.
   *
   * @param endpoint address and port that it served requests at
   * @param ended runs on the feed's thread after the last of its messages
   */
  void remove(String key, String endpoint, Runnable ended);

  /** Runs on the feed's thread, which alone may write to the index, soon. */
  void write(Runnable change);

  /** What is known of each publisher, in no order. */
  List<KvStreamStatus> statuses();

  /** What to do with a state of an endpoint's cache that was taken elsewhere. */
  enum Resumption {
    /** Nothing: more is known here, or it may be of another time. */
    KEEP,
    /** Put it in the place of what is known; the stream goes on from there. */
    REPLACE,
    /** Add it to what is known; the stream goes on as it was. */
    ADD
  }

  /**
   * Where the stream of an endpoint stands, by address and port; null when nothing can go on from
   * there. On the feed's thread.
   */
  default @Nullable KvCursor cursor(String endpoint) {
    return null;
  }

  /**
   * A state as of a cursor is there. For {@link Resumption#REPLACE} the stream goes on from the
   * cursor, and what came after it is asked for where it can be; the caller puts the state into the
   * index before it returns to the feed. On the feed's thread.
   */
  default Resumption resume(String endpoint, KvCursor cursor) {
    return Resumption.KEEP;
  }

  /** Whether something is being replayed, or is about to be. */
  default boolean isReplaying() {
    return false;
  }

  /** What the feed shows of itself. */
  default KvFeedFigures figures() {
    return KvFeedFigures.NONE;
  }

  /** Ends all subscriptions; waits until the feed's thread has ended. */
  @Override
  void close();
}
