package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.degradation.GivesUp;
import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.producer.BringsSource;
import ai.llmd.epp.application.producer.LooksUpBlocks;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.scorer.PrecisePrefixCacheScorer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers endpoints that hold much of the prompt, as their own cache events show. Kept for old
 * configurations: a {@code prefix-cache-scorer} with a {@code precise-prefix-cache-producer} does
 * the same.
 *
 * <p>Bound to the one {@code precise-prefix-cache-producer} that there is, whose parameters count
 * then; where there is none it hosts a producer under its own name. That one reads the tokens of a
 * {@code token-producer}, also where a tokenizer of its own is configured.
 */
public final class HostingPrecisePrefixCacheScorer
    implements Scorer,
        Producer,
        LooksUpBlocks,
        PreRequest,
        BringsSource,
        EndpointExtractor,
        GivesUp,
        AutoCloseable {

  private static final String TYPE_NAME = "precise-prefix-cache-scorer";

  public static final PluginType<PreciseParameters> TYPE =
      PluginType.withContext(
          TYPE_NAME, PreciseParameters.DEFAULT, HostingPrecisePrefixCacheScorer::build);

  private final PrecisePrefixCacheProducer producer;
  private final PrecisePrefixCacheScorer scorer;

  /**
   * @param name instance name, under which the producer puts its matches
   */
  HostingPrecisePrefixCacheScorer(String name, PrecisePrefixCacheProducer producer) {
    this.producer = producer;
    this.scorer = new PrecisePrefixCacheScorer(name);
  }

  private static Plugin build(PreciseParameters parameters, PluginContext context) {
    List<String> producers =
        context.pluginsOf(PrecisePrefixCacheProducer.TYPE_NAME).stream()
            .map(Named<Plugin>::name)
            .toList();
    if (producers.size() > 1) {
      throw new IllegalArgumentException(
          "reads one "
              + PrecisePrefixCacheProducer.TYPE_NAME
              + ", there are "
              + String.join(", ", producers));
    }
    if (producers.size() == 1) {
      return new PrecisePrefixCacheScorer(producers.getFirst());
    }
    return new HostingPrecisePrefixCacheScorer(
        context.name(), PrecisePrefixCacheProducer.of(TYPE_NAME, parameters, context));
  }

  @Override
  public String type() {
    return TYPE_NAME;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return producer.requires();
  }

  @Override
  public Set<FactKey<?>> uses() {
    return producer.uses();
  }

  @Override
  public Set<FactKey<?>> produces() {
    return producer.produces();
  }

  /** What the hosted producer follows. Any thread. */
  public PrecisePrefixCacheProducer.Following following() {
    return producer.following();
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    return producer.produce(cycle);
  }

  @Override
  public Evidence.@Nullable Lookup lookup(Facts facts) {
    return producer.lookup(facts);
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    return scorer.score(cycle);
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    return producer.onRouted(routed);
  }

  @Override
  public void added(EndpointState endpoint) {
    producer.added(endpoint);
  }

  @Override
  public void changed(EndpointState endpoint) {
    producer.changed(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    producer.removed(endpoint, released);
  }

  @Override
  public Set<Step> givenUp() {
    return producer.givenUp();
  }

  @Override
  public void close() {
    producer.close();
  }
}
