package ai.llmd.epp.sidecar.connector;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.leg.Waiting;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.proxy.Relay;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Both at once, with engines that write their blocks to another's memory. The decode server's
 * answer is held until the prefill server has succeeded.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the exchange tells its end
final class ParallelMoriConnector implements KvConnector {

  private static final String TRANSFER = "kv_transfer_params";
  private static final String REQUEST_ID = "x-request-id";
  private static final String TIMEOUT =
      "{\"error\":\"decode aborted: prefill did not complete within the MoRI-IO parallel-dispatch"
          + " KV-wait timeout\"}";

  private final Legs legs;
  private final Stages stages;
  private final Decoder decoder;
  private final RequestIds ids;
  private final CacheSource source;
  private final MoriRanks ranks;
  private final Duration longestWait;

  ParallelMoriConnector(
      Legs legs,
      Stages stages,
      Decoder decoder,
      RequestIds ids,
      CacheSource source,
      MoriRanks ranks,
      Duration longestWait) {
    this.legs = legs;
    this.stages = stages;
    this.decoder = decoder;
    this.ids = ids;
    this.source = source;
    this.ranks = ranks;
    this.longestWait = longestWait;
  }

  @Override
  public void serve(Call call) throws CallFailure, LegFailure, InterruptedException {
    JsonObject body = call.body();
    String id = ids.timed();
    MoriRanks.Dispatch dispatch = ranks.dispatch(id);
    HttpHeaders headers =
        ranks.withRank(call.headers().copy().set(REQUEST_ID, id), dispatch.rank());
    Target prefiller = stages.prefiller(call.prefiller());
    Target chosen = decoder.targetOf(call);
    byte[] forPrefill = forPrefill(call, body, dispatch);
    byte[] forDecode =
        body.edit().set(TRANSFER, ranks.forParallelDecode(call.prefiller(), dispatch)).toBytes();

    Exchange exchange = call.exchange();
    HeldRelay held = new HeldRelay(new Relay(exchange, ErrorAnswer::ofDecoder));
    LegRequest decode = Legs.request(call, decoder.traced(call, headers, chosen), forDecode);
    CompletableFuture<Boolean> over =
        Legs.untilOver(exchange, () -> begin(exchange, chosen, decode, held));
    CompletableFuture<Answer> asked =
        legs.askPrefiller(call, prefiller, Legs.request(call, headers, forPrefill));
    Answer prefilled = await(asked, exchange, held);
    exchange
        .loop()
        .execute(
            () -> {
              if (prefilled.isSuccess()) {
                held.release();
              } else {
                held.drop();
                prefilled.to(exchange);
              }
            });
    Waiting.join(over);
  }

  private byte[] forPrefill(Call call, JsonObject body, MoriRanks.Dispatch dispatch) {
    JsonEdit transfer = NixlConnector.remoteDecode();
    source.addTo(transfer, call);
    ranks.addForPrefill(transfer, dispatch);
    return body.edit()
        .set("max_tokens", 1)
        .set("max_completion_tokens", 1)
        .set("max_output_tokens", 1)
        .set("min_tokens", 1)
        .set("stream", false)
        .remove("stream_options")
        .set(TRANSFER, transfer)
        .toBytes();
  }

  private void begin(Exchange exchange, Target target, LegRequest request, HeldRelay held) {
    held.follow(legs.begin(exchange, target, request, held));
    exchange.whenGone(held::drop);
  }

  private Answer await(CompletableFuture<Answer> asked, Exchange exchange, HeldRelay held)
      throws CallFailure, LegFailure, InterruptedException {
    try {
      return asked.get(longestWait.toMillis(), MILLISECONDS);
    } catch (TimeoutException e) {
      asked.cancel(false);
      exchange.loop().execute(held::drop);
      throw new CallFailure(ErrorAnswer.plain(504, TIMEOUT));
    } catch (ExecutionException e) {
      Legs.failure(e).throwIfCancelled();
      return Answer.unreachable();
    }
  }
}
