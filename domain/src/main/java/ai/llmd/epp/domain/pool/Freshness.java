package ai.llmd.epp.domain.pool;

import java.time.Duration;

/**
 * How old a value may be that a decision uses. One that is older counts as one that was never
 * reported, until it is read again. Any thread; an endpoint whose values are fresh costs two reads.
 *
 * @param age how old samples are
 * @param staleAfterNanos 0 or more
 */
public record Freshness(SampleAge age, long staleAfterNanos) {

  /** Values serve however old they are, as in the reference. */
  public static final Freshness ANY_AGE = new Freshness(SampleAge.BY_CLOCK, Long.MAX_VALUE);

  /** A limit by the age of samples. */
  public static Freshness within(Duration staleAfter, SampleAge age) {
    return new Freshness(age, staleAfter.toNanos());
  }

  /**
   * An endpoint and what is known of its load now. What has grown too old is forgotten once, for
   * all who ask later.
   */
  Candidate current(EndpointState member, long nowNanos) {
    Candidate current = member.current();
    EndpointLoad load = current.load();
    long oldest = load.readAt().oldest();
    if (oldest == EndpointLoad.ReadTimes.NOTHING_AGES
        || nowNanos - oldest <= staleAfterNanos
        || staleAfterNanos == Long.MAX_VALUE) {
      return current;
    }
    long allowance = nowNanos - load.sampledAtNanos() - age.nanos(load, nowNanos);
    long limit = nowNanos - allowance - staleAfterNanos;
    return oldest - limit >= 0 ? current : member.forget(current, limit);
  }
}
