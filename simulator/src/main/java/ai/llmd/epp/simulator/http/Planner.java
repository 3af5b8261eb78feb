package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.engine.Job;
import ai.llmd.epp.simulator.openai.Api;
import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.TokenPrompt;
import ai.llmd.epp.simulator.settings.Mode;
import ai.llmd.epp.simulator.text.Babbler;
import ai.llmd.epp.simulator.text.TokenizedText;
import ai.llmd.epp.simulator.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Decides what will be answered, before the engine decides when. */
final class Planner {

  private static final TokenizedText NOTHING = Tokenizer.tokenize("");

  /** One answer to come: its text, and the job that generates it. */
  record Plan(TokenizedText text, Job job) {}

  private final ModelRegistry models;
  private final Babbler babbler;
  private final Mode mode;
  private final int randomTokens;
  private final int maxModelTokens;

  /**
   * @param randomTokens length of a random answer when the request sets no maximum
   */
  Planner(ModelRegistry models, Babbler babbler, Mode mode, int randomTokens, int maxModelTokens) {
    this.models = models;
    this.babbler = babbler;
    this.mode = mode;
    this.randomTokens = randomTokens;
    this.maxModelTokens = maxModelTokens;
  }

  /** Whether one of the prompts and its longest answer do not fit the model. */
  boolean exceedsContext(CompletionRequest request) {
    return (long) longestPrompt(request) + request.maxTokens() > maxModelTokens;
  }

  /** Answers the client with the error. */
  String contextSentence(CompletionRequest request) {
    return "This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the prompt, %d in the completion)."
        .formatted(
            maxModelTokens,
            (long) longestPrompt(request) + request.maxTokens(),
            longestPrompt(request),
            request.maxTokens());
  }

  /**
   * One plan per answer: all answers of the first prompt, then those of the second.
   *
   * @param isPrefilled whether the prompts were computed elsewhere
   */
  List<Plan> plan(CompletionRequest request, Directives directives, boolean isPrefilled) {
    List<Plan> plans = new ArrayList<>();
    for (TokenPrompt prompt : request.prompts()) {
      for (int i = 0; i < request.answersPerPrompt(); i++) {
        plans.add(plan(request, prompt, directives, isPrefilled));
      }
    }
    return plans;
  }

  private Plan plan(
      CompletionRequest request, TokenPrompt prompt, Directives directives, boolean isPrefilled) {
    TokenizedText text = directives.missesCacheThreshold() ? NOTHING : text(request, prompt);
    boolean isAdapter = models.isAdapter(request.model());
    Job job =
        new Job(
            isAdapter ? request.model() : models.baseName(),
            isAdapter ? request.model() : null,
            prompt.tokens(),
            text.ids(),
            finishReason(request, directives),
            isPrefilled,
            request.cacheHitThreshold());
    return new Plan(text, job);
  }

  private TokenizedText text(CompletionRequest request, TokenPrompt prompt) {
    return switch (mode) {
      case RANDOM -> {
        int room = maxModelTokens - prompt.tokens().length;
        yield babbler.utter(
            request.maxTokens() > 0 ? request.maxTokens() : Math.min(randomTokens, room));
      }
      case ECHO ->
          request.api() == Api.GENERATE
              ? new TokenizedText(
                  new byte[0], prompt.tokens(), new int[prompt.tokens().length]) // ids only
              : Tokenizer.tokenize(prompt.echo());
    };
  }

  private FinishReason finishReason(CompletionRequest request, Directives directives) {
    if (directives.missesCacheThreshold()) {
      return FinishReason.CACHE_THRESHOLD;
    }
    if (request.hasRemoteDecode()) {
      return FinishReason.REMOTE_DECODE;
    }
    return mode == Mode.RANDOM && request.maxTokens() > 0 ? FinishReason.LENGTH : FinishReason.STOP;
  }

  private static int longestPrompt(CompletionRequest request) {
    int longest = 0;
    for (TokenPrompt prompt : request.prompts()) {
      longest = Math.max(longest, prompt.tokens().length);
    }
    return longest;
  }
}
