package ai.llmd.epp.acceptance.waiting;

import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Plugins that have requests wait, in a picker's process. */
public final class WaitingPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(GateProducer.TYPE);
  }

  /** Has every request wait until a file is there; from then on none waits. */
  public static final class GateProducer implements Producer {

    static final PluginType<Parameters> TYPE =
        PluginType.of(
            "gate-producer", new Parameters("", Duration.ofMinutes(1)), GateProducer::new);

    private static final Duration LOOK_EVERY = Duration.ofMillis(10);

    /**
     * The gate.
     *
     * @param file opens the gate when it is there
     * @param budget how long to wait for it
     */
    public record Parameters(String file, Duration budget) {}

    private final Parameters parameters;
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicBoolean isWatched = new AtomicBoolean();

    GateProducer(Parameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public Produced produce(SchedulingCycle cycle) {
      if (open.getCount() == 0) {
        return Produced.NOW;
      }
      if (isWatched.compareAndSet(false, true)) {
        Thread.ofVirtual().name("gate").start(this::watch);
      }
      return new Produced.Later(this::await, parameters.budget());
    }

    private Facts await() throws InterruptedException {
      open.await();
      return new Facts();
    }

    private void watch() {
      try {
        while (!Files.exists(Path.of(parameters.file()))) {
          Thread.sleep(LOOK_EVERY);
        }
        open.countDown();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
