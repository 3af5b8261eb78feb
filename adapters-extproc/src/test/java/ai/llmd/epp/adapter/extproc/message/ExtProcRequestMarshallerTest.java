package ai.llmd.epp.adapter.extproc.message;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest.Kind;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.sun.management.ThreadMXBean;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.zip.ZipException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What is read by hand is what the generated classes read. */
class ExtProcRequestMarshallerTest {

  private static final ExtProcRequestMarshaller MARSHALLER = new ExtProcRequestMarshaller();

  private static final class Known extends ByteArrayInputStream implements KnownLength {

    Known(byte[] bytes) {
      super(bytes);
    }
  }

  private static ExtProcRequest read(ProcessingRequest message) {
    ExtProcRequest read = MARSHALLER.parse(new Known(message.toByteArray()));
    ExtProcRequest packed = MARSHALLER.parse(new ByteArrayInputStream(message.toByteArray()));
    assertThat(packed.body()).isEqualTo(read.body());
    assertThat(packed.kind()).isEqualTo(read.kind());
    assertThat(packed.endsStream()).isEqualTo(read.endsStream());
    return read;
  }

  private static ByteString bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  @RepeatedTest(500)
  void readsPiecesOfBodies(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    ByteString piece = bytes(random, random.nextInt(1 << random.nextInt(1, 19)));
    HttpBody body =
        HttpBody.newBuilder().setBody(piece).setEndOfStream(random.nextBoolean()).build();
    boolean isRequest = random.nextBoolean();
    ProcessingRequest.Builder message = ProcessingRequest.newBuilder();
    Metadata metadata =
        Metadata.newBuilder().putFilterMetadata("n", Struct.getDefaultInstance()).build();
    if (random.nextInt(4) == 0) {
      message.setMetadataContext(metadata);
    }

    ExtProcRequest read =
        read((isRequest ? message.setRequestBody(body) : message.setResponseBody(body)).build());

    assertThat(read.kind()).isEqualTo(isRequest ? Kind.REQUEST_BODY : Kind.RESPONSE_BODY);
    assertThat(read.body()).isEqualTo(piece);
    assertThat(read.endsStream()).isEqualTo(body.getEndOfStream());
    assertThat(read.metadata()).isEqualTo(message.getMetadataContext());
  }

  /** Envoy adds metadata to every message, so that this is how each body comes. */
  @Test
  void copiesABodyOnceThoughMetadataFollows() {
    int bodyBytes = 1 << 22;
    ProcessingRequest message =
        ProcessingRequest.newBuilder()
            .setRequestBody(
                HttpBody.newBuilder()
                    .setBody(ByteString.copyFrom(new byte[bodyBytes]))
                    .setEndOfStream(true))
            .setMetadataContext(
                Metadata.newBuilder().putFilterMetadata("envoy.lb", Struct.getDefaultInstance()))
            .build();
    Known stream = new Known(message.toByteArray());
    var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();

    ExtProcRequest read = MARSHALLER.parse(stream);

    long allocated = thread.getCurrentThreadAllocatedBytes() - before;
    assertThat(read.body().size()).isEqualTo(bodyBytes);
    assertThat(allocated).isBetween((long) bodyBytes, bodyBytes * 3L / 2);
  }

  @RepeatedTest(200)
  void readsHeaders(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    HeaderMap.Builder map = HeaderMap.newBuilder();
    int count = random.nextInt(40);
    for (int i = 0; i < count; i++) {
      HeaderValue.Builder header = HeaderValue.newBuilder().setKey("Name-" + i + "é");
      map.addHeaders(
          random.nextBoolean()
              ? header.setValue("text " + i + " ü")
              : header.setRawValue(ByteString.copyFromUtf8("raw " + i + " ü")));
    }
    boolean endsStream = random.nextBoolean();
    ProtocolConfiguration protocol =
        ProtocolConfiguration.newBuilder().setRequestBodyMode(BodySendMode.BUFFERED).build();

    ExtProcRequest read =
        read(
            ProcessingRequest.newBuilder()
                .setRequestHeaders(
                    HttpHeaders.newBuilder().setHeaders(map).setEndOfStream(endsStream))
                .setProtocolConfig(protocol)
                .build());

    assertThat(read.kind()).isEqualTo(Kind.REQUEST_HEADERS);
    assertThat(read.endsStream()).isEqualTo(endsStream);
    assertThat(read.protocol()).isEqualTo(protocol);
    assertThat(read.headers().size()).isEqualTo(count);
    for (int i = 0; i < count; i++) {
      HeaderValue header = map.getHeaders(i);
      assertThat(read.headers().name(i)).isEqualTo(header.getKey());
      assertThat(read.headers().text(i))
          .isEqualTo(header.getValue() + header.getRawValue().toStringUtf8());
    }
  }

  @Test
  void aMessageThatBringsNothingIsNothing() {
    assertThat(read(ProcessingRequest.getDefaultInstance()).kind()).isEqualTo(Kind.NOTHING);
  }

  @RepeatedTest(300)
  void whatIsBrokenIsAMessageAllTheSame(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    byte[] message =
        ProcessingRequest.newBuilder()
            .setRequestBody(HttpBody.newBuilder().setBody(bytes(random, 40)).setEndOfStream(true))
            .build()
            .toByteArray();
    for (int i = 0; i < 3; i++) {
      message[random.nextInt(random.nextBoolean() ? 4 : message.length)] = (byte) random.nextInt();
    }
    assertThat(MARSHALLER.parse(new Known(message)).kind()).isIn((Object[]) Kind.values());
    assertThat(MARSHALLER.parse(new ByteArrayInputStream(message)).kind())
        .isIn((Object[]) Kind.values());
  }

  @Test
  void aCompressedMessageThatIsBrokenIsMalformed() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new ZipException("invalid block type");
          }

          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            return read();
          }
        };
    assertThat(MARSHALLER.parse(broken).kind()).isEqualTo(Kind.MALFORMED);
  }

  @Test
  void aMessageThatIsCutOffIsMalformed() {
    byte[] message = {ProcessingRequest.REQUEST_BODY_FIELD_NUMBER << 3 | 2, 100, 1};
    assertThat(MARSHALLER.parse(new Known(message)).kind()).isEqualTo(Kind.MALFORMED);
  }
}
