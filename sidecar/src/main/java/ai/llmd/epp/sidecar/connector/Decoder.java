package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.Waiting;
import ai.llmd.epp.sidecar.proxy.BodyTransform;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.proxy.Relay;
import ai.llmd.epp.sidecar.trace.CallTrace;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The model server in this pod, or those in it that a header chooses from. */
public final class Decoder {

  private static final Logger log = LoggerFactory.getLogger(Decoder.class);
  private static final String RANK_HEADER = "x-data-parallel-host-port";

  private final AtomicBoolean hasWarned = new AtomicBoolean();
  private final Legs legs;
  private final Target target;
  private final Map<String, Target> ranks;

  /**
   * Of one rank.
   *
   * @param ranks by the value of the header that names them; empty where it is not looked at
   */
  public Decoder(Legs legs, Target target, Map<String, Target> ranks) {
    this.legs = legs;
    this.target = target;
    this.ranks = Map.copyOf(ranks);
  }

  /** The one that answers what no header sends elsewhere. */
  public Target target() {
    return target;
  }

  /** Whether a header chooses the model server. */
  public boolean isChosen(HttpHeaders headers) {
    return !ranks.isEmpty() && !headers.get(RANK_HEADER, "").isEmpty();
  }

  /** The one that the header chooses; null when it names none. */
  public @Nullable Target chosen(HttpHeaders headers) {
    if (hasWarned.compareAndSet(false, true)) {
      log.warn(
          "{} is deprecated; the picker should send requests to the ranks' ports", RANK_HEADER);
    }
    return ranks.get(headers.get(RANK_HEADER, ""));
  }

  /** Has it answered by the model server that the call's headers choose, or else the own one. */
  void decodeWhereChosen(
      Call call,
      HttpHeaders headers,
      byte[] body,
      Function<HttpResponse, @Nullable BodyTransform> transforms)
      throws CallFailure, InterruptedException {
    decode(call, headers, body, targetOf(call), transforms);
  }

  /** The one that the call's headers choose, or else the own one. */
  Target targetOf(Call call) throws CallFailure {
    if (!isChosen(call.headers())) {
      return target;
    }
    Target rank = chosen(call.headers());
    if (rank == null) {
      throw new CallFailure(ErrorAnswer.plain(400, ""));
    }
    return rank;
  }

  /** Has it answered by the own model server. */
  void decode(Call call, HttpHeaders headers, byte[] body) throws InterruptedException {
    decode(call, headers, body, target, head -> null);
  }

  /** The headers with the span of the stage that begins with this; ends with the exchange. */
  HttpHeaders traced(Call call, HttpHeaders headers, Target chosen) {
    CallTrace trace = call.trace();
    if (!trace.isRecorded()) {
      return headers;
    }
    HttpHeaders traced = headers.copy();
    trace.decode(chosen.authority(), call.isStreamed(), isChosen(call.headers())).handOn(traced);
    return traced;
  }

  private void decode(
      Call call,
      HttpHeaders headers,
      byte[] body,
      Target chosen,
      Function<HttpResponse, @Nullable BodyTransform> transforms)
      throws InterruptedException {
    Exchange exchange = call.exchange();
    HttpHeaders sent = traced(call, headers, chosen);
    Waiting.join(
        Legs.untilOver(
            exchange,
            () -> {
              Relay relay = new Relay(exchange, transforms, ErrorAnswer::ofDecoder);
              Leg leg = legs.begin(exchange, chosen, Legs.request(call, sent, body), relay);
              relay.follow(leg);
            }));
  }
}
