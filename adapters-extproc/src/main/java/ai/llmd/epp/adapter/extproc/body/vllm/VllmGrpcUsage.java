package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Usage of vLLM's gRPC responses, one frame to a chunk: a {@code GenerateResponse} that counts
 * tokens, or else an {@code EmbedResponse}.
 */
final class VllmGrpcUsage implements UsageReader {

  private static final int CHUNK = 1; // fields of GenerateResponse
  private static final int COMPLETE = 2;
  private static final int CHUNK_PROMPT_TOKENS = 2;
  private static final int COMPLETE_PROMPT_TOKENS = 3;
  private static final int EMBED_PROMPT_TOKENS = 2;

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    GrpcFrame frame = GrpcFrame.first(bytes, start, end);
    Usage usage = null;
    if (frame.isWhole()) {
      usage = ofGenerate(bytes, frame);
      usage = usage == null ? ofEmbed(bytes, frame) : usage;
    }
    return usage;
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
