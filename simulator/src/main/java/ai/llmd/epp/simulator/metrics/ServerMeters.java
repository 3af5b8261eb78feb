package ai.llmd.epp.simulator.metrics;

import ai.llmd.epp.simulator.engine.EngineObserver;
import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.engine.Sequence;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counters and histograms of one server, with vLLM's names and buckets. Belongs to the engine's
 * thread.
 */
public final class ServerMeters implements EngineObserver {

  private final Histogram timeToFirstToken =
      new Histogram(
          .001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
          160, 640, 2560);
  private final Histogram interToken = perToken();
  private final Histogram timePerOutputToken = perToken();
  private final Histogram requestTimePerOutputToken = perToken();
  private final Histogram endToEnd = latency();
  private final Histogram queued = latency();
  private final Histogram inference = latency();
  private final Histogram prefill = latency();
  private final Histogram decode = latency();
  private final Histogram promptLengths;
  private final Histogram generationLengths;
  private final Map<FinishReason, Long> ended = new EnumMap<>(FinishReason.class);
  private long promptTokens;
  private long cachedTokens;
  private long generatedTokens;

  /**
   * @param maxModelTokens longest sequence to expect
   */
  public ServerMeters(int maxModelTokens) {
    this.promptLengths = Histogram.upTo(maxModelTokens);
    this.generationLengths = Histogram.upTo(maxModelTokens);
  }

  @Override
  public void started(Sequence sequence) {
    promptTokens += sequence.job().promptTokens().length;
    cachedTokens += sequence.cachedTokens();
    queued.observeNanos(sequence.startedNanos() - sequence.arrivedNanos());
  }

  @Override
  public void token(Sequence sequence, long sincePreviousNanos) {
    generatedTokens++;
    if (sequence.emittedTokens() == 1) {
      timeToFirstToken.observeNanos(sincePreviousNanos);
    } else {
      interToken.observeNanos(sincePreviousNanos);
      timePerOutputToken.observeNanos(sincePreviousNanos);
    }
  }

  @Override
  public void ended(Sequence sequence, FinishReason reason) {
    ended.merge(reason, 1L, Long::sum);
    int tokens = sequence.emittedTokens();
    if (reason == FinishReason.ABORT || tokens == 0) {
      return;
    }
    long decodeNanos = sequence.lastNanos() - sequence.firstTokenNanos();
    endToEnd.observeNanos(sequence.lastNanos() - sequence.arrivedNanos());
    inference.observeNanos(sequence.lastNanos() - sequence.startedNanos());
    prefill.observeNanos(sequence.firstTokenNanos() - sequence.startedNanos());
    decode.observeNanos(decodeNanos);
    if (tokens > 1) {
      requestTimePerOutputToken.observeNanos(decodeNanos / (tokens - 1));
    }
    promptLengths.observe(sequence.job().promptTokens().length);
    generationLengths.observe(tokens);
  }

  /** Prompt tokens of all sequences that started. */
  public long promptTokens() {
    return promptTokens;
  }

  /** Those of them that were found in the prefix cache. */
  public long cachedTokens() {
    return cachedTokens;
  }

  /** Output tokens. */
  public long generatedTokens() {
    return generatedTokens;
  }

  /** Sequences that ended for this reason. */
  public long ended(FinishReason reason) {
    return ended.getOrDefault(reason, 0L);
  }

  void writeTo(EngineMetricsText text) {
    counter(text, "vllm:prompt_tokens_total", promptTokens);
    counter(text, "vllm:generation_tokens_total", generatedTokens);
    counter(text, "vllm:prefix_cache_queries_total", promptTokens);
    counter(text, "vllm:prefix_cache_hits_total", cachedTokens);
    text.type("vllm:request_success_total", "counter");
    for (FinishReason reason : FinishReason.values()) {
      text.sample(
          "vllm:request_success_total", "finish_reason", reason.toString(), (double) ended(reason));
    }
    timeToFirstToken.writeTo(text, "vllm:time_to_first_token_seconds");
    interToken.writeTo(text, "vllm:inter_token_latency_seconds");
    timePerOutputToken.writeTo(text, "vllm:time_per_output_token_seconds");
    requestTimePerOutputToken.writeTo(text, "vllm:request_time_per_output_token_seconds");
    endToEnd.writeTo(text, "vllm:e2e_request_latency_seconds");
    queued.writeTo(text, "vllm:request_queue_time_seconds");
    inference.writeTo(text, "vllm:request_inference_time_seconds");
    prefill.writeTo(text, "vllm:request_prefill_time_seconds");
    decode.writeTo(text, "vllm:request_decode_time_seconds");
    promptLengths.writeTo(text, "vllm:request_prompt_tokens");
    generationLengths.writeTo(text, "vllm:request_generation_tokens");
  }

  private static void counter(EngineMetricsText text, String name, long value) {
    text.type(name, "counter");
    text.sample(name, (double) value);
  }

  private static Histogram latency() {
    return new Histogram(
        .3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680);
  }

  private static Histogram perToken() {
    return new Histogram(
        .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80);
  }
}
