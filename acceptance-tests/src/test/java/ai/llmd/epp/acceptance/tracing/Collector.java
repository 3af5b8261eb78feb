package ai.llmd.epp.acceptance.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Receives spans over OTLP, by gRPC and by HTTP, on free ports. */
final class Collector implements AutoCloseable {

  private static final String SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";

  private final Queue<ExportTraceServiceRequest> requests = new ConcurrentLinkedQueue<>();
  private final Queue<String> tokens = new ConcurrentLinkedQueue<>();
  private final CountDownLatch answers;
  private final Server grpc;
  private final HttpServer http;

  private Collector(boolean hangs) {
    answers = new CountDownLatch(hangs ? 1 : 0);
    try {
      grpc =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(ServerInterceptors.intercept(service(), new Tokens()))
              .build()
              .start();
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.createContext("/v1/traces", this::receive);
    http.start();
  }

  static Collector start() {
    return new Collector(false);
  }

  /** Takes requests and answers none of them. */
  static Collector hanging() {
    return new Collector(true);
  }

  private ServerServiceDefinition service() {
    var method =
        MethodDescriptor.<ExportTraceServiceRequest, ExportTraceServiceResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(SERVICE + "/Export")
            .setRequestMarshaller(
                ProtoUtils.marshaller(ExportTraceServiceRequest.getDefaultInstance()))
            .setResponseMarshaller(
                ProtoUtils.marshaller(ExportTraceServiceResponse.getDefaultInstance()))
            .build();
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(
            method,
            ServerCalls.asyncUnaryCall(
                (request, observer) -> {
                  requests.add(request);
                  if (answers.getCount() == 0) {
                    observer.onNext(ExportTraceServiceResponse.getDefaultInstance());
                    observer.onCompleted();
                  }
                }))
        .build();
  }

  private final class Tokens implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String token = headers.get(Metadata.Key.of("api-key", Metadata.ASCII_STRING_MARSHALLER));
      tokens.add(String.valueOf(token));
      return next.startCall(call, headers);
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean isCompressed =
          "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("api-key")));
      InputStream body = exchange.getRequestBody();
      requests.add(
          ExportTraceServiceRequest.parseFrom(isCompressed ? new GZIPInputStream(body) : body));
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  /** The environment of a picker that exports every trace to it. */
  Map<String, String> byGrpc() {
    return Map.of(
        "OTEL_TRACES_EXPORTER", "otlp",
        "OTEL_TRACES_SAMPLER_ARG", "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + grpc.getPort(),
        "OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20secret",
        "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  /** The same over HTTP, compressed. */
  Map<String, String> byHttp() {
    return Map.of(
        "OTEL_TRACES_EXPORTER", "otlp",
        "OTEL_TRACES_SAMPLER_ARG", "1",
        "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
        "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + http.getAddress().getPort(),
        "OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20secret",
        "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  /** What came in the header {@code api-key}. */
  List<String> tokens() {
    return List.copyOf(tokens);
  }

  List<ExportTraceServiceRequest> requests() {
    return List.copyOf(requests);
  }

  List<Span> spans() {
    return requests.stream()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** Waits for the span of a whole request, which ends last. */
  Span awaitRequest() {
    await().until(() -> named("gateway.request").findAny().isPresent());
    return named("gateway.request").findAny().orElseThrow();
  }

  /** Waits for all spans of a request. */
  List<Span> awaitSpans() {
    Span last = awaitRequest();
    assertThat(spans()).contains(last);
    return spans();
  }

  Stream<Span> named(String name) {
    return spans().stream().filter(span -> span.getName().equals(name));
  }

  @Override
  public void close() {
    answers.countDown();
    grpc.shutdownNow();
    http.stop(0);
  }
}
