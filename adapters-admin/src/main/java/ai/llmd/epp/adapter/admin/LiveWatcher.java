package ai.llmd.epp.adapter.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One who watches the live page. Frames wait in a bounded queue for its connection; when it is
 * full, the connection is given up: the browser comes again and begins with what is then the case.
 */
final class LiveWatcher implements AdminPage.Stream {

  /** Frames that wait for the connection. */
  static final int MAX_FRAMES = 16;

  /** After so long the browser has to come again, and its permission is looked at again. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private static final byte[] RECONNECT = "retry: 1000\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final Duration COMMENT_AFTER = Duration.ofSeconds(5);
  private static final long NOT_BEGUN = -1;

  /** Instead of the writing thread, when it must not begin. */
  private static final Thread DROPPED = Thread.ofVirtual().unstarted(() -> {});

  private final DecisionFilter filter;
  private final Consumer<LiveWatcher> left;
  private final BlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(MAX_FRAMES);
  private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();
  private volatile long begunAfter = NOT_BEGUN;

  /**
   * @param left called in the end, once or more
   */
  LiveWatcher(DecisionFilter filter, Consumer<LiveWatcher> left) {
    this.filter = filter;
    this.left = left;
  }

  DecisionFilter filter() {
    return filter;
  }

  /** It has been sent all decisions up to this one. */
  void beginAfter(long sequence) {
    begunAfter = sequence;
  }

  boolean hasBegun() {
    return begunAfter != NOT_BEGUN;
  }

  /** Whether it has got all up to this decision at its beginning. */
  boolean isAfter(long sequence) {
    return begunAfter >= sequence;
  }

  /** Adds a frame; gives the watcher up when there is no room. Any thread. */
  void offer(byte[] frame) {
    if (!frames.offer(frame)) {
      drop();
    }
  }

  private void drop() {
    left.accept(this);
    Thread writing = writer.getAndSet(DROPPED);
    if (writing != null) {
      writing.interrupt(); // closes the channel, also while it waits for the reader
    }
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    if (!writer.compareAndSet(null, Thread.currentThread())) {
      return;
    }
    long end = System.nanoTime() + LONGEST.toNanos();
    out.write(RECONNECT);
    try {
      while (writer.get() != DROPPED && System.nanoTime() - end < 0) {
        byte[] frame = frames.poll(COMMENT_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        out.write(frame == null ? COMMENT : frame);
        if (frames.isEmpty()) {
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the watcher reads too slowly, or the program ends", e);
    }
  }

  @Override
  public void close() {
    left.accept(this);
    writer.set(DROPPED);
  }
}
