package ai.llmd.epp.domain.pool;

/**
 * How old load samples are to those who take an old one for no sample. Any thread.
 *
 * <p>Model servers are polled less often while no requests come. What a sample ages because of that
 * means nothing about its server, and does not count.
 */
@FunctionalInterface
public interface SampleAge {

  /** By the clock, whatever the reason. */
  SampleAge BY_CLOCK = (load, nowNanos) -> nowNanos - load.sampledAtNanos();

  /**
   * The age in nanoseconds.
   *
   * @param load that was sampled
   * @param nowNanos {@link System#nanoTime()}
   */
  long nanos(EndpointLoad load, long nowNanos);
}
