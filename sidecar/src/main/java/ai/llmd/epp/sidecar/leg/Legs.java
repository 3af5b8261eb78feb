package ai.llmd.epp.sidecar.leg;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.trace.StageSpan;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import ai.llmd.epp.sidecar.upstream.Upstreams;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks model servers for a call that runs on a thread of its own, which may wait. */
@SuppressWarnings("FutureReturnValueIgnored") // what is done at the end fails with what it follows
public final class Legs {

  /** Bytes of an answer that has to be held, at most. */
  private static final int MAX_ANSWER = 64 << 20;

  private final Upstreams upstreams;

  public Legs(Upstreams upstreams) {
    this.upstreams = upstreams;
  }

  /** A request to the same path with other headers and another body. */
  public static LegRequest request(Call call, HttpHeaders headers, byte[] body) {
    return post(call.exchange().request().uri(), headers, body);
  }

  /** The same for an answer that is read here: a packed one would not be understood. */
  public static LegRequest readable(LegRequest request) {
    request.head().headers().remove(HttpHeaderNames.ACCEPT_ENCODING);
    return request;
  }

  public static LegRequest post(String uri, HttpHeaders headers, byte[] body) {
    HttpHeaders sent = new DefaultHttpHeaders(false).set(headers);
    sent.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    return new LegRequest(
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, uri, sent), body);
  }

  public static LegRequest get(String uri, String authority) {
    HttpHeaders headers = new DefaultHttpHeaders(false).set(HttpHeaderNames.HOST, authority);
    return new LegRequest(
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, uri, headers), new byte[0]);
  }

  /** Asks, and gives up when the client does; any thread. */
  public CompletableFuture<Answer> ask(Exchange exchange, Target target, LegRequest request) {
    Gathering gathering = new Gathering(MAX_ANSWER);
    exchange
        .loop()
        .execute(
            () -> {
              Leg leg = begin(exchange, target, readable(request), gathering);
              gathering.follow(leg);
              Runnable cancel = leg::cancel;
              exchange.whenGone(cancel);
              gathering
                  .whole()
                  .whenComplete((answer, failure) -> forget(exchange, cancel)); // any thread
            });
    CompletableFuture<Answer> asked = gathering.whole();
    asked.whenComplete(
        (answer, failure) -> {
          if (asked.isCancelled()) {
            exchange.loop().execute(gathering::giveUp);
          }
        });
    return asked;
  }

  /** At once on the exchange's loop, or soon. */
  private static void forget(Exchange exchange, Runnable cancel) {
    if (exchange.loop().inEventLoop()) {
      exchange.forget(cancel);
    } else {
      exchange.loop().execute(() -> exchange.forget(cancel));
    }
  }

  /** Asks a prefill server, as a stage of the call's trace; gives up when the client does. */
  public CompletableFuture<Answer> askPrefiller(Call call, Target target, LegRequest request) {
    StageSpan span = call.trace().prefill(target.authority(), request.head().headers(), false);
    CompletableFuture<Answer> asked = ask(call.exchange(), target, request);
    if (call.trace().isRecorded()) {
      asked.whenComplete((answer, failure) -> end(span, answer, failure));
    }
    return asked;
  }

  private static void end(StageSpan span, @Nullable Answer answer, @Nullable Throwable failure) {
    if (answer == null) {
      span.failed(failure == null ? "no answer" : failure.getMessage());
    } else {
      span.answered(answer.status());
    }
  }

  /** Asks a decode server, and waits for all of its answer; the client gets why there is none. */
  public Answer askDecoder(Call call, Target target, HttpHeaders headers, byte[] body)
      throws CallFailure, LegFailure, InterruptedException {
    try {
      return await(ask(call.exchange(), target, request(call, headers, body)));
    } catch (LegFailure failure) {
      failure.throwIfCancelled();
      throw new CallFailure(ErrorAnswer.ofDecoder(failure));
    }
  }

  /** Asks a prefill server, and reads the answer to its end, whatever the client does. */
  CompletableFuture<Answer> askInBackground(Call call, Target target, LegRequest request) {
    StageSpan span = call.trace().prefill(target.authority(), request.head().headers(), true);
    Exchange exchange = call.exchange();
    Gathering gathering = new Gathering(0);
    exchange.loop().execute(() -> gathering.follow(begin(exchange, target, request, gathering)));
    CompletableFuture<Answer> asked = gathering.whole();
    if (call.trace().isRecorded()) {
      asked.whenComplete((answer, failure) -> end(span, answer, failure));
    }
    return asked;
  }

  /**
   * Begins what answers the client, on the exchange's loop; nothing when the exchange is over. Any
   * thread.
   *
   * @return true as soon as the exchange is over
   */
  public static CompletableFuture<Boolean> untilOver(Exchange exchange, Runnable begin) {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    exchange
        .loop()
        .execute(
            () -> {
              if (exchange.isOver()) {
                over.complete(true);
                return;
              }
              exchange.whenEnded((ended, isComplete) -> over.complete(true));
              begin.run();
            });
    return over;
  }

  /** Begins a leg on the exchange's loop, from which it is to be called. */
  public Leg begin(Exchange exchange, Target target, LegRequest request, LegListener listener) {
    return upstreams.ask(exchange.loop(), target, request, listener);
  }

  /** Waits for an answer. */
  public static Answer await(CompletableFuture<Answer> asked)
      throws LegFailure, InterruptedException {
    try {
      return asked.get();
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /** Waits for an answer, no longer than this; what comes later is given up. */
  public static Answer await(CompletableFuture<Answer> asked, Duration longest)
      throws LegFailure, InterruptedException {
    try {
      return asked.get(longest.toNanos(), NANOSECONDS);
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (TimeoutException e) {
      asked.cancel(false);
      throw new LegFailure(
          LegFailure.Kind.BROKEN, "no answer within " + longest.toMillis() + " ms");
    }
  }

  /** Why there is no answer. */
  public static LegFailure failure(ExecutionException e) {
    return e.getCause() instanceof LegFailure failure
        ? failure
        : new LegFailure(LegFailure.Kind.BROKEN, String.valueOf(e.getCause()));
  }
}
