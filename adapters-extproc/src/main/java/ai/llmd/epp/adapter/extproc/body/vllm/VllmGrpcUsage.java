package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Usage of one of vLLM's gRPC responses: a {@code GenerateResponse} that counts tokens, or else an
 * {@code EmbedResponse}.
 */
final class VllmGrpcUsage {

  private static final int CHUNK = 1; // fields of GenerateResponse
  private static final int COMPLETE = 2;
  private static final int CHUNK_PROMPT_TOKENS = 2;
  private static final int COMPLETE_PROMPT_TOKENS = 3;
  private static final int EMBED_PROMPT_TOKENS = 2;

  private VllmGrpcUsage() {}

  static @Nullable Usage read(byte[] bytes, int start, int end) {
    Usage usage = ofGenerate(bytes, start, end);
    return usage == null ? ofEmbed(bytes, start, end) : usage;
  }

  private static CodedInputStream message(byte[] bytes, int start, int end) {
    return CodedInputStream.newInstance(bytes, start, end - start);
  }

  private static @Nullable Usage ofGenerate(byte[] bytes, int start, int end) {
    try {
      CodedInputStream message = message(bytes, start, end);
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

  private static @Nullable Usage ofEmbed(byte[] bytes, int start, int end) {
    try {
      CodedInputStream message = message(bytes, start, end);
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
