package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.engine.Engine;
import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.engine.GenerationListener;
import ai.llmd.epp.simulator.engine.Sequence;
import ai.llmd.epp.simulator.engine.Submission.Accepted;
import ai.llmd.epp.simulator.engine.Submission.Refusal;
import ai.llmd.epp.simulator.http.Planner.Plan;
import ai.llmd.epp.simulator.openai.Answer;
import ai.llmd.epp.simulator.openai.AnswerFormat;
import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.StreamFormat;
import ai.llmd.epp.simulator.openai.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * One request on its way through the engine, with one sequence per answer, and its reply.
 *
 * <p>A stream sends a token as soon as it exists while the client keeps up. Tokens of a client that
 * does not are sent together later, as vLLM does, so nothing piles up but what the answer holds
 * anyway.
 */
final class GenerationCall {

  /** What else happens when the answer is complete, before it is sent. */
  interface Ending {
    /** Adds fields to an answer that is one document; null for none. */
    @Nullable Consumer<JsonGenerator> ended();
  }

  /** What all generations of a server share. */
  record Factory(
      Engine engine,
      ModelRegistry models,
      Stats stats,
      LongSupplier unixSeconds,
      RandomGenerator random) {

    /** Starts one; the reply follows when the engine is done. */
    void begin(
        CompletionRequest request,
        List<Plan> plans,
        Directives directives,
        Ending ending,
        Reply reply) {
      new GenerationCall(this, request, directives, ending, reply).begin(plans);
    }
  }

  private final Factory shared;
  private final CompletionRequest request;
  private final Directives directives;
  private final Ending ending;
  private final Reply reply;
  private final String id;
  private final String model;
  private final long createdSeconds;
  private final @Nullable StreamFormat stream; // null when the answer is one document
  private final List<Part> parts = new ArrayList<>();
  private int tokens;
  private int unfinished;

  private GenerationCall(
      Factory shared,
      CompletionRequest request,
      Directives directives,
      Ending ending,
      Reply reply) {
    this.shared = shared;
    this.request = request;
    this.directives = directives;
    this.ending = ending;
    this.reply = reply;
    this.id =
        request.api().idPrefix() + String.format(Locale.ROOT, "%016x", shared.random().nextLong());
    this.model = request.model().isEmpty() ? shared.models().baseName() : request.model();
    this.createdSeconds = shared.unixSeconds().getAsLong();
    this.stream =
        request.streams()
            ? new StreamFormat(request.api(), id, createdSeconds, model, request.includesUsage())
            : null;
  }

  private void begin(List<Plan> plans) {
    for (Plan plan : plans) {
      Part part = new Part(parts.size(), plan);
      switch (shared.engine().submit(plan.job(), part)) {
        case Accepted(Sequence sequence) -> part.sequence = sequence;
        case Refusal refusal -> {
          refuse(refusal);
          return;
        }
      }
      parts.add(part);
    }
    unfinished = parts.size();
    Stats stats = shared.stats();
    stats.mostRunning = Math.max(stats.mostRunning, shared.engine().running());
    stats.mostWaiting = Math.max(stats.mostWaiting, shared.engine().waiting());
    reply.onClosed(this::clientLeft);
    if (stream != null) {
      reply.onWritable(this::sendAll);
      reply.beginEvents();
    }
  }

  private void refuse(Refusal refusal) {
    abort();
    switch (refusal) {
      case QUEUE_FULL -> {
        shared.stats().queueFull++;
        reply.error(
            429,
            "TooManyRequestsError",
            "Failed to enqueue request, waiting requests queue is full");
      }
      case EXCEEDS_CACHE -> {
        shared.stats().invalid++;
        reply.error(
            500,
            "InternalServerError",
            "the kv cache does not have sufficient capacity to store this request");
      }
    }
  }

  private void abort() {
    for (Part part : parts) {
      if (part.sequence != null) {
        shared.engine().abort(part.sequence);
      }
    }
  }

  private void clientLeft() {
    if (unfinished > 0) {
      shared.stats().clientsLeft++;
      unfinished = 0;
      abort();
    }
  }

  private void drop() {
    shared.stats().droppedConnections++;
    unfinished = 0;
    abort();
    reply.drop();
  }

  private void sendAll() {
    for (Part part : parts) {
      part.send();
    }
  }

  private void complete() {
    Consumer<JsonGenerator> transfer = ending.ended();
    if (stream == null) {
      List<Answer> answers = new ArrayList<>();
      for (Part part : parts) {
        answers.add(new Answer(part.plan.text(), part.emitted, part.finishReason));
      }
      reply.json(
          200,
          AnswerFormat.json(request.api(), id, createdSeconds, model, answers, usage(), transfer));
      return;
    }
    if (request.includesUsage()) {
      reply.event(stream.usage(usage()));
    }
    reply.event(StreamFormat.done());
    reply.endEvents();
  }

  private TokenUsage usage() {
    int cached = 0;
    for (int i = 0; i < parts.size(); i += request.answersPerPrompt()) { // a prompt counts once
      cached += parts.get(i).cachedTokens;
    }
    return new TokenUsage(request.promptTokens(), tokens, cached);
  }

  /** One answer. */
  private final class Part implements GenerationListener {
    private final int index;
    private final Plan plan;
    private @Nullable Sequence sequence;
    private FinishReason finishReason = FinishReason.ABORT;
    private int cachedTokens;
    private int emitted;
    private int sent;
    private boolean begun;

    Part(int index, Plan plan) {
      this.index = index;
      this.plan = plan;
    }

    @Override
    public void token() {
      emitted++;
      tokens++;
      if (reply.isWritable()) {
        send();
      }
      if (tokens == directives.tokensBeforeDrop()) {
        drop();
      }
    }

    @Override
    public void finished(FinishReason reason, int cachedTokens) {
      this.finishReason = reason;
      this.cachedTokens = cachedTokens;
      if (stream != null) {
        send();
        reply.event(stream.finish(index, reason));
      }
      if (--unfinished == 0) {
        complete();
      }
    }

    /** Sends what exists and was not sent; a document waits for its end. */
    private void send() {
      if (stream == null) {
        return;
      }
      if (!begun && stream.hasRole()) {
        reply.event(stream.role(index));
      }
      begun = true;
      if (sent < emitted) {
        reply.event(stream.text(index, plan.text().between(sent, emitted)));
        sent = emitted;
      }
    }
  }
}
