package ai.llmd.epp.adapter.extproc.rehearsal;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import java.io.IOException;

/**
 * What a picker answers, {@code ProcessingResponse}, as far as a conversation depends on it.
 *
 * @param field which kind of answer it is: a field of {@code ProcessingResponse}; 0 for none
 * @param endsBody whether it is the last piece of a body
 */
record GatewayAnswer(int field, boolean endsBody) {

  /** Where a piece of a body says that it is the last one. */
  private static final int[] END = {
    BodyResponse.RESPONSE_FIELD_NUMBER,
    CommonResponse.BODY_MUTATION_FIELD_NUMBER,
    BodyMutation.STREAMED_RESPONSE_FIELD_NUMBER,
    StreamedBodyResponse.END_OF_STREAM_FIELD_NUMBER
  };

  /**
   * Reads it.
   *
   * @throws IllegalStateException when it cannot be read
   */
  static GatewayAnswer read(byte[] message) {
    CodedInputStream in = CodedInputStream.newInstance(message);
    try {
      int field = 0;
      boolean endsBody = false;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case ProcessingResponse.REQUEST_BODY_FIELD_NUMBER,
              ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER -> {
            field = WireFormat.getTagFieldNumber(tag);
            endsBody = endsWithin(in, 0);
          }
          case ProcessingResponse.REQUEST_HEADERS_FIELD_NUMBER,
              ProcessingResponse.RESPONSE_HEADERS_FIELD_NUMBER,
              ProcessingResponse.IMMEDIATE_RESPONSE_FIELD_NUMBER -> {
            field = WireFormat.getTagFieldNumber(tag);
            in.skipField(tag);
          }
          default -> in.skipField(tag);
        }
      }
      return new GatewayAnswer(field, endsBody);
    } catch (IOException e) {
      throw new IllegalStateException("an answer that cannot be read", e);
    }
  }

  private static boolean endsWithin(CodedInputStream in, int depth) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    boolean ends = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) != END[depth]) {
        in.skipField(tag);
      } else if (depth == END.length - 1) {
        ends = in.readBool();
      } else {
        ends = endsWithin(in, depth + 1);
      }
    }
    in.popLimit(outer);
    return ends;
  }
}
