package ai.llmd.epp.application.ttft;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.ObservedTtft;
import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.ttft.ObservationRules;
import ai.llmd.epp.domain.ttft.TtftObservations;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Observes how long each endpoint takes to its first token, and at what load: for endpoints that
 * report nothing themselves, such as other clusters. Only streamed answers count; of others the
 * first byte comes with the last.
 *
 * <p>Observes by itself; that it can be listed as a source of data is for the files of the
 * reference.
 */
public final class TtftObserver implements Producer, PreRequest, DataSource, PoolObserver {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              ObservedTtft.DEFAULT_PRODUCER,
              Parameters.DEFAULT,
              (parameters, context) ->
                  new TtftObserver(context.name(), parameters, context.service(LongSupplier.class)))
          .alpha()
          .producingByDefault(ObservedTtft.key(ObservedTtft.DEFAULT_PRODUCER).toString());

  /**
   * Which observations count.
   *
   * @param intervalDuration time between two computations for an endpoint
   * @param maxObservationAge age up to which an observation is recent
   * @param maxRequests recent observations of an endpoint, at most {@code windowSize}
   * @param minRequests observations from which on an endpoint counts as known
   * @param lowPercentile of the recent observations, for little load; above 0
   * @param typicalPercentile of the recent observations, for the usual load; below 100
   * @param windowSize observations that are kept of an endpoint, at most 100000
   * @param bucketDuration time of which the fast end counts once for the time without load
   * @param bucketHistorySize such times that are kept, from 2 to 100000
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(
      Duration intervalDuration,
      Duration maxObservationAge,
      int maxRequests,
      int minRequests,
      double lowPercentile,
      double typicalPercentile,
      int windowSize,
      Duration bucketDuration,
      int bucketHistorySize,
      String inFlightLoadProducerName) {

    static final Parameters DEFAULT =
        new Parameters(
            Duration.ofSeconds(1),
            Duration.ofMinutes(3),
            100,
            10,
            25,
            50,
            5000,
            Duration.ofMinutes(1),
            1000,
            "");

    public Parameters {
      ObservationRules _ =
          new ObservationRules(
              intervalDuration,
              maxObservationAge,
              maxRequests,
              minRequests,
              lowPercentile,
              typicalPercentile,
              windowSize,
              bucketDuration,
              bucketHistorySize); // refuses what cannot be meant
    }

    private ObservationRules rules() {
      return new ObservationRules(
          intervalDuration,
          maxObservationAge,
          maxRequests,
          minRequests,
          lowPercentile,
          typicalPercentile,
          windowSize,
          bucketDuration,
          bucketHistorySize);
    }
  }

  private record Observed(EndpointState endpoint, TtftObservations observations) {}

  private final ObservationRules rules;
  private final LongSupplier nanoClock;
  private final FactKey<ObservedTtft> key;
  private final FactKey<InFlightLoad> inFlightKey;
  private final ByMember<Observed> members = new ByMember<>(Observed::endpoint);

  /**
   * @param name instance name, under which the fact is put
   * @param nanoClock as {@link System#nanoTime()}
   */
  public TtftObserver(String name, Parameters parameters, LongSupplier nanoClock) {
    this.rules = parameters.rules();
    this.nanoClock = nanoClock;
    this.key = ObservedTtft.key(name);
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
  }

  @Override
  public String type() {
    return ObservedTtft.DEFAULT_PRODUCER;
  }

  /** Nothing is fetched that another plugin could read. */
  @Override
  public boolean feeds(Extractor extractor) {
    return false;
  }

  @Override
  public Duration interval() {
    return rules.every();
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(inFlightKey);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(key);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    long now = nanoClock.getAsLong();
    Candidates candidates = cycle.candidates();
    @Nullable Percentiles[] bySlot = new Percentiles[candidates.slotCount()];
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      Observed member = members.of(candidate);
      if (member != null) {
        bySlot[candidate.slot()] = member.observations().at(now);
      }
    }
    cycle.facts().put(key, new ObservedTtft(bySlot));
    return Produced.NOW;
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    Candidate target = routed.primary().picks().get(0);
    Observed member = members.of(target);
    InFlightLoad load = routed.facts().get(inFlightKey);
    return member == null || load == null
        ? null
        : new Answer(member.observations(), load.requests(target.slot()), nanoClock.getAsLong());
  }

  @Override
  public void added(EndpointState endpoint) {
    members.add(new Observed(endpoint, new TtftObservations(rules)));
  }

  @Override
  public void changed(EndpointState endpoint) {}

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    members.remove(endpoint);
    released.run();
  }

  /** Follows one answer. */
  private final class Answer implements ResponseObserver {

    private final TtftObservations observations;
    private final long inFlight;
    private final long sentAt;
    private boolean isStreamed; // and good

    Answer(TtftObservations observations, long inFlight, long sentAt) {
      this.observations = observations;
      this.inFlight = inFlight;
      this.sentAt = sentAt;
    }

    @Override
    public void onHeaders(ResponseHead head) {
      String status = head.header(":status");
      String type = head.header("content-type");
      isStreamed =
          (status == null || status.startsWith("2"))
              && type != null
              && type.toLowerCase(Locale.ROOT).contains("text/event-stream");
    }

    @Override
    public void onFirstBytes() {
      if (isStreamed) {
        long now = nanoClock.getAsLong();
        observations.add(now - sentAt, inFlight, now);
      }
    }
  }
}
