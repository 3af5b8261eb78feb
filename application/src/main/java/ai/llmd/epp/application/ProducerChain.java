package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Asks each producer for its facts, one after another. One that throws costs the request its own
 * facts and those of the producers behind it, which may build on them; never the answer.
 */
public final class ProducerChain {

  static final String EXTENSION_POINT = "DataProducer";

  private final List<Named<Producer>> producers;
  private final PluginFaults faults;
  private final LongSupplier nanoClock;

  /**
   * @param producers in the order of their dependencies
   */
  public ProducerChain(
      List<Named<Producer>> producers, PluginFaults faults, LongSupplier nanoClock) {
    this.producers = List.copyOf(producers);
    this.faults = faults;
    this.nanoClock = nanoClock;
  }

  /** Fills the cycle's facts and notes each step. */
  void produce(SchedulingCycle cycle, List<Evidence.Step> steps) {
    for (Named<Producer> producer : producers) {
      long startedAt = nanoClock.getAsLong();
      String degraded = "";
      try {
        producer.plugin().produce(cycle);
      } catch (Throwable thrown) {
        RuntimeException e = Failures.contain(thrown);
        faults.failed(EXTENSION_POINT, producer.name(), producer.type(), e);
        degraded = Failures.reason(e);
      }
      steps.add(
          new Evidence.Step(
              EXTENSION_POINT,
              producer.name(),
              producer.type(),
              nanoClock.getAsLong() - startedAt,
              degraded));
      if (!degraded.isEmpty()) {
        return;
      }
    }
  }
}
