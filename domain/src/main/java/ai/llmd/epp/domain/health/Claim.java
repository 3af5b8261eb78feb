package ai.llmd.epp.domain.health;

/**
 * What one replica holds against an endpoint, from its own evidence alone.
 *
 * @param episode tells one period of trouble from the next; any number, a new one for each
 */
public record Claim(Finding finding, long episode) {

  /** Nothing. */
  public static final Claim NONE = new Claim(Finding.NONE, 0);

  /** What was found. */
  public enum Finding {
    /** Nothing, or nothing any more. */
    NONE,
    /** Requests fail, as their responses show. */
    FAILING,
    /** The replica's own polls cannot connect. */
    UNREACHABLE
  }
}
