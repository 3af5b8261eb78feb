package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the headers of a new stream ask for. */
sealed interface Opening {

  AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  AsciiString ENCODING = AsciiString.cached("grpc-encoding");
  AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

  /** A timeout has eight digits at most. */
  int MAX_TIMEOUT_CHARS = 9;

  /**
   * A call.
   *
   * @param timeoutNanos less than 0 without one
   */
  record Call(
      int stream,
      ServerMethodDefinition<?, ?> method,
      Metadata headers,
      boolean isCompressed,
      long timeoutNanos)
      implements Opening {

    /** Begins it. */
    StreamCall<?, ?> begin(
        Connection connection,
        int sendWindow,
        TransportRules rules,
        ServerStreamTracer.Factory tracers) {
      return begin(method, connection, sendWindow, rules, tracers);
    }

    private <Q, A> StreamCall<Q, A> begin(
        ServerMethodDefinition<Q, A> definition,
        Connection connection,
        int sendWindow,
        TransportRules rules,
        ServerStreamTracer.Factory tracers) {
      String name = definition.getMethodDescriptor().getFullMethodName();
      StreamCall<Q, A> call =
          new StreamCall<>(
              connection,
              stream,
              definition.getMethodDescriptor(),
              tracers.newServerStreamTracer(name, headers),
              isCompressed,
              rules,
              sendWindow);
      connection.add(call);
      call.begin(definition, headers, timeoutNanos);
      return call;
    }
  }

  /** It breaks the rules of HTTP/2. */
  record Broken() implements Opening {}

  /**
   * It is no call that is served.
   *
   * @param answer writes the only headers of the answer
   */
  record Refused(Consumer<ByteBuf> answer) implements Opening {}

  /**
   * Reads the headers. Refusals repeat nothing of them: a byte of the peer's may stand for a
   * kilobyte.
   */
  static Opening of(HeaderBlocks.Block block, Host server) {
    Http2Headers headers = block.headers();
    if (headers == null) {
      return block.isTooLarge() ? new Refused(to -> HeaderText.refusal(to, 431)) : new Broken();
    }
    CharSequence path = headers.path();
    if (path == null || headers.method() == null || headers.scheme() == null) {
      return new Broken();
    }
    if (!AsciiString.contentEquals(headers.method(), "POST")) {
      return new Refused(to -> HeaderText.refusal(to, 405));
    }
    if (!isGrpc(headers.get(CONTENT_TYPE))) {
      return new Refused(to -> HeaderText.refusal(to, 415));
    }
    ServerMethodDefinition<?, ?> method = server.methods().at(path.toString());
    if (method == null) {
      return refused(Status.UNIMPLEMENTED.withDescription("Method not found"));
    }
    CharSequence encoding = headers.get(ENCODING);
    boolean isCompressed = encoding != null && AsciiString.contentEquals(encoding, "gzip");
    if (encoding != null && !isCompressed && !AsciiString.contentEquals(encoding, "identity")) {
      return refused(Status.UNIMPLEMENTED.withDescription("Can't find the decompressor"));
    }
    CharSequence timeout = headers.get(TIMEOUT);
    long timeoutNanos = timeout == null ? -1 : nanos(timeout);
    if (timeout != null && timeoutNanos < 0) {
      return refused(Status.INTERNAL.withDescription("malformed grpc-timeout"));
    }
    return new Call(block.stream(), method, metadata(headers), isCompressed, timeoutNanos);
  }

  private static Refused refused(Status status) {
    return new Refused(
        to -> {
          HeaderText.response(to, false, new Metadata());
          HeaderText.trailers(to, status, new Metadata());
        });
  }

  private static boolean isGrpc(@Nullable CharSequence contentType) {
    if (contentType == null) {
      return false;
    }
    String type = contentType.toString().toLowerCase(Locale.ROOT);
    return type.startsWith("application/grpc")
        && (type.length() == 16 || type.charAt(16) == '+' || type.charAt(16) == ';');
  }

  /** As gRPC writes it: digits and a unit. Less than 0 when it is not. */
  private static long nanos(CharSequence timeout) {
    int digits = timeout.length() - 1;
    if (digits < 1 || digits >= MAX_TIMEOUT_CHARS) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      char digit = timeout.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      value = value * 10 + digit - '0';
    }
    return switch (timeout.charAt(digits)) {
      case 'n' -> value;
      case 'u' -> value * 1_000;
      case 'm' -> value * 1_000_000;
      case 'S' -> value * 1_000_000_000;
      case 'M' -> value * 60 * 1_000_000_000;
      case 'H' -> Math.min(value, 1_000_000) * 3_600 * 1_000_000_000;
      default -> -1;
    };
  }

  /** Text only: nothing here reads another kind. */
  private static Metadata metadata(Http2Headers headers) {
    List<byte[]> all = new ArrayList<>(headers.size() * 2);
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      String name = header.getKey().toString();
      if (!name.startsWith(":") && !name.endsWith("-bin")) {
        all.add(name.getBytes(StandardCharsets.US_ASCII));
        all.add(header.getValue().toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
    return InternalMetadata.newMetadata(all.toArray(byte[][]::new));
  }
}
