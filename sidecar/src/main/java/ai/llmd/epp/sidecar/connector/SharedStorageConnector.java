package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * The prefill server leaves its blocks in a storage that both read. A client that says how much of
 * the prompt has to be cached is answered by the decode server alone, where that is so.
 */
final class SharedStorageConnector implements KvConnector {

  private static final String THRESHOLD = "cache_hit_threshold";

  private final Legs legs;
  private final Stages stages;
  private final Decoder decoder;
  private final LocalPrefill local;

  SharedStorageConnector(Legs legs, Stages stages, Decoder decoder, LocalPrefill local) {
    this.legs = legs;
    this.stages = stages;
    this.decoder = decoder;
    this.local = local;
  }

  @Override
  public void serve(Call call) throws CallFailure, LegFailure, InterruptedException {
    JsonObject body = call.body();
    if (body.has(THRESHOLD) && isAnsweredFromCache(call, body)) {
      return;
    }
    LocalPrefill.Budget budget = local.begin();
    Answer prefilled = prefill(call, body, budget);
    if (!prefilled.isSuccess() && !budget.isLocalAfter(prefilled)) {
      Answer bare = prefilled.bare();
      call.exchange().loop().execute(() -> bare.to(call.exchange()));
      return;
    }
    decoder.decode(call, call.headers(), body.edit().set(THRESHOLD, 0).toBytes());
  }

  private Answer prefill(Call call, JsonObject body, LocalPrefill.Budget budget)
      throws CallFailure, LegFailure, InterruptedException {
    byte[] primed =
        body.edit()
            .set("max_tokens", 1)
            .set("max_completion_tokens", 1)
            .set(THRESHOLD, 0)
            .toBytes();
    Target target = stages.prefiller(call.prefiller());
    try {
      return budget.await(
          legs.askPrefiller(call, target, Legs.request(call, call.headers(), primed)));
    } catch (LegFailure failure) {
      failure.throwIfCancelled();
      return Answer.unreachable();
    }
  }

  private boolean isAnsweredFromCache(Call call, JsonObject body)
      throws CallFailure, LegFailure, InterruptedException {
    HttpHeaders headers = decoder.traced(call, call.headers(), decoder.target());
    if (body.isTrue("stream")) {
      return StreamProbe.isAnswered(legs, call, headers, decoder.target());
    }
    Answer answer = legs.askDecoder(call, decoder.target(), headers, call.bytes());
    if (answer.isSuccess() && isBelowThreshold(answer)) {
      return false;
    }
    Answer given = answer.isSuccess() ? answer : answer.bare();
    call.exchange().loop().execute(() -> given.to(call.exchange()));
    return true;
  }

  private static boolean isBelowThreshold(Answer answer) throws CallFailure {
    try {
      return isBelowThreshold(JsonObject.parse(answer.body()));
    } catch (InvalidJsonException e) {
      throw new CallFailure(ErrorAnswer.internal(String.valueOf(e.getMessage())));
    }
  }

  /** Whether the engine gave up, since too little of the prompt was cached. */
  static boolean isBelowThreshold(JsonObject answer) {
    var choices = answer.objects("choices");
    return !choices.isEmpty() && "cache_threshold".equals(choices.getFirst().text("finish_reason"));
  }
}
