package ai.llmd.epp.adapter.admin.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of requests from one connection, one after the other. Keeps {@value #MAX_BYTES}
 * bytes at most: what a reader sends before it was answered stays in the socket's buffer. One
 * thread.
 */
final class RequestReader {

  /** Of one head, with a token of 16 KiB and what browsers send. */
  static final int MAX_BYTES = 32 << 10;

  private static final int FIRST_BYTES = 1 << 10;

  private final InputStream in;
  private byte[] bytes = new byte[FIRST_BYTES];
  private int length; // bytes that came
  private int scanned; // of them, bytes that end no head
  private int lineBytes; // of the line at scanned

  RequestReader(InputStream in) {
    this.in = in;
  }

  /** The next request; null when there is none any more. Waits for it. */
  @Nullable PageRequest next() throws IOException, RefusedRequestException {
    for (int end = endOfHead(); ; end = endOfHead()) {
      if (end > 0) {
        String head = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        drop(end);
        return PageRequest.of(head);
      }
      if (length == MAX_BYTES) {
        throw new RefusedRequestException(431, "more than " + MAX_BYTES + " bytes of headers");
      }
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, 2 * length));
      }
      int read = in.read(bytes, length, bytes.length - length);
      if (read < 0) {
        return null;
      }
      length += read;
    }
  }

  /** Where the head ends that has come; 0 while it has not. Empty lines before it are dropped. */
  private int endOfHead() {
    while (scanned < length) {
      byte next = bytes[scanned++];
      if (next != '\n') {
        lineBytes += next == '\r' ? 0 : 1;
      } else if (lineBytes > 0) {
        lineBytes = 0;
      } else if (isOnlyLineEnds()) {
        drop(scanned);
      } else {
        return scanned;
      }
    }
    return 0;
  }

  private boolean isOnlyLineEnds() {
    return bytes[0] == '\n' || (bytes[0] == '\r' && scanned == 2);
  }

  private void drop(int end) {
    length -= end;
    System.arraycopy(bytes, end, bytes, 0, length);
    scanned = 0;
    lineBytes = 0;
  }

  /** Reads to the end and discards what comes. */
  void drain() throws IOException {
    while (in.read(bytes) >= 0) {
      length = 0;
    }
  }
}
