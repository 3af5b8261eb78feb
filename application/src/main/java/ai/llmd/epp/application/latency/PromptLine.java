package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * The prompts that an endpoint has been sent and not yet answered with a first token, in order. It
 * computes them one after the other, so that of the first a part is done. As many as there are
 * requests in flight. Any thread.
 */
final class PromptLine {

  private static final double NANOS_PER_MILLI = 1e6;

  private final EndpointState endpoint;
  private final LinkedHashSet<Place> places = new LinkedHashSet<>();
  private boolean isBegun; // whether any place was left yet
  private long leftAt;
  private volatile boolean isEmpty = true;
  private volatile long since; // when the endpoint took up the first

  PromptLine(EndpointState endpoint) {
    this.endpoint = endpoint;
  }

  EndpointState endpoint() {
    return endpoint;
  }

  /** One prompt's place. */
  static final class Place {

    private final long enteredAt;

    private Place(long enteredAt) {
      this.enteredAt = enteredAt;
    }
  }

  /** A prompt has been sent. */
  synchronized Place enter(long nowNanos) {
    Place place = new Place(nowNanos);
    places.add(place);
    publish();
    return place;
  }

  /** The first token has come, or will not come. Once for a place; more change nothing. */
  synchronized void leave(Place place, long nowNanos) {
    if (places.remove(place)) {
      isBegun = true;
      leftAt = nowNanos;
      publish();
    }
  }

  private void publish() {
    Iterator<Place> first = places.iterator();
    if (first.hasNext()) {
      long enteredAt = first.next().enteredAt;
      since = isBegun && leftAt - enteredAt > 0 ? leftAt : enteredAt;
    }
    isEmpty = places.isEmpty();
  }

  /** How long the endpoint has been computing the first, in milliseconds; 0 when there is none. */
  double computingMillis(long nowNanos) {
    return isEmpty ? 0 : Math.max(0, (nowNanos - since) / NANOS_PER_MILLI);
  }
}
