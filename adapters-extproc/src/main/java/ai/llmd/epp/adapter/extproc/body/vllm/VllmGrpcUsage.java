package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Usage of vLLM's gRPC responses: of each frame, a {@code GenerateResponse} that counts tokens, or
 * else an {@code EmbedResponse}. A frame that a chunk does not end is kept for the next chunk; one
 * of more than {@value #MAX_KEPT_BYTES} bytes is passed over when it does not come in one chunk.
 */
final class VllmGrpcUsage implements UsageReader {

  private static final int CHUNK = 1; // fields of GenerateResponse
  private static final int COMPLETE = 2;
  private static final int CHUNK_PROMPT_TOKENS = 2;
  private static final int COMPLETE_PROMPT_TOKENS = 3;
  private static final int EMBED_PROMPT_TOKENS = 2;

  private static final int MAX_KEPT_BYTES = 1 << 16;
  private static final byte[] NOTHING = {};

  private byte[] kept = NOTHING;
  private long bytesToPassOver;

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

  private static @Nullable Usage ofFrame(byte[] bytes, GrpcFrame frame) {
    if (!frame.isWhole()) { // compressed
      return null;
    }
    Usage usage = ofGenerate(bytes, frame);
    return usage == null ? ofEmbed(bytes, frame) : usage;
  }

  private static CodedInputStream message(byte[] bytes, GrpcFrame frame) {
    return CodedInputStream.newInstance(bytes, frame.start(), frame.end() - frame.start());
  }

  private static @Nullable Usage ofGenerate(byte[] bytes, GrpcFrame frame) {
    try {
      CodedInputStream message = message(bytes, frame);
      Usage usage = null;
      for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
        int field = WireFormat.getTagFieldNumber(tag);
        boolean isMessage = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        if (isMessage && field == CHUNK) {
          usage = counts(message, CHUNK_PROMPT_TOKENS);
        } else if (isMessage && field == COMPLETE) {
          usage = counts(message, COMPLETE_PROMPT_TOKENS);
        } else {
          message.skipField(tag);
        }
      }
      return usage;
    } catch (IOException e) { // no such message
      return null;
    }
  }

  /** Three fields in a row: prompt, completion and cached tokens. */
  private static @Nullable Usage counts(CodedInputStream message, int firstField)
      throws IOException {
    long[] counts = new long[3];
    int outside = message.pushLimit(message.readRawVarint32());
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      int place = WireFormat.getTagFieldNumber(tag) - firstField;
      boolean isCount = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT;
      if (isCount && place >= 0 && place < counts.length) {
        counts[place] = Integer.toUnsignedLong(message.readUInt32());
      } else {
        message.skipField(tag);
      }
    }
    message.popLimit(outside);
    return counts[0] > 0 || counts[1] > 0
        ? new Usage(counts[0], counts[1], counts[0] + counts[1], counts[2])
        : null;
  }

  private static @Nullable Usage ofEmbed(byte[] bytes, GrpcFrame frame) {
    try {
      CodedInputStream message = message(bytes, frame);
      long promptTokens = 0;
      for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
        if (tag == ((EMBED_PROMPT_TOKENS << 3) | WireFormat.WIRETYPE_VARINT)) {
          promptTokens = Integer.toUnsignedLong(message.readUInt32());
        } else {
          message.skipField(tag);
        }
      }
      return promptTokens > 0 ? new Usage(promptTokens, 0, promptTokens, -1) : null;
    } catch (IOException e) { // no such message
      return null;
    }
  }
}
