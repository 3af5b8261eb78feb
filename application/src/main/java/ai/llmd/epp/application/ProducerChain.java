package ai.llmd.epp.application;

import ai.llmd.epp.application.producer.LooksUpBlocks;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.waiting.PluginWaits;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.routing.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls each producer, one after another. One that throws or spends its budget costs the request
 * its own facts and those of the producers behind it, which may build on them; never the answer.
 *
 * @param <P> the kind of producer
 */
public final class ProducerChain<P extends Plugin> {

  private final String extensionPoint;
  private final List<Named<P>> producers;
  private final PluginCalls calls;
  private final PluginWaits waits;

  /**
   * @param extensionPoint as metrics and decisions show it
   * @param producers in the order of their dependencies
   */
  public ProducerChain(
      String extensionPoint, List<Named<P>> producers, PluginCalls calls, PluginWaits waits) {
    this.extensionPoint = extensionPoint;
    this.producers = List.copyOf(producers);
    this.calls = calls;
    this.waits = waits;
  }

  /**
   * Fills the journey's facts and notes each step.
   *
   * @param ask has one producer put its facts
   * @return null when all that can be known is; otherwise what goes on with the rest of the chain
   */
  @Nullable Wait<Boolean> gather(PluginCalls.Call<P, Produced> ask, Journey journey) {
    return gatherFrom(0, ask, journey);
  }

  private @Nullable Wait<Boolean> gatherFrom(
      int first, PluginCalls.Call<P, Produced> ask, Journey journey) {
    for (int i = first; i < producers.size(); i++) {
      Named<P> producer = producers.get(i);
      Called<Produced> called = calls.call(extensionPoint, producer, ask);
      if (called instanceof Called.Returned(Produced.Later later, var ignored)) {
        Called<Produced> skipped = waits.skipped(extensionPoint, producer);
        if (skipped == null) {
          int next = i + 1;
          return () -> goOn(producer, later, next, ask, journey);
        }
        called = skipped;
      }
      if (!isNoted(producer, called, journey)) {
        return null;
      }
    }
    return null;
  }

  /** Waits for one producer, and goes on with those behind it. */
  private boolean goOn(
      Named<P> producer,
      Produced.Later later,
      int next,
      PluginCalls.Call<P, Produced> ask,
      Journey journey)
      throws InterruptedException {
    Called<Facts> called =
        waits.await(extensionPoint, producer, later.rest(), later.budget(), journey.budget());
    if (called instanceof Called.Returned(Facts facts, var ignored)) {
      journey.facts().putAll(facts);
    }
    if (isNoted(producer, called, journey)) {
      Wait<Boolean> rest = gatherFrom(next, ask, journey);
      return rest == null || rest.await();
    }
    return false;
  }

  private boolean isNoted(Named<P> producer, Called<?> called, Journey journey) {
    String degraded =
        called instanceof Called.Returned<?>(Produced.Partly partly, var ignored)
            ? partly.reason()
            : called.degraded();
    Evidence.@Nullable Lookup lookup =
        producer.plugin() instanceof LooksUpBlocks index ? index.lookup(journey.facts()) : null;
    journey.evidence().produced(extensionPoint, producer, called.nanos(), degraded, lookup);
    return called instanceof Called.Returned<?>;
  }
}
