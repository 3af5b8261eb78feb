package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.pool.EndpointState;
import java.util.PriorityQueue;

/** Requests that an endpoint is answering, by their objective for further tokens. Any thread. */
final class RunningRequests {

  private final EndpointState endpoint;
  private final PriorityQueue<Running> byObjective = new PriorityQueue<>();
  private volatile int count;
  private volatile double least;

  RunningRequests(EndpointState endpoint) {
    this.endpoint = endpoint;
  }

  EndpointState endpoint() {
    return endpoint;
  }

  /** One request. */
  static final class Running implements Comparable<Running> {

    private final double tpotMillis;

    private Running(double tpotMillis) {
      this.tpotMillis = tpotMillis;
    }

    @Override
    public int compareTo(Running other) {
      return Double.compare(tpotMillis, other.tpotMillis);
    }
  }

  /**
   * A request has been sent.
   *
   * @param tpotMillis 0 when it has no objective
   */
  synchronized Running add(double tpotMillis) {
    Running running = new Running(tpotMillis);
    byObjective.add(running);
    publish();
    return running;
  }

  /** The request is over. */
  synchronized void remove(Running running) {
    byObjective.remove(running);
    publish();
  }

  private void publish() {
    Running first = byObjective.peek();
    least = first == null ? 0 : first.tpotMillis;
    count = byObjective.size();
  }

  int count() {
    return count;
  }

  /** The strictest objective, in milliseconds; 0 when some request has none, or none runs. */
  double leastTpotMillis() {
    return least;
  }
}
