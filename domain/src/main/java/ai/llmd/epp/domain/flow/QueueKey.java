package ai.llmd.epp.domain.flow;

/**
 * A queue that replicas know of each other.
 *
 * @param priority of its band
 * @param flow fairness id of one flow of the band; empty for the band as a whole
 */
public record QueueKey(int priority, String flow) {

  private static final String ALL = "";

  /** A band as a whole. */
  public static QueueKey ofBand(int priority) {
    return new QueueKey(priority, ALL);
  }

  /** Whether it is a band as a whole. */
  public boolean isBand() {
    return flow.equals(ALL);
  }
}
