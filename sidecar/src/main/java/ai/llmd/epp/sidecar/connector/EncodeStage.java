package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Api;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.leg.Waiting;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.trace.StageSpan;
import ai.llmd.epp.sidecar.trace.TraceHeaders;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the pictures, sounds and films of a prompt encoded elsewhere before the prompt is computed:
 * each item by one encoder, all at once. When one fails the call does.
 */
@SuppressWarnings("FutureReturnValueIgnored") // it cannot fail
public final class EncodeStage {

  private static final Logger log = LoggerFactory.getLogger(EncodeStage.class);
  private static final String PATH = "/v1/chat/completions";
  private static final String TRANSFER = "ec_transfer_params";
  private static final int MAX_ITEMS = 1024;

  private final Legs legs;
  private final Stages stages;
  private final RequestIds ids;
  private final boolean hasTransfer;

  /**
   * With or without parameters of transfers.
   *
   * @param hasTransfer whether encoders tell where the items' encodings are; else all engines read
   *     them from one storage
   */
  public EncodeStage(Legs legs, Stages stages, RequestIds ids, boolean hasTransfer) {
    this.legs = legs;
    this.stages = stages;
    this.ids = ids;
    this.hasTransfer = hasTransfer;
  }

  /** The call as it goes on; null when there is nothing to encode. */
  @Nullable Call encode(Call call, List<String> encoders)
      throws CallFailure, LegFailure, InterruptedException {
    JsonObject body = call.body();
    List<JsonObject> items = MediaItems.in(body);
    if (items.isEmpty()) {
      return null;
    }
    if (items.size() > MAX_ITEMS) {
      throw new CallFailure(ErrorAnswer.badRequest("more than " + MAX_ITEMS + " media items"));
    }
    String id = ids.timed();
    JsonEdit changed = body.edit().set("cache_hit_threshold", 0);
    List<Answer> answers = ask(call, body, items, encoders, id);
    if (hasTransfer) {
      byte[] transfer = merged(answers);
      if (transfer == null) {
        log.warn("no encoder sent ec_transfer_params");
      } else {
        changed.set(TRANSFER, transfer);
      }
    }
    HttpHeaders headers = call.headers().copy().add("x-request-id", id);
    return new Call(
        call.exchange(), headers, changed.toBytes(), Api.CHAT, call.prefill(), null, call.trace());
  }

  private List<Answer> ask(
      Call call, JsonObject body, List<JsonObject> items, List<String> encoders, String id)
      throws CallFailure, LegFailure, InterruptedException {
    List<CompletableFuture<Answer>> asked = new ArrayList<>();
    StageSpan span = call.trace().encode(items.size());
    for (int i = 0; i < items.size(); i++) {
      String encoder = encoders.get(i % encoders.size());
      asked.add(ask(call, span, encoder, id + "-enc-" + i, request(body, items.get(i))));
    }
    try {
      List<Answer> answers = answers(asked);
      span.answered(answers.getFirst().status());
      return answers;
    } finally {
      span.failed("an encoder failed"); // unless it has ended
      asked.forEach(one -> one.cancel(false)); // nothing for those that are done
    }
  }

  private CompletableFuture<Answer> ask(
      Call call, StageSpan span, String encoder, String id, byte[] body) {
    Target target;
    try {
      target = stages.encoder(encoder);
    } catch (CallFailure wrongAddress) {
      return CompletableFuture.completedFuture(Answer.unreachable());
    }
    HttpHeaders headers =
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.HOST, target.authority())
            .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
            .set("x-request-id", id);
    TraceHeaders.handOn(call.headers(), headers);
    span.handOn(headers);
    return legs.ask(call.exchange(), target, Legs.post(PATH, headers, body));
  }

  /** All of them, or the failure of the first that failed. */
  private static List<Answer> answers(List<CompletableFuture<Answer>> asked)
      throws CallFailure, LegFailure, InterruptedException {
    CompletableFuture<Integer> firstFailed = new CompletableFuture<>();
    List<CompletableFuture<Void>> looked = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      int item = i;
      looked.add(
          asked
              .get(i)
              .handle(
                  (answer, failure) -> {
                    if (failure != null || !answer.isSuccess()) {
                      firstFailed.complete(item);
                    }
                    return null;
                  }));
    }
    CompletableFuture.allOf(looked.toArray(CompletableFuture[]::new))
        .thenRun(() -> firstFailed.complete(-1));
    int failed = Waiting.join(firstFailed);
    if (failed >= 0) {
      throw failure(failed, asked.get(failed));
    }
    List<Answer> answers = new ArrayList<>();
    for (CompletableFuture<Answer> one : asked) {
      answers.add(Legs.await(one));
    }
    return answers;
  }

  private static CallFailure failure(int item, CompletableFuture<Answer> asked)
      throws LegFailure, InterruptedException {
    Answer answer;
    try {
      answer = Legs.await(asked);
    } catch (LegFailure failure) {
      failure.throwIfCancelled();
      answer = Answer.unreachable();
    }
    return new CallFailure(
        ErrorAnswer.badGateway(
            "encoder request failed for item "
                + item
                + " with status "
                + answer.status()
                + ": "
                + new String(answer.body(), UTF_8)));
  }

  private static byte[] request(JsonObject body, JsonObject item) {
    String message =
        "[{\"role\":\"user\",\"content\":[" + new String(item.toBytes(), UTF_8) + "]}]";
    return Priming.of(body).set("messages", message.getBytes(UTF_8)).toBytes();
  }

  private static byte @Nullable [] merged(List<Answer> answers) throws CallFailure {
    Map<String, byte[]> merged = new LinkedHashMap<>();
    for (Answer answer : answers) {
      JsonObject transfer = parsed(answer).object(TRANSFER);
      if (transfer != null) {
        for (String name : transfer.names()) {
          byte[] value = transfer.raw(name);
          if (value != null) {
            merged.put(name, value);
          }
        }
      }
    }
    if (merged.isEmpty()) {
      return null;
    }
    JsonEdit all = JsonObject.empty().edit();
    merged.forEach(all::set);
    return all.toBytes();
  }

  private static JsonObject parsed(Answer answer) throws CallFailure {
    try {
      return JsonObject.parse(answer.body());
    } catch (InvalidJsonException e) {
      throw new CallFailure(
          ErrorAnswer.badGateway("failed to parse encoder response: " + e.getMessage()));
    }
  }
}
