package ai.llmd.epp.adapter.metrics.scrape;

import java.time.Duration;

/**
 * How often and how patiently endpoints are scraped.
 *
 * @param tick time between two polls of an endpoint, unless its source has its own; 1 ms or more
 * @param timeout a poll that takes longer has failed; it is noticed at the endpoint's next tick
 * @param idleAfter without a request for this long the ticks become {@code idleTick} apart; zero
 *     means never
 * @param idleTick time between ticks while no request comes; at least {@code tick}
 * @param maxPageBytes a longer answer, with its head and framing, fails and its connection is
 *     closed
 * @param maxLineBytes a longer line of a page is passed over; bounds the memory kept per endpoint
 * @param eventLoops number of threads
 */
public record ScrapeSettings(
    Duration tick,
    Duration timeout,
    Duration idleAfter,
    Duration idleTick,
    int maxPageBytes,
    int maxLineBytes,
    int eventLoops) {

  /** The shortest tick that the flags and sources allow, as in the reference. */
  public static final Duration MIN_TICK = Duration.ofMillis(50);

  /** Ticks of 50 ms, a second for each poll, a poll per second after a minute without requests. */
  public static final ScrapeSettings DEFAULTS =
      new ScrapeSettings(
          MIN_TICK,
          Duration.ofSeconds(1),
          Duration.ofSeconds(60),
          Duration.ofSeconds(1),
          16 << 20,
          256 << 10,
          1);

  public ScrapeSettings {
    if (tick.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("tick must be 1 ms or more, was " + tick);
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout must be more than zero, was " + timeout);
    }
    if (idleAfter.isNegative()) {
      throw new IllegalArgumentException("idleAfter must not be negative, was " + idleAfter);
    }
    if (idleTick.compareTo(tick) < 0) {
      throw new IllegalArgumentException("idleTick must be " + tick + " or more, was " + idleTick);
    }
    if (maxPageBytes < 1 || maxLineBytes < 1 || eventLoops < 1) {
      throw new IllegalArgumentException(
          "maxPageBytes, maxLineBytes and eventLoops must be 1 or more");
    }
  }

  /** The same with another tick; the idle tick grows along when it has to. */
  public ScrapeSettings withTick(Duration tick) {
    Duration idle = idleTick.compareTo(tick) < 0 ? tick : idleTick;
    return new ScrapeSettings(
        tick, timeout, idleAfter, idle, maxPageBytes, maxLineBytes, eventLoops);
  }

  /** The same with another idle rhythm. */
  public ScrapeSettings withIdle(Duration idleAfter, Duration idleTick) {
    return new ScrapeSettings(
        tick, timeout, idleAfter, idleTick, maxPageBytes, maxLineBytes, eventLoops);
  }

  /** The same with another number of threads. */
  public ScrapeSettings withEventLoops(int eventLoops) {
    return new ScrapeSettings(
        tick, timeout, idleAfter, idleTick, maxPageBytes, maxLineBytes, eventLoops);
  }

  /**
   * The tick that serves these sources: the configured one, or the least explicit interval of a
   * source when that is shorter, and never less than {@link #MIN_TICK}.
   */
  public static Duration tickFor(Duration refreshInterval, Iterable<ScrapedSource> sources) {
    Duration tick = refreshInterval;
    for (ScrapedSource bound : sources) {
      Duration interval = bound.source().interval();
      if (interval.isPositive() && interval.compareTo(tick) < 0) {
        tick = interval;
      }
    }
    return tick.compareTo(MIN_TICK) < 0 ? MIN_TICK : tick;
  }
}
