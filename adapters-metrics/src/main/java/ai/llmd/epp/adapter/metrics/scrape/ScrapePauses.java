package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.SampleAge;

/**
 * Knows when endpoints were polled less often because no request came, and makes allowance for it:
 * samples of such a time, and those that are in use until the first poll after it has been
 * answered, count as younger by what the interval was longer. Outlives scrapers; any thread.
 */
public final class ScrapePauses implements SampleAge {

  /** A time, and what the interval was longer then; both in nanoseconds. */
  private record Pause(long lastSeenAt, long allowance, long lasts) {}

  private static final Pause NONE = new Pause(0, 0, 0);

  private volatile Pause latest = NONE;

  /** Polls are an idle tick apart now. Event loops repeat the call while that is so. */
  void idle(ScrapeSettings settings, long nowNanos) {
    long allowance = settings.idleTick().minus(settings.tick()).toNanos();
    latest = new Pause(nowNanos, allowance, settings.idleTick().toNanos());
  }

  @Override
  public long nanos(EndpointLoad load, long nowNanos) {
    long age = nowNanos - load.sampledAtNanos();
    Pause pause = latest;
    boolean isInForce = pause.allowance > 0 && nowNanos - pause.lastSeenAt <= pause.lasts;
    return isInForce ? Math.max(0, age - pause.allowance) : age;
  }
}
