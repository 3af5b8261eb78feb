package ai.llmd.epp.adapter.extproc.rehearsal;

import ai.llmd.epp.adapter.extproc.message.MessageBytes;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import java.nio.charset.StandardCharsets;

/**
 * What Envoy sends to a picker, with the metadata that it adds to every message. Written by hand:
 * the generated classes would be loaded for nothing else.
 */
final class GatewayMessages {

  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;

  /** An empty struct, named by the filter that it is for. */
  private static final byte[] METADATA =
      new MessageBytes(32)
          .bytes(ENTRY_VALUE, new byte[0])
          .text(ENTRY_KEY, "envoy.lb")
          .enclose(Metadata.FILTER_METADATA_FIELD_NUMBER, 0)
          .toBytes();

  /** Of the response's body nothing is shown, which is the default. */
  private static final byte[] BUFFERED = {
    ProtocolConfiguration.REQUEST_BODY_MODE_FIELD_NUMBER << 3, BodySendMode.BUFFERED_VALUE
  };

  private GatewayMessages() {}

  /**
   * @param isBuffered whether the request body comes in one piece, and none of the response
   * @param namesAndValues in turn
   */
  static byte[] requestHeaders(boolean isBuffered, String... namesAndValues) {
    MessageBytes message = withMetadata(1 << 10);
    if (isBuffered) {
      message.bytes(ProcessingRequest.PROTOCOL_CONFIG_FIELD_NUMBER, BUFFERED);
    }
    return headers(message, ProcessingRequest.REQUEST_HEADERS_FIELD_NUMBER, namesAndValues);
  }

  static byte[] requestBody(String text) {
    return body(ProcessingRequest.REQUEST_BODY_FIELD_NUMBER, text, true);
  }

  static byte[] responseHeaders(String contentType) {
    return headers(
        withMetadata(256),
        ProcessingRequest.RESPONSE_HEADERS_FIELD_NUMBER,
        ":status",
        "200",
        "content-type",
        contentType);
  }

  static byte[] responseBody(String text, boolean isLast) {
    return body(ProcessingRequest.RESPONSE_BODY_FIELD_NUMBER, text, isLast);
  }

  private static MessageBytes withMetadata(int expected) {
    return new MessageBytes(expected)
        .bytes(ProcessingRequest.METADATA_CONTEXT_FIELD_NUMBER, METADATA);
  }

  private static byte[] headers(MessageBytes message, int field, String... namesAndValues) {
    int all = message.written();
    for (int i = namesAndValues.length - 2; i >= 0; i -= 2) {
      int one = message.written();
      message
          .bytes(HeaderValue.RAW_VALUE_FIELD_NUMBER, utf8(namesAndValues[i + 1]))
          .text(HeaderValue.KEY_FIELD_NUMBER, namesAndValues[i])
          .enclose(HeaderMap.HEADERS_FIELD_NUMBER, one);
    }
    return message.enclose(HttpHeaders.HEADERS_FIELD_NUMBER, all).enclose(field, all).toBytes();
  }

  private static byte[] body(int field, String text, boolean isLast) {
    byte[] body = utf8(text);
    MessageBytes message = withMetadata(body.length + 64);
    int mark = message.written();
    if (isLast) {
      message.isTrue(HttpBody.END_OF_STREAM_FIELD_NUMBER);
    }
    return message.bytes(HttpBody.BODY_FIELD_NUMBER, body).enclose(field, mark).toBytes();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
