package ai.llmd.epp.sidecar.route;

import ai.llmd.epp.sidecar.connector.Calls;
import ai.llmd.epp.sidecar.connector.Connectors;
import ai.llmd.epp.sidecar.connector.Decoder;
import ai.llmd.epp.sidecar.edge.BodyTooLongException;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.edge.RequestHandler;
import ai.llmd.epp.sidecar.leg.Api;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.HostPort;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.proxy.ForwardedHeaders;
import ai.llmd.epp.sidecar.proxy.PlainProxy;
import ai.llmd.epp.sidecar.trace.CallTrace;
import ai.llmd.epp.sidecar.trace.SidecarTracer;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Sends each request its way: prompts through the stages that the picker chose, everything else to
 * the model server as it is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what answers cannot fail
public final class Routes implements RequestHandler {

  /** Bytes of a prompt that has to be held, at most. */
  static final int MAX_BODY = 128 << 20;

  private static final byte[] NOTHING = {};

  private final PlainProxy proxy;
  private final Connectors connectors;
  private final Decoder decoder;
  private final AllowedHosts allowed;
  private final boolean isSampled;
  private final boolean usesSources;
  private final SidecarTracer tracer;

  /**
   * Of one rank.
   *
   * @param isSampled whether one of several prefill servers is drawn; else it is the first
   * @param usesSources whether engines fetch what others have cached
   */
  public Routes(
      PlainProxy proxy,
      Connectors connectors,
      Decoder decoder,
      AllowedHosts allowed,
      boolean isSampled,
      boolean usesSources,
      SidecarTracer tracer) {
    this.proxy = proxy;
    this.connectors = connectors;
    this.decoder = decoder;
    this.allowed = allowed;
    this.isSampled = isSampled;
    this.usesSources = usesSources;
    this.tracer = tracer;
  }

  @Override
  public void handle(Exchange exchange) {
    String path = Call.pathOf(exchange.request().uri());
    HttpMethod method = exchange.request().method();
    if (path.equals("/health")
        && (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
      exchange.answer(empty(HttpResponseStatus.OK), NOTHING);
      return;
    }
    HttpHeaders headers = ForwardedHeaders.ofRequest(exchange);
    CallTrace trace = tracer.begin(exchange);
    Api api = method.equals(HttpMethod.POST) ? Api.of(path) : null;
    if (api == null) {
      trace.handOn(headers);
      proxy.forward(exchange, headers, decoder.target());
    } else {
      trace.forwarding(api.kind(), path);
      generate(exchange, headers, api, path, trace);
    }
  }

  private static HttpResponse empty(HttpResponseStatus status) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    return head;
  }

  private void generate(
      Exchange exchange, HttpHeaders headers, Api api, String path, CallTrace trace) {
    PickedServers picked = PickedServers.takeFrom(headers, isSampled);
    String prefill = picked.prefill();
    if (prefill != null && !allowed.isAllowed(HostPort.host(prefill))) {
      trace.note("llm_d.pd_proxy.error", "ssrf_protection_denied");
      trace.note("llm_d.pd_proxy.denied_target", prefill);
      ErrorAnswer.plain(403, "Forbidden: prefill target not allowed by SSRF protection\n")
          .to(exchange);
      return;
    }
    PickedServers servers = picked.allowedBy(allowed, usesSources);
    boolean isEncoded = connectors.hasEncoders() && !servers.encoders().isEmpty();
    boolean isChosen = decoder.isChosen(headers);
    if (trace.isRecorded()) {
      note(trace, picked, servers, isEncoded);
    }
    CallStart start = new CallStart(exchange, headers, api, prefill, trace);
    if (isEncoded) {
      start.with(null, call -> connectors.encodeAndServe(call, servers.encoders()));
    } else if (prefill != null) {
      start.with(servers.source(), connectors::serve);
    } else if (!isChosen && connectors.isDecodeOfItsOwn(servers.source(), path)) {
      start.with(servers.source(), connectors::decodeOnly);
    } else {
      trace.handOn(headers);
      forward(exchange, headers, isChosen);
    }
  }

  private static void note(
      CallTrace trace, PickedServers picked, PickedServers servers, boolean isEncoded) {
    String prefill = picked.prefill();
    trace.note("llm_d.pd_proxy.disaggregation_used", prefill != null);
    if (prefill == null) {
      trace.note("llm_d.pd_proxy.reason", "no_prefill_header");
    } else {
      trace.note("llm_d.pd_proxy.prefill_target", prefill);
      trace.note("llm_d.pd_proxy.prefill_candidates", picked.prefillCandidates());
    }
    String source = servers.source();
    if (source != null) {
      trace.note("llm_d.pd_proxy.kv_cache_source", source);
    }
    trace.note("llm_d.ec_proxy.encode_disaggregation_used", isEncoded);
    if (isEncoded) {
      trace.note("llm_d.ec_proxy.encoder_candidates", picked.encoders().size());
      trace.note("llm_d.ec_proxy.encoder_allowed", servers.encoders().size());
      trace.note("llm_d.ec_proxy.encoder_count", servers.encoders().size());
    }
  }

  private void forward(Exchange exchange, HttpHeaders headers, boolean isChosen) {
    Target target = isChosen ? decoder.chosen(headers) : decoder.target();
    if (target == null) {
      exchange.answer(empty(HttpResponseStatus.BAD_REQUEST), NOTHING);
    } else {
      proxy.forward(exchange, headers, target);
    }
  }

  /** A call whose body has to be read before it begins. */
  private record CallStart(
      Exchange exchange, HttpHeaders headers, Api api, @Nullable String prefill, CallTrace trace) {

    void with(@Nullable String source, Calls.Work work) {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
      exchange
          .receiveAll(MAX_BODY)
          .whenComplete(
              (body, failure) -> {
                if (failure instanceof BodyTooLongException tooLong) {
                  refusal(tooLong).to(exchange);
                } else if (failure == null) {
                  Calls.run(new Call(exchange, headers, body, api, prefill, source, trace), work);
                }
              });
    }
  }

  private static ErrorAnswer refusal(BodyTooLongException tooLong) {
    String why = String.valueOf(tooLong.getMessage());
    return tooLong.isForNow() ? ErrorAnswer.busy(why) : ErrorAnswer.tooLong(why);
  }
}
