package ai.llmd.epp.domain.latency;

import ai.llmd.epp.domain.latency.LatencyObservation.Kind;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns the times of every endpoint in this process, from what passes through it and from what
 * other replicas observe. An endpoint that has not been observed yet is taken for one like all
 * others. As many models as there are endpoints that are followed; any thread.
 */
public final class LearnedLatencies {

  private final LatencyModel all = new LatencyModel();
  private final Map<EndpointId, EndpointLatencies> byEndpoint = new ConcurrentHashMap<>();
  private final boolean isStreamed;
  private final SharedObservations sharing;

  /** Of answers that are streamed, by what passes through this process alone. */
  public LearnedLatencies() {
    this(true, SharedObservations.NONE);
  }

  /**
   * @param isStreamed whether there is a time to the first token, and one for further ones;
   *     otherwise the whole answer counts as the first token
   * @param sharing takes what is observed here
   */
  public LearnedLatencies(boolean isStreamed, SharedObservations sharing) {
    this.isStreamed = isStreamed;
    this.sharing = sharing;
  }

  /** From now on an endpoint has a model of its own, until it is forgotten. */
  public void follow(EndpointId endpoint) {
    byEndpoint.putIfAbsent(endpoint, new EndpointLatencies());
  }

  /** What to predict an endpoint's times with; null while too little is known. */
  public @Nullable LatencyModel of(EndpointId endpoint) {
    EndpointLatencies own = byEndpoint.get(endpoint);
    return LatencyModel.ready(own == null ? null : own.model(), all);
  }

  /** A first token, or a whole answer where none is streamed, came after this time. */
  public void learnTtft(EndpointId endpoint, LatencyRow row, double millis) {
    Kind kind = isStreamed ? Kind.FIRST_TOKEN : Kind.WHOLE_ANSWER;
    learn(endpoint, new LatencyObservation(kind, row, millis));
  }

  /** Further tokens came, each after this time on average. */
  public void learnTpot(EndpointId endpoint, LatencyRow row, double millis) {
    learn(endpoint, new LatencyObservation(Kind.FURTHER_TOKENS, row, millis));
  }

  private void learn(EndpointId endpoint, LatencyObservation observation) {
    EndpointLatencies own = byEndpoint.get(endpoint); // null: it has left while it answered
    teach(own, observation);
    if (own != null && observation.isTime()) {
      StampedObservation stamped = own.stamp(observation, sharing);
      sharing.listener().observed(sharing.producer(), endpoint, stamped);
    }
  }

  private void teach(@Nullable EndpointLatencies own, LatencyObservation observation) {
    all.learn(observation);
    if (own != null) {
      own.begun(all).learn(observation);
    }
  }

  /**
   * Another replica observed something. What it observed of an endpoint that is not followed here,
   * or of answers that are streamed there and not here, is passed over.
   *
   * @param isOfSnapshot whether it comes with a snapshot, which has what may be known already
   */
  public void learnFromPeer(
      EndpointId endpoint, StampedObservation observation, boolean isOfSnapshot) {
    EndpointLatencies own = byEndpoint.get(endpoint);
    boolean isOfStream = observation.observation().kind() != Kind.WHOLE_ANSWER;
    if (own != null && isOfStream == isStreamed && own.accept(observation, isOfSnapshot)) {
      teach(own, observation.observation());
    }
  }

  /** The latest observations of an endpoint, of all replicas, the oldest first. */
  public List<StampedObservation> recent(EndpointId endpoint) {
    EndpointLatencies own = byEndpoint.get(endpoint);
    return own == null ? List.of() : own.recent();
  }

  /** An endpoint has been replaced: what was observed of it so far was another server. */
  public void startAnew(EndpointId endpoint) {
    byEndpoint.computeIfPresent(endpoint, (id, before) -> new EndpointLatencies());
  }

  /** Forgets an endpoint that has left. */
  public void forget(EndpointId endpoint) {
    byEndpoint.remove(endpoint);
  }
}
