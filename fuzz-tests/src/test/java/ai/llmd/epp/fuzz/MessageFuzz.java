package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest.Kind;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The marshaller of Envoy's messages against the generated classes. */
public final class MessageFuzz {

  private static final ExtProcRequestMarshaller MARSHALLER = new ExtProcRequestMarshaller();

  private MessageFuzz() {}

  private static final class Known extends ByteArrayInputStream implements KnownLength {

    Known(byte[] bytes) {
      super(bytes);
    }
  }

  public static void fuzzerTestOneInput(byte[] data) {
    ExtProcRequest known = MARSHALLER.parse(new Known(data));
    ExtProcRequest streamed = MARSHALLER.parse(new ByteArrayInputStream(data));
    require(known, streamed);
    ProcessingRequest expected = parsed(data);
    if (expected == null) {
      return; // of texts that are not UTF-8 the generated classes are stricter
    }
    JsonFuzz.require(known.kind() != Kind.MALFORMED, "refused, and the generated class reads it");
    if (expected.toByteString().equals(ByteString.copyFrom(data))) { // nothing is there twice
      compare(known, expected);
    }
  }

  private static void require(ExtProcRequest known, ExtProcRequest streamed) {
    JsonFuzz.require(
        known.kind() == streamed.kind()
            && known.body().equals(streamed.body())
            && known.endsStream() == streamed.endsStream()
            && known.headers().size() == streamed.headers().size(),
        "depends on how the message comes: " + known.kind() + ", " + streamed.kind());
  }

  private static @Nullable ProcessingRequest parsed(byte[] data) {
    try {
      return ProcessingRequest.parseFrom(data);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static void compare(ExtProcRequest read, ProcessingRequest expected) {
    switch (expected.getRequestCase()) {
      case REQUEST_HEADERS -> headers(read, Kind.REQUEST_HEADERS, expected.getRequestHeaders());
      case RESPONSE_HEADERS -> headers(read, Kind.RESPONSE_HEADERS, expected.getResponseHeaders());
      case REQUEST_BODY -> body(read, Kind.REQUEST_BODY, expected.getRequestBody());
      case RESPONSE_BODY -> body(read, Kind.RESPONSE_BODY, expected.getResponseBody());
      case REQUEST_TRAILERS ->
          JsonFuzz.require(read.kind() == Kind.REQUEST_TRAILERS, "not " + read.kind());
      case RESPONSE_TRAILERS ->
          JsonFuzz.require(read.kind() == Kind.RESPONSE_TRAILERS, "not " + read.kind());
      case REQUEST_NOT_SET -> JsonFuzz.require(read.kind() == Kind.NOTHING, "not " + read.kind());
    }
    JsonFuzz.require(read.metadata().equals(expected.getMetadataContext()), "other metadata");
  }

  private static void headers(ExtProcRequest read, Kind kind, HttpHeaders expected) {
    JsonFuzz.require(
        read.kind() == kind && read.endsStream() == expected.getEndOfStream(), "other headers");
    HeaderLines lines = read.headers();
    List<HeaderValue> values = expected.getHeaders().getHeadersList();
    JsonFuzz.require(lines.size() == values.size(), "another number of headers");
    for (int i = 0; i < values.size(); i++) {
      HeaderValue value = values.get(i);
      ByteString text = value.getRawValue().isEmpty() ? value.getValueBytes() : value.getRawValue();
      JsonFuzz.require(lines.name(i).equals(value.getKey()), "another name: " + lines.name(i));
      if (text.isValidUtf8()) {
        JsonFuzz.require(lines.text(i).equals(text.toStringUtf8()), "another value");
      }
    }
  }

  private static void body(ExtProcRequest read, Kind kind, HttpBody expected) {
    JsonFuzz.require(
        read.kind() == kind
            && read.endsStream() == expected.getEndOfStream()
            && read.body().equals(expected.getBody()),
        "another body");
  }

  private static HeaderValue header(String name, String value) {
    return HeaderValue.newBuilder()
        .setKey(name)
        .setRawValue(ByteString.copyFromUtf8(value))
        .build();
  }

  static List<byte[]> seeds() {
    HttpHeaders headers =
        HttpHeaders.newBuilder()
            .setHeaders(
                HeaderMap.newBuilder()
                    .addHeaders(header(":path", "/v1/completions"))
                    .addHeaders(header("x-request-id", "größer"))
                    .addHeaders(HeaderValue.newBuilder().setKey("old").setValue("value")))
            .build();
    HttpBody body =
        HttpBody.newBuilder()
            .setBody(ByteString.copyFromUtf8("{\"model\":\"m\",\"prompt\":\"hello\"}"))
            .setEndOfStream(true)
            .build();
    return Stream.of(
            ProcessingRequest.newBuilder().setRequestHeaders(headers).build(),
            ProcessingRequest.newBuilder()
                .setResponseHeaders(headers.toBuilder().setEndOfStream(true))
                .build(),
            ProcessingRequest.newBuilder().setRequestBody(body).build(),
            ProcessingRequest.newBuilder().setResponseBody(body).build(),
            ProcessingRequest.getDefaultInstance())
        .map(ProcessingRequest::toByteArray)
        .toList();
  }
}
