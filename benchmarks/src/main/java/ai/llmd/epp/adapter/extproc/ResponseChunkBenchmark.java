package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.application.ResponseFollower;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.ExchangeObserver;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.benchmark.Routes;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.RoutingDecision;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.grpc.KnownLength;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One chunk of a streamed response: read, looked at for its usage, and answered. No network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ResponseChunkBenchmark {

  private static final byte[] CHUNK =
      ProcessingRequest.newBuilder()
          .setResponseBody(
              HttpBody.newBuilder()
                  .setBody(
                      ByteString.copyFromUtf8(
                          "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                              + "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                              + "\" token\"},\"finish_reason\":null}]}\n\n")))
          .build()
          .toByteArray();

  private final ExtProcRequestMarshaller incoming = new ExtProcRequestMarshaller();
  private final Sent sent = new Sent();
  private ExtProcStream stream = stream();

  @Setup
  public void begin() {
    stream = stream();
    stream.onNext(
        read(
            ProcessingRequest.newBuilder()
                .setRequestHeaders(headers(":path", "/v1/chat/completions"))
                .build()
                .toByteArray()));
    stream.onNext(
        read(
            ProcessingRequest.newBuilder()
                .setRequestBody(
                    HttpBody.newBuilder()
                        .setBody(
                            ByteString.copyFromUtf8(
                                "{\"model\":\"m\",\"stream\":true,\"messages\":[]}"))
                        .setEndOfStream(true))
                .build()
                .toByteArray()));
    stream.onNext(
        read(
            ProcessingRequest.newBuilder()
                .setResponseHeaders(headers("content-type", "text/event-stream"))
                .build()
                .toByteArray()));
  }

  @Benchmark
  public int chunk() {
    stream.onNext(read(CHUNK));
    return sent.bytes;
  }

  private ExtProcRequest read(byte[] message) {
    return incoming.parse(new Received(message));
  }

  private static HttpHeaders headers(String name, String value) {
    return HttpHeaders.newBuilder()
        .setHeaders(
            HeaderMap.newBuilder()
                .addHeaders(
                    HeaderValue.newBuilder()
                        .setKey(name)
                        .setRawValue(ByteString.copyFromUtf8(value))))
        .build();
  }

  private ExtProcStream stream() {
    Named<RequestParser> parser = new Named<>("openai-parser", "openai-parser", new OpenAiParser());
    ParserChoice choice = new ParserChoice(parser, false, null);
    ExtProcParts parts =
        new ExtProcParts(
            new ToOneEndpoint(),
            new ResponseFollower(),
            ExchangeObserver.NONE,
            RequestTracer.OFF,
            path -> choice,
            (served, asked) -> bytes -> bytes,
            () -> "generated",
            System::nanoTime,
            StreamLimits.DEFAULT,
            false,
            false,
            false);
    return new ExtProcStream(
        parts,
        new BufferedBytes(1L << 30),
        sent,
        new ExtProcStream.Threads(Runnable::run, Runnable::run),
        () -> {});
  }

  private static final class ToOneEndpoint implements RouteRequest {

    @Override
    public Routing route(ReceivedRequest request) {
      return new Routing.Decided(
          Routes.toOneEndpoint(new InferenceRequest(request, request.body().model(), 0, "f")));
    }

    @Override
    public boolean isSheddable(String objective) {
      return false;
    }

    @Override
    public RoutingDecision routeWithoutBody(
        String requestId, SubsetHint subset, StoredAnswers stored) {
      throw new UnsupportedOperationException("every request has a body");
    }
  }

  /** As gRPC hands a message over. */
  private static final class Received extends ByteArrayInputStream implements KnownLength {

    Received(byte[] message) {
      super(message);
    }
  }

  /** Takes answers as gRPC does: drained into a buffer. */
  private static final class Sent extends OutputStream implements StreamObserver<ExtProcResponse> {

    private final byte[] buffer = new byte[1 << 16];
    int bytes;

    @Override
    public void onNext(ExtProcResponse answer) {
      bytes = 0;
      try {
        answer.writeTo(this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void write(int value) {
      buffer[bytes++] = (byte) value;
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      System.arraycopy(from, offset, buffer, bytes, length);
      bytes += length;
    }

    @Override
    public void onError(Throwable cause) {
      throw new IllegalStateException(cause);
    }

    @Override
    public void onCompleted() {}
  }
}
