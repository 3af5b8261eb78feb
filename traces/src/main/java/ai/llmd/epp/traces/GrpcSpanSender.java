package ai.llmd.epp.traces;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends OTLP over the gRPC that the picker has anyway; the SDK's own senders would bring another
 * HTTP stack. Any thread.
 */
final class GrpcSpanSender implements GrpcSender {

  private final ManagedChannel channel;
  private final GrpcSenderConfig config;
  private final MethodDescriptor<MessageWriter, byte[]> method;

  GrpcSpanSender(ManagedChannel channel, GrpcSenderConfig config) {
    this.channel = channel;
    this.config = config;
    this.method =
        MethodDescriptor.<MessageWriter, byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(config.getFullMethodName())
            .setRequestMarshaller(new Requests())
            .setResponseMarshaller(new Responses())
            .build();
  }

  @Override
  public void send(
      MessageWriter message, Consumer<GrpcResponse> onResponse, Consumer<Throwable> onError) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(config.getTimeout().toNanos(), TimeUnit.NANOSECONDS);
    if (config.getCompressor() != null) {
      options = options.withCompression(config.getCompressor().getEncoding());
    }
    ClientCall<MessageWriter, byte[]> call = channel.newCall(method, options);
    call.start(new Listener(onResponse, onError), headers());
    call.request(1);
    call.sendMessage(message);
    call.halfClose();
  }

  private Metadata headers() {
    Metadata metadata = new Metadata();
    Map<String, List<String>> headers = config.getHeadersSupplier().get();
    if (headers != null) {
      headers.forEach(
          (name, values) -> {
            var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
            values.forEach(value -> metadata.put(key, value));
          });
    }
    return metadata;
  }

  @Override
  public CompletableResultCode shutdown() {
    channel.shutdownNow();
    return CompletableResultCode.ofSuccess();
  }

  private static final class Listener extends ClientCall.Listener<byte[]> {

    private final Consumer<GrpcResponse> onResponse;
    private final Consumer<Throwable> onError;
    private byte[] answer = {};

    Listener(Consumer<GrpcResponse> onResponse, Consumer<Throwable> onError) {
      this.onResponse = onResponse;
      this.onError = onError;
    }

    @Override
    public void onMessage(byte[] message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk()) {
        onResponse.accept(new Response(GrpcStatusCode.OK, "", answer));
      } else {
        onError.accept(status.asRuntimeException()); // of a response, the SDK hides the reason
      }
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // read once, by the exporter
  private record Response(
      GrpcStatusCode getStatusCode, String getStatusDescription, byte[] getResponseMessage)
      implements GrpcResponse {}

  private static final class Requests implements MethodDescriptor.Marshaller<MessageWriter> {

    @Override
    public InputStream stream(MessageWriter message) {
      var bytes = new ByteArrayOutputStream(Math.max(0, message.getContentLength()));
      try {
        message.writeMessage(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException("spans cannot be encoded", e);
      }
      return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Override
    public MessageWriter parse(InputStream stream) {
      throw new UnsupportedOperationException("only a collector receives spans");
    }
  }

  private static final class Responses implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("the collector's answer cannot be read", e);
      }
    }
  }
}
