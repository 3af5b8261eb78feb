package ai.llmd.epp.adapter.extproc.body.grpc;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Usage of gRPC responses, message by message. A frame that a chunk does not end is kept for the
 * next chunk; one of more than {@value #MAX_KEPT_BYTES} bytes is passed over when it does not come
 * in one chunk. Messages that are compressed report nothing.
 */
public final class FramedUsage implements UsageReader {

  private static final int MAX_KEPT_BYTES = 1 << 16;
  private static final byte[] NOTHING = {};

  private final MessageReader reader;
  private byte[] kept = NOTHING;
  private long bytesToPassOver;

  /** Reads usage of one message. */
  public interface MessageReader {

    /**
     * The usage that a message reports, or null.
     *
     * @param start first byte of the message
     * @param end place behind its last byte
     */
    @Nullable Usage read(byte[] bytes, int start, int end);
  }

  public FramedUsage(MessageReader reader) {
    this.reader = reader;
  }

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    long passedOver = Math.min(bytesToPassOver, end - start);
    bytesToPassOver -= passedOver;
    int from = start + (int) passedOver;
    if (kept.length == 0) {
      return readFrames(bytes, from, end);
    }
    byte[] joined = Arrays.copyOf(kept, kept.length + end - from);
    System.arraycopy(bytes, from, joined, kept.length, end - from);
    return readFrames(joined, 0, joined.length);
  }

  private @Nullable Usage readFrames(byte[] bytes, int start, int end) {
    Usage usage = null;
    int at = start;
    while (GrpcFrame.hasHeader(at, end)) {
      long frameEnd = at + GrpcFrame.bytes(bytes, at);
      if (frameEnd > end) {
        break;
      }
      Usage reported = ofFrame(bytes, GrpcFrame.first(bytes, at, end));
      if (reported != null) {
        usage = usage == null ? reported : usage.merge(reported);
      }
      at = (int) frameEnd;
    }
    keep(bytes, at, end);
    return usage;
  }

  private void keep(byte[] bytes, int start, int end) {
    long frameBytes = GrpcFrame.hasHeader(start, end) ? GrpcFrame.bytes(bytes, start) : 0;
    if (frameBytes > MAX_KEPT_BYTES) {
      bytesToPassOver = frameBytes - (end - start);
      kept = NOTHING;
    } else {
      kept = start == end ? NOTHING : Arrays.copyOfRange(bytes, start, end);
    }
  }

  private @Nullable Usage ofFrame(byte[] bytes, GrpcFrame frame) {
    return frame.isWhole() ? reader.read(bytes, frame.start(), frame.end()) : null; // compressed
  }
}
