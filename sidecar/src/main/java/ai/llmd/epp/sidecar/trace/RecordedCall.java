package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.traces.TraceParent;
import ai.llmd.epp.traces.span.SpanKind;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request whose spans are recorded: names and attributes are the reference's. */
final class RecordedCall implements CallTrace {

  private static final String PROXY = "llm_d.pd_proxy.";
  private static final String REQUEST_ID = "x-request-id";
  private static final int MAX_NAME = 256;
  private static final int SERVER_ERROR = 500;

  private final ConnectorNames names;
  private final LiveSpan request;
  private final long startNanos;
  private volatile @Nullable LiveSpan forward;
  private volatile @Nullable RecordedStage decode; // the last one
  private volatile long prefillNanos = -1; // of a stage that has ended

  private RecordedCall(ConnectorNames names, LiveSpan request, long startNanos) {
    this.names = names;
    this.request = request;
    this.startNanos = startNanos;
  }

  /** On the exchange's loop; ends with the exchange. */
  static RecordedCall begin(
      LiveSpan.Recording recording,
      ConnectorNames names,
      @Nullable TraceParent parent,
      Exchange exchange) {
    HttpRequest head = exchange.request();
    HttpHeaders headers = head.headers();
    String path = path(head.uri());
    String name = PROXY + head.method().name() + ' ' + path;
    LiveSpan span =
        LiveSpan.ofRequest(
                recording, name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME), parent)
            .with("http.request.method", head.method().name())
            .with("url.path", path)
            .with("network.protocol.name", "http")
            .with("client.address", exchange.clientAddress());
    put(span, "server.address", headers.get(HttpHeaderNames.HOST));
    put(span, "user_agent.original", headers.get(HttpHeaderNames.USER_AGENT));
    RecordedCall call = new RecordedCall(names, span, exchange.startNanos());
    exchange.whenEnded(call::ended);
    return call;
  }

  private static void put(LiveSpan span, String name, @Nullable String value) {
    if (value != null) {
      span.with(name, value);
    }
  }

  private static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  private LiveSpan current() {
    LiveSpan inner = forward;
    return inner == null ? request : inner;
  }

  private LiveSpan within(String name) {
    return current().within(name, SpanKind.INTERNAL);
  }

  private LiveSpan stage(String name) {
    return within(names.hasLongNames() ? PROXY + name : name);
  }

  @Override
  public boolean isRecorded() {
    return true;
  }

  @Override
  public void forwarding(String api, String path) {
    forward =
        current()
            .within("forward_request", SpanKind.SERVER)
            .with(PROXY + "connector", names.kv())
            .with(PROXY + "kv_connector", names.kv())
            .with(PROXY + "ec_connector", names.ec())
            .with(PROXY + "request_path", path)
            .with("llm_d.openai.api", api);
  }

  @Override
  public void note(String name, String value) {
    current().with(name, value);
  }

  @Override
  public void note(String name, long value) {
    current().with(name, value);
  }

  @Override
  public void note(String name, boolean value) {
    current().with(name, value);
  }

  @Override
  public void handOn(HttpHeaders headers) {
    headers.set(TraceParent.HEADER, current().header());
  }

  @Override
  public StageSpan encode(int items) {
    LiveSpan span = within("encode").with("llm_d.ec_proxy.encode.items", items);
    return new RecordedStage(span, "llm_d.ec_proxy.encode.", nanos -> {});
  }

  @Override
  public StageSpan prefill(String target, HttpHeaders headers, boolean isAsync) {
    LiveSpan span =
        stage("prefill")
            .with(PROXY + "prefill_target", target)
            .with(PROXY + "connector", names.kv())
            .with(PROXY + "prefill.async", isAsync);
    put(span, PROXY + "request_id", lastValue(headers));
    RecordedStage stage =
        new RecordedStage(
            span, PROXY + "prefill.", nanos -> prefillNanos = Math.max(0, prefillNanos) + nanos);
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
    LiveSpan span =
        stage("decode")
            .with(PROXY + "decode.target", target)
            .with(PROXY + "decode.streaming", isStreaming)
            .with(PROXY + "decode.data_parallel", isOfRank)
            .with(PROXY + "decode.concurrent_with_prefill", names.isConcurrent())
            .with(PROXY + "concurrent_pd", names.isConcurrent())
            .with(PROXY + "parallel_dispatch", names.isParallel());
    RecordedStage stage =
        new RecordedStage(span, PROXY + "decode.", nanos -> addTimes(span, nanos));
    span.with(PROXY + "true_ttft_ms", RecordedStage.millis(stage.startNanos() - startNanos));
    decode = stage;
    return stage;
  }

  /** What the stages took of the request's time, and what was left between them. */
  private void addTimes(LiveSpan span, long decodeNanos) {
    long total = System.nanoTime() - startNanos;
    span.with(PROXY + "total_duration_ms", RecordedStage.millis(total));
    span.with(PROXY + "decode_duration_ms", RecordedStage.millis(decodeNanos));
    long prefill = prefillNanos;
    if (prefill >= 0) {
      span.with(PROXY + "prefill_duration_ms", RecordedStage.millis(prefill));
    }
    if (!names.isConcurrent()) {
      long between = total - decodeNanos - Math.max(0, prefill);
      span.with(PROXY + "coordinator_overhead_ms", RecordedStage.millis(between));
    }
  }

  @Override
  public StageSpan chunkedDecode(int size, boolean isStreaming) {
    LiveSpan span =
        within("chunked_decode")
            .with(PROXY + "chunked_decode.chunk_size", size)
            .with(PROXY + "chunked_decode.streaming", isStreaming);
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
    LiveSpan inner = forward;
    if (inner != null) {
      status(inner, exchange.status(), isComplete);
      inner.end();
    }
    request.with("http.response.status_code", exchange.status());
    request.with("http.response.body.size", exchange.answerBytes());
    status(request, exchange.status(), isComplete);
    request.end();
  }

  /** Of servers' spans, a client's error is none. */
  private static void status(LiveSpan span, int status, boolean isComplete) {
    if (!isComplete) {
      span.failed("broken off");
    } else if (status >= SERVER_ERROR) {
      span.failed("status " + status);
    }
  }
}
