package ai.llmd.epp.traces.otlp;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Sends OTLP over the gRPC that the picker has anyway. */
final class GrpcSender implements SpanSender {

  private static final int HTTPS = 443;
  private static final int HTTP = 80;
  private static final MethodDescriptor<byte[], Boolean> EXPORT =
      MethodDescriptor.<byte[], Boolean>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("opentelemetry.proto.collector.trace.v1.TraceService/Export")
          .setRequestMarshaller(new Requests())
          .setResponseMarshaller(new Responses())
          .build();

  private final ManagedChannel channel;
  private final Collector collector;

  private GrpcSender(ManagedChannel channel, Collector collector) {
    this.channel = channel;
    this.collector = collector;
  }

  static GrpcSender to(Collector collector) {
    URI endpoint = collector.endpoint();
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : collector.isSecure() ? HTTPS : HTTP;
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.getHost(), port)
            .directExecutor() // what is done with an answer takes no time
            .defaultServiceConfig(retries())
            .enableRetry();
    if (!collector.isSecure()) {
      builder.usePlaintext();
    } else if (collector.tls() != null) {
      builder.sslContext(collector.tls());
    }
    return new GrpcSender(builder.build(), collector);
  }

  /** What the OTLP specification has a client try again, as a gRPC service configuration. */
  private static Map<String, ?> retries() {
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of()),
                "retryPolicy",
                Map.of(
                    "maxAttempts", (double) Retries.MAX_ATTEMPTS,
                    "initialBackoff", seconds(Retries.FIRST_PAUSE),
                    "maxBackoff", seconds(Retries.MAX_PAUSE),
                    "backoffMultiplier", Retries.GROWTH,
                    "retryableStatusCodes",
                        List.of(
                            "CANCELLED",
                            "DEADLINE_EXCEEDED",
                            "RESOURCE_EXHAUSTED",
                            "ABORTED",
                            "OUT_OF_RANGE",
                            "UNAVAILABLE",
                            "DATA_LOSS")))));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3fs", duration.toMillis() / 1e3);
  }

  @Override
  public void send(byte[] request) throws IOException, InterruptedException {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(collector.timeout().toNanos(), TimeUnit.NANOSECONDS);
    if (collector.isCompressed()) {
      options = options.withCompression("gzip");
    }
    ClientCall<byte[], Boolean> call = channel.newCall(EXPORT, options);
    Answer answer = new Answer();
    call.start(answer, headers());
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    try {
      answer.taken.get(); // the deadline ends it at the latest
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      call.cancel("the program ends", e);
      throw e;
    }
  }

  private Metadata headers() {
    Metadata metadata = new Metadata();
    collector
        .headers()
        .forEach(
            (name, value) ->
                metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return metadata;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Answer extends ClientCall.Listener<Boolean> {

    private final CompletableFuture<Boolean> taken = new CompletableFuture<>();

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk()) {
        taken.complete(true);
      } else {
        taken.completeExceptionally(status.asRuntimeException());
      }
    }
  }

  private static final class Requests implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] request) {
      return new ByteArrayInputStream(request);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("only a collector receives spans");
    }
  }

  /** What a collector answers is not looked at. */
  private static final class Responses implements MethodDescriptor.Marshaller<Boolean> {

    @Override
    public InputStream stream(Boolean taken) {
      throw new UnsupportedOperationException("only a collector answers");
    }

    @Override
    public Boolean parse(InputStream stream) {
      return true;
    }
  }
}
