package ai.llmd.epp.adapter.extproc.transport;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * How a connection ends: a peer that did nothing wrong is told first, and may begin streams until
 * it knows. The connection's thread.
 */
final class Farewell {

  /** A peer that has not answered until then is taken to know. */
  static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Marks the ping that shows that the peer knows of the end. */
  private static final long GOING_AWAY = 0x97ACEF001L;

  private final Output output;
  private boolean isSaid;
  private boolean isHeard;

  Farewell(Output output) {
    this.output = output;
  }

  /** Tells the peer; false when it was told before. */
  boolean say() {
    if (isSaid) {
      return false;
    }
    isSaid = true;
    write(Integer.MAX_VALUE, Frames.NO_ERROR, new byte[0]);
    output.frame(8, Frames.PING, 0, 0).writeLong(GOING_AWAY);
    return true;
  }

  /** Whether a ping that was answered is the one that goes with it. */
  static boolean isHeardBy(long ping) {
    return ping == GOING_AWAY;
  }

  /** The peer knows by now; false when it was not told, or this is known. */
  boolean hear(int lastStream) {
    if (!isSaid || isHeard) {
      return false;
    }
    isHeard = true;
    write(lastStream, Frames.NO_ERROR, new byte[0]);
    return true;
  }

  /** Whether no more streams are taken. */
  boolean isHeard() {
    return isHeard;
  }

  /** It ends at once. */
  void because(Http2Failure failure, int lastStream) {
    write(lastStream, failure.code(), failure.reason().getBytes(StandardCharsets.US_ASCII));
  }

  private void write(int lastStream, int code, byte[] reason) {
    output
        .frame(8 + reason.length, Frames.GOAWAY, 0, 0)
        .writeInt(lastStream)
        .writeInt(code)
        .writeBytes(reason);
  }
}
