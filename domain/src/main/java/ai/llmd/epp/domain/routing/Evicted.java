package ai.llmd.epp.domain.routing;

import org.jspecify.annotations.Nullable;

/** For whom a request was evicted, if it was. Any thread. */
public final class Evicted {

  /**
   * Who needed the room.
   *
   * @param priority of its band
   * @param requestId the first request of that band, or of a higher one, that was let in
   *     afterwards; empty as long as none was
   */
  public record For(int priority, String requestId) {}

  private volatile @Nullable For forWhom;

  /** The request is evicted for a band of this priority. */
  public void forBand(int priority) {
    forWhom = new For(priority, "");
  }

  /** The room that it left was given to this request. */
  public void forRequest(String requestId) {
    For band = forWhom;
    if (band != null) {
      forWhom = new For(band.priority(), requestId);
    }
  }

  /** For whom; null when the request was not evicted. */
  public @Nullable For forWhom() {
    return forWhom;
  }
}
