package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.meter.RequestFamilies.ResponseSeries;
import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.ExchangeObserver.RoutedExchange;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Usage;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import org.jspecify.annotations.Nullable;

/** Counts one exchange. Belongs to the stream's thread. */
final class MeteredExchange implements RoutedExchange {

  /** Gaps gathered before they are added, so that a long answer shows while it is being given. */
  private static final int BATCH = 64;

  private final @Nullable GaugeDataPoint running;
  private final ResponseSeries series;
  private final Distribution.Series responseProcessing;
  private Distribution.@Nullable Batch gaps;
  private boolean isRunning;

  /**
   * @param running null when the exchange is not counted as running
   */
  MeteredExchange(
      @Nullable GaugeDataPoint running,
      ResponseSeries series,
      Distribution.Series responseProcessing) {
    this.running = running;
    this.series = series;
    this.responseProcessing = responseProcessing;
  }

  @Override
  public void running() {
    if (running != null) {
      running.inc();
      isRunning = true;
    }
  }

  @Override
  public void usage(Usage whole) {
    if (whole.promptTokens() > 0) {
      series.inputTokens().observe(whole.promptTokens());
    }
    if (whole.completionTokens() > 0) {
      series.outputTokens().observe(whole.completionTokens());
    }
    if (whole.cachedTokens() >= 0) {
      series.cachedTokens().observe(whole.cachedTokens());
    }
  }

  @Override
  public void chunkGap(long nanos) {
    if (gaps == null) {
      gaps = new Distribution.Batch(Buckets.CHUNK_GAP);
    }
    gaps.observe(nanos / 1e9);
    if (gaps.size() == BATCH) {
      series.chunkGaps().drain(gaps);
    }
  }

  @Override
  public void completed(ResponseSummary summary) {
    completed(summary, null);
  }

  @Override
  public void completed(ResponseSummary summary, RequestTrace.@Nullable Ids trace) {
    series.responseBytes().observe(summary.responseBytes());
    if (summary.durationNanos() > 0) {
      series.durations().observe(summary.durationNanos() / 1e9, trace);
      perToken(summary, trace);
    }
    if (summary.firstByteNanos() >= 0) {
      (summary.isStreaming() ? series.firstTokenStreamed() : series.firstToken())
          .observe(summary.firstByteNanos() / 1e9, trace);
    }
  }

  private void perToken(ResponseSummary summary, RequestTrace.@Nullable Ids trace) {
    long tokens = summary.usage().completionTokens();
    if (tokens > 0) {
      series.normalizedPerToken().observe(summary.durationNanos() / 1e9 / tokens, trace);
    }
    if (summary.isStreaming() && tokens >= 2 && summary.firstByteNanos() >= 0) {
      long afterFirst = summary.durationNanos() - summary.firstByteNanos();
      series.perToken().observe(afterFirst / 1e9 / (tokens - 1), trace);
    }
  }

  @Override
  public void ended(long responseProcessingNanos) {
    if (gaps != null) {
      series.chunkGaps().drain(gaps);
    }
    if (isRunning && running != null) {
      running.dec();
      isRunning = false;
    }
    if (responseProcessingNanos > 0) {
      responseProcessing.observeNanos(responseProcessingNanos);
    }
  }
}
