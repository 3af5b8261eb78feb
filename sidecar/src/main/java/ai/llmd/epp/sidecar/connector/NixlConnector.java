package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.body.JsonText;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.proxy.CachedTokens;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One after the other: the prefill server computes the prompt and one token, and says where its
 * blocks are; the decode server fetches them there. An error of the prefill server is the client's,
 * unless prompts may be computed in the pod.
 */
final class NixlConnector implements KvConnector {

  private static final Logger log = LoggerFactory.getLogger(NixlConnector.class);
  private static final String TRANSFER = "kv_transfer_params";
  private static final String REQUEST_ID = "x-request-id";

  private final Legs legs;
  private final Stages stages;
  private final Decoding decoding;
  private final RequestIds ids;
  private final Retries retries;
  private final LocalPrefill local;
  private final CacheSource source;
  private final MoriRanks ranks;
  private final boolean isWriting;

  /**
   * How often a prefill server that is busy is asked.
   *
   * @param max attempts after the first
   */
  record Retries(int max, Duration backoff) {}

  NixlConnector(
      Legs legs,
      Stages stages,
      Decoding decoding,
      RequestIds ids,
      Retries retries,
      LocalPrefill local,
      CacheSource source,
      MoriRanks ranks,
      boolean isWriting) {
    this.legs = legs;
    this.stages = stages;
    this.decoding = decoding;
    this.ids = ids;
    this.retries = retries;
    this.local = local;
    this.source = source;
    this.ranks = ranks;
    this.isWriting = isWriting;
  }

  @Override
  public void serve(Call call) throws CallFailure, LegFailure, InterruptedException {
    JsonObject body = call.body();
    String id = ids.timed();
    MoriRanks.Dispatch dispatch = ranks.dispatch(id);
    HttpHeaders headers = call.headers().copy().add(REQUEST_ID, id);
    LocalPrefill.Budget budget = local.begin();
    Answer prefilled = prefill(call, body, headers, dispatch, budget);
    if (budget.isLocalAfter(prefilled)) {
      decodeAlone(call, headers, body);
      return;
    }
    if (!prefilled.isSuccess()) {
      call.exchange().loop().execute(() -> prefilled.to(call.exchange()));
      return;
    }
    JsonObject answer = parsed(prefilled, budget);
    if (answer == null) {
      decodeAlone(call, headers, body);
      return;
    }
    byte[] transfer = transfer(answer);
    long cached = cachedTokens(answer);
    headers.remove(HttpHeaderNames.ACCEPT_ENCODING); // the prefill server got a copy
    HttpHeaders decodeHeaders = headers;
    if (isWriting) {
      MoriRanks.Decode decode = ranks.forDecode(answer.object(TRANSFER), dispatch);
      transfer = decode.transfer() == null ? transfer : decode.transfer();
      decodeHeaders = ranks.withRank(headers, decode.rank());
    }
    decoding.decode(
        call,
        decodeHeaders,
        body.edit().set(TRANSFER, transfer).toBytes(),
        head -> CachedTokens.in(head, cached),
        cached);
  }

  /** As after an answer without parameters: the prompt is computed here. */
  private void decodeAlone(Call call, HttpHeaders headers, JsonObject body)
      throws CallFailure, LegFailure, InterruptedException {
    byte[] own = body.edit().set(TRANSFER, JsonText.nothing()).toBytes();
    decoding.decode(call, headers, own, head -> null, -1);
  }

  private Answer prefill(
      Call call,
      JsonObject body,
      HttpHeaders headers,
      MoriRanks.Dispatch dispatch,
      LocalPrefill.Budget budget)
      throws CallFailure, LegFailure, InterruptedException {
    JsonEdit edit = body.edit();
    call.api().limitToOne(body, edit);
    edit.set("stream", false).remove("stream_options");
    JsonEdit transfer = remoteDecode();
    source.addTo(transfer, call);
    if (isWriting) {
      ranks.addForPrefill(transfer, dispatch);
    }
    edit.set(TRANSFER, transfer);
    Target target = stages.prefiller(call.prefiller());
    LegRequest request =
        Legs.request(call, ranks.withRank(headers, dispatch.rank()), edit.toBytes());
    Answer answer = attempt(call, target, request, budget);
    for (int i = 0; i < retries.max() && isWorthRetrying(answer) && !budget.isSpent(); i++) {
      Thread.sleep(retries.backoff());
      if (call.exchange().isOver()) {
        break;
      }
      answer = attempt(call, target, request, budget);
    }
    return answer;
  }

  /** Tells the prefill server that its blocks will be fetched. */
  static JsonEdit remoteDecode() {
    return JsonObject.empty()
        .edit()
        .set("do_remote_decode", true)
        .set("do_remote_prefill", false)
        .clear("remote_engine_id")
        .clear("remote_block_ids")
        .clear("remote_host")
        .clear("remote_port");
  }

  private Answer attempt(Call call, Target target, LegRequest request, LocalPrefill.Budget budget)
      throws LegFailure, InterruptedException {
    try {
      return budget.await(legs.askPrefiller(call, target, request));
    } catch (LegFailure failure) {
      failure.throwIfCancelled();
      log.atWarn()
          .addKeyValue("prefill", target)
          .addKeyValue("reason", failure.getMessage())
          .log("prefill server gave no answer");
      return Answer.unreachable();
    }
  }

  private static boolean isWorthRetrying(Answer answer) {
    return answer.status() == 502 || answer.status() == 503 || answer.status() == 504;
  }

  /** Null when it cannot be read and the prompt is computed here. */
  private static @Nullable JsonObject parsed(Answer answer, LocalPrefill.Budget budget)
      throws CallFailure {
    if (answer.body().length < 16 && new String(answer.body(), UTF_8).strip().equals("null")) {
      return JsonObject.empty(); // as one that says nothing
    }
    try {
      return JsonObject.parse(answer.body());
    } catch (InvalidJsonException e) {
      if (budget.isLocal()) {
        return null;
      }
      throw new CallFailure(ErrorAnswer.badRequest(String.valueOf(e.getMessage())));
    }
  }

  private static byte[] transfer(JsonObject answer) {
    byte[] transfer = answer.raw(TRANSFER);
    if (transfer == null) {
      log.warn("prefill server sent no kv_transfer_params");
      return JsonText.nothing();
    }
    return transfer;
  }

  private static long cachedTokens(JsonObject answer) {
    JsonObject usage = answer.object("usage");
    JsonObject details = usage == null ? null : usage.object("prompt_tokens_details");
    return details == null ? 0 : details.number("cached_tokens", 0);
  }
}
