package ai.llmd.epp.simulator.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.InvalidRequestException;
import ai.llmd.epp.simulator.openai.RequestReader;
import ai.llmd.epp.simulator.settings.FailureType;
import ai.llmd.epp.simulator.settings.Failures;
import io.netty.buffer.ByteBufInputStream;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Takes requests for completions: reads and checks them, lets go wrong what shall go wrong, and
 * starts a {@link GenerationCall} for the rest.
 */
final class Completions {

  private static final String BAD_REQUEST = "BadRequestError";

  private final RequestReader reader;
  private final ModelRegistry models;
  private final Planner planner;
  private final GenerationCall.Factory generations;
  private final Supplier<Failures> failures;
  private final RandomGenerator random;
  private final Stats stats;
  private final EventLoop loop;

  /**
   * @param failures what goes wrong on purpose now
   */
  Completions(
      RequestReader reader,
      ModelRegistry models,
      Planner planner,
      GenerationCall.Factory generations,
      Supplier<Failures> failures,
      RandomGenerator random,
      Stats stats,
      EventLoop loop) {
    this.reader = reader;
    this.models = models;
    this.planner = planner;
    this.generations = generations;
    this.failures = failures;
    this.random = random;
    this.stats = stats;
    this.loop = loop;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the task answers for itself
  void answer(Api api, FullHttpRequest http, Reply reply) {
    stats.requests++;
    try {
      Directives directives = Directives.of(http.headers());
      if (directives.errorStatus() > 0) {
        stats.injectedErrors++;
        reply.error(directives.errorStatus(), "InjectedError", "X-Return-Error asked for this.");
        return;
      }
      CompletionRequest request = reader.read(api, new ByteBufInputStream(http.content()));
      Duration delay = failures.get().delay().plus(directives.delay());
      if (delay.isZero()) {
        begin(request, directives, reply);
      } else {
        loop.schedule(() -> begin(request, directives, reply), delay.toNanos(), NANOSECONDS);
      }
    } catch (InvalidRequestException invalid) {
      refuse(reply, 400, BAD_REQUEST, invalid.sentence());
    }
  }

  private void begin(CompletionRequest request, Directives directives, Reply reply) {
    if (!reply.isOpen()) {
      stats.clientsLeft++;
    } else if (directives.tokensBeforeDrop() == 0 || happens(failures.get().dropPercent())) {
      stats.droppedConnections++;
      reply.drop();
    } else if (happens(failures.get().errorPercent())) {
      stats.injectedErrors++;
      List<FailureType> types = failures.get().types();
      FailureType failure = types.get(random.nextInt(types.size()));
      reply.error(failure.status(), failure.type(), failure.message(models.baseName()));
    } else if (!models.isBase(request.model()) && !models.isAdapter(request.model())) {
      refuse(reply, 404, "NotFoundError", "The model `" + request.model() + "` does not exist.");
    } else if (planner.exceedsContext(request)) {
      refuse(reply, 400, BAD_REQUEST, planner.contextSentence(request));
    } else {
      generations.begin(request, planner.plan(request, directives), directives, reply);
    }
  }

  private boolean happens(int percent) {
    return percent > 0 && random.nextInt(100) < percent;
  }

  private void refuse(Reply reply, int status, String type, String message) {
    stats.invalid++;
    reply.error(status, type, message);
  }
}
