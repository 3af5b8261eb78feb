package ai.llmd.epp.simulator.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import ai.llmd.epp.simulator.http.GenerationCall.Ending;
import ai.llmd.epp.simulator.openai.AnswerFormat;
import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.InvalidRequestException;
import ai.llmd.epp.simulator.openai.RequestReader;
import ai.llmd.epp.simulator.openai.TransferAnswer;
import ai.llmd.epp.simulator.settings.FailureType;
import ai.llmd.epp.simulator.settings.Failures;
import ai.llmd.epp.simulator.transfer.Assignment;
import ai.llmd.epp.simulator.transfer.BlockTransfers;
import ai.llmd.epp.simulator.transfer.BlockTransfers.Outcome;
import io.netty.buffer.ByteBufInputStream;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable BlockTransfers transfers;

  /**
   * @param failures what goes wrong on purpose now
   * @param transfers of KV blocks; null when parameters of transfers are believed and answered with
   *     dummies
   */
  Completions(
      RequestReader reader,
      ModelRegistry models,
      Planner planner,
      GenerationCall.Factory generations,
      Supplier<Failures> failures,
      RandomGenerator random,
      Stats stats,
      EventLoop loop,
      @Nullable BlockTransfers transfers) {
    this.reader = reader;
    this.models = models;
    this.planner = planner;
    this.generations = generations;
    this.failures = failures;
    this.random = random;
    this.stats = stats;
    this.loop = loop;
    this.transfers = transfers;
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
      follow(request, directives, reply);
    }
  }

  private void follow(CompletionRequest request, Directives directives, Reply reply) {
    if (transfers == null) {
      boolean isPrefilled = request.transfer().isRemotePrefill();
      Ending ending = request.hasRemoteDecode() ? () -> AnswerFormat::noTransfer : () -> null;
      generate(request, isPrefilled, directives, ending, reply);
      return;
    }
    try {
      switch (transfers.assignment(request)) {
        case Assignment.None none -> generate(request, false, directives, () -> null, reply);
        case Assignment.Produce produce -> produce(transfers, produce, request, directives, reply);
        case Assignment.Consume consume ->
            transfers.fetch(
                request, consume, outcome -> answer(outcome, request, directives, reply));
      }
    } catch (InvalidRequestException invalid) {
      refuse(reply, 400, BAD_REQUEST, invalid.sentence());
    }
  }

  private void produce(
      BlockTransfers keeping,
      Assignment.Produce wanted,
      CompletionRequest request,
      Directives directives,
      Reply reply) {
    CompletionRequest prompt = keeping.isOneToken() ? request.ofOneToken() : request;
    Ending ending =
        () -> {
          TransferAnswer kept = keeping.keep(prompt, wanted);
          return kept == null ? null : kept::write;
        };
    generate(prompt, false, directives, ending, reply);
  }

  /** What was fetched, or not. */
  private void answer(
      Outcome outcome, CompletionRequest request, Directives directives, Reply reply) {
    if (!reply.isOpen()) {
      stats.clientsLeft++;
      return;
    }
    switch (outcome) {
      case FETCHED -> generate(request, true, directives, () -> null, reply);
      case RECOMPUTE -> generate(request, false, directives, () -> null, reply);
      case FAILED ->
          reply.error(500, "InternalServerError", "The KV blocks of the prompt cannot be had.");
      case WRONG ->
          refuse(reply, 400, BAD_REQUEST, "The KV blocks belong to another prompt than this one.");
    }
  }

  private void generate(
      CompletionRequest request,
      boolean isPrefilled,
      Directives directives,
      Ending ending,
      Reply reply) {
    generations.begin(
        request, planner.plan(request, directives, isPrefilled), directives, ending, reply);
  }

  private boolean happens(int percent) {
    return percent > 0 && random.nextInt(100) < percent;
  }

  private void refuse(Reply reply, int status, String type, String message) {
    stats.invalid++;
    reply.error(status, type, message);
  }
}
