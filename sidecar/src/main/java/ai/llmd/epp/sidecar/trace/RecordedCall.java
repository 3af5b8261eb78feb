package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.traces.TraceParent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** A request whose spans are recorded: names and attributes are the reference's. */
final class RecordedCall implements CallTrace {

  private static final String PROXY = "llm_d.pd_proxy.";
  private static final String REQUEST_ID = "x-request-id";
  private static final int MAX_NAME = 256;
  private static final int SERVER_ERROR = 500;

  private final Tracer tracer;
  private final ConnectorNames names;
  private final Span request;
  private final long startNanos;
  private volatile @Nullable Span forward;
  private volatile @Nullable RecordedStage decode; // the last one
  private volatile long prefillNanos = -1; // of a stage that has ended

  private RecordedCall(Tracer tracer, ConnectorNames names, Span request, long startNanos) {
    this.tracer = tracer;
    this.names = names;
    this.request = request;
    this.startNanos = startNanos;
  }

  /** On the exchange's loop; ends with the exchange. */
  static RecordedCall begin(
      Tracer tracer, ConnectorNames names, @Nullable TraceParent parent, Exchange exchange) {
    HttpRequest head = exchange.request();
    HttpHeaders headers = head.headers();
    String path = path(head.uri());
    String name = PROXY + head.method().name() + ' ' + path;
    SpanBuilder span =
        tracer
            .spanBuilder(name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME))
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent == null ? Context.root() : Context.root().with(remote(parent)))
            .setAttribute("http.request.method", head.method().name())
            .setAttribute("url.path", path)
            .setAttribute("network.protocol.name", "http")
            .setAttribute("client.address", exchange.clientAddress());
    put(span, "server.address", headers.get(HttpHeaderNames.HOST));
    put(span, "user_agent.original", headers.get(HttpHeaderNames.USER_AGENT));
    RecordedCall call = new RecordedCall(tracer, names, span.startSpan(), exchange.startNanos());
    exchange.whenEnded(call::ended);
    return call;
  }

  private static void put(SpanBuilder span, String name, @Nullable String value) {
    if (value != null) {
      span.setAttribute(name, value);
    }
  }

  private static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  private static Span remote(TraceParent parent) {
    return Span.wrap(
        SpanContext.createFromRemoteParent(
            parent.traceId(), parent.spanId(), TraceFlags.getSampled(), TraceState.getDefault()));
  }

  static void handOn(Span span, HttpHeaders headers) {
    SpanContext own = span.getSpanContext();
    headers.set(
        TraceParent.HEADER, new TraceParent(own.getTraceId(), own.getSpanId(), true).header());
  }

  private Span current() {
    Span inner = forward;
    return inner == null ? request : inner;
  }

  private SpanBuilder within(String name) {
    return tracer
        .spanBuilder(name)
        .setSpanKind(SpanKind.INTERNAL)
        .setParent(Context.root().with(current()));
  }

  private SpanBuilder stage(String name) {
    return within(names.hasLongNames() ? PROXY + name : name);
  }

  @Override
  public boolean isRecorded() {
    return true;
  }

  @Override
  public void forwarding(String api, String path) {
    forward =
        within("forward_request")
            .setSpanKind(SpanKind.SERVER)
            .setAttribute(PROXY + "connector", names.kv())
            .setAttribute(PROXY + "kv_connector", names.kv())
            .setAttribute(PROXY + "ec_connector", names.ec())
            .setAttribute(PROXY + "request_path", path)
            .setAttribute("llm_d.openai.api", api)
            .startSpan();
  }

  @Override
  public void note(String name, String value) {
    current().setAttribute(name, value);
  }

  @Override
  public void note(String name, long value) {
    current().setAttribute(name, value);
  }

  @Override
  public void note(String name, boolean value) {
    current().setAttribute(name, value);
  }

  @Override
  public void handOn(HttpHeaders headers) {
    handOn(current(), headers);
  }

  @Override
  public StageSpan encode(int items) {
    Span span = within("encode").setAttribute("llm_d.ec_proxy.encode.items", items).startSpan();
    return new RecordedStage(span, "llm_d.ec_proxy.encode.", nanos -> {});
  }

  @Override
  public StageSpan prefill(String target, HttpHeaders headers, boolean isAsync) {
    SpanBuilder span =
        stage("prefill")
            .setAttribute(PROXY + "prefill_target", target)
            .setAttribute(PROXY + "connector", names.kv())
            .setAttribute(PROXY + "prefill.async", isAsync);
    put(span, PROXY + "request_id", lastValue(headers));
    RecordedStage stage =
        new RecordedStage(
            span.startSpan(),
            PROXY + "prefill.",
            nanos -> prefillNanos = Math.max(0, prefillNanos) + nanos);
    stage.handOn(headers);
    return stage;
  }

  /** Of several, the one that was made here. */
  private static @Nullable String lastValue(HttpHeaders headers) {
    var values = headers.getAll(REQUEST_ID);
    return values.isEmpty() ? null : values.getLast();
  }

  @Override
  public StageSpan decode(String target, boolean isStreaming, boolean isOfRank) {
    Span span =
        stage("decode")
            .setAttribute(PROXY + "decode.target", target)
            .setAttribute(PROXY + "decode.streaming", isStreaming)
            .setAttribute(PROXY + "decode.data_parallel", isOfRank)
            .setAttribute(PROXY + "decode.concurrent_with_prefill", names.isConcurrent())
            .setAttribute(PROXY + "concurrent_pd", names.isConcurrent())
            .setAttribute(PROXY + "parallel_dispatch", names.isParallel())
            .startSpan();
    RecordedStage stage =
        new RecordedStage(span, PROXY + "decode.", nanos -> addTimes(span, nanos));
    span.setAttribute(
        PROXY + "true_ttft_ms", RecordedStage.millis(stage.startNanos() - startNanos));
    decode = stage;
    return stage;
  }

  /** What the stages took of the request's time, and what was left between them. */
  private void addTimes(Span span, long decodeNanos) {
    long total = System.nanoTime() - startNanos;
    span.setAttribute(PROXY + "total_duration_ms", RecordedStage.millis(total));
    span.setAttribute(PROXY + "decode_duration_ms", RecordedStage.millis(decodeNanos));
    long prefill = prefillNanos;
    if (prefill >= 0) {
      span.setAttribute(PROXY + "prefill_duration_ms", RecordedStage.millis(prefill));
    }
    if (!names.isConcurrent()) {
      long between = total - decodeNanos - Math.max(0, prefill);
      span.setAttribute(PROXY + "coordinator_overhead_ms", RecordedStage.millis(between));
    }
  }

  @Override
  public StageSpan chunkedDecode(int size, boolean isStreaming) {
    Span span =
        within("chunked_decode")
            .setAttribute(PROXY + "chunked_decode.chunk_size", size)
            .setAttribute(PROXY + "chunked_decode.streaming", isStreaming)
            .startSpan();
    RecordedStage stage = new RecordedStage(span, PROXY + "chunked_decode.", nanos -> {});
    decode = stage;
    return stage;
  }

  private void ended(Exchange exchange, boolean isComplete) {
    RecordedStage answering = decode;
    if (answering != null && isComplete) {
      answering.answered(exchange.status());
    } else if (answering != null) {
      answering.failed("broken off");
    }
    Span inner = forward;
    if (inner != null) {
      status(inner, exchange.status(), isComplete);
      inner.end();
    }
    request.setAttribute("http.response.status_code", exchange.status());
    request.setAttribute("http.response.body.size", exchange.answerBytes());
    status(request, exchange.status(), isComplete);
    request.end();
  }

  /** Of servers' spans, a client's error is none. */
  private static void status(Span span, int status, boolean isComplete) {
    if (!isComplete) {
      span.setStatus(StatusCode.ERROR, "broken off");
    } else if (status >= SERVER_ERROR) {
      span.setStatus(StatusCode.ERROR, "status " + status);
    }
  }
}
