package ai.llmd.epp.sidecar.pool;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * What an answer brings, as long as it brings something: after a silence it ends. A connection that
 * is dead shows no other sign of it. One thread reads.
 */
final class SteadyStream extends FilterInputStream {

  private final long silenceNanos;
  private final Thread guard;
  private volatile long lastNanos = System.nanoTime();
  private volatile boolean isSilent;

  /**
   * @param silence how long nothing may come
   */
  SteadyStream(InputStream in, Duration silence) {
    super(in);
    silenceNanos = silence.toNanos();
    guard = Thread.ofVirtual().name("silence").start(this::watch);
  }

  private void watch() {
    try {
      long left = silenceNanos;
      while (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
        left = silenceNanos - (System.nanoTime() - lastNanos);
      }
      isSilent = true;
      in.close();
    } catch (InterruptedException | IOException e) {
      // it has ended
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    try {
      int count = super.read(to, offset, length);
      lastNanos = System.nanoTime();
      return count;
    } catch (IOException e) {
      if (isSilent) {
        return -1;
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    guard.interrupt();
    super.close();
  }
}
