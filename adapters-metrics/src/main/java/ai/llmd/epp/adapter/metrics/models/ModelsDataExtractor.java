package ai.llmd.epp.adapter.metrics.models;

import ai.llmd.epp.adapter.metrics.page.PageExtractor;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.ServedModels;
import ai.llmd.epp.domain.facts.ServedModels.Model;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads which models each endpoint serves, adapters included. A list that cannot be read leaves the
 * one before it in force.
 *
 * <p>Lists are read when they are polled; a request only takes the table as it is.
 */
public final class ModelsDataExtractor implements PageExtractor, Producer, PoolObserver {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of(ServedModels.PRODUCER, ModelsDataExtractor::new);

  // replaced as a whole, under this object's lock; never written into
  private volatile ServedModels models = ServedModels.NONE;

  @Override
  public String type() {
    return ServedModels.PRODUCER;
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(ServedModels.KEY);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    cycle.facts().put(ServedModels.KEY, models);
    return Produced.NOW;
  }

  @Override
  public void read(EndpointState endpoint, byte[] page, int length, Consumer<String> problems) {
    List<Model> list = ModelList.read(page, length, problems);
    if (list != null && !list.equals(models.at(endpoint.slot()))) {
      put(endpoint.slot(), list);
    }
  }

  /** A slot may have had another endpoint, whose last page came late. */
  @Override
  public void added(EndpointState endpoint) {
    put(endpoint.slot(), null);
  }

  @Override
  public void changed(EndpointState endpoint) {}

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    put(endpoint.slot(), null);
    released.run();
  }

  private synchronized void put(int slot, @Nullable List<Model> list) {
    @Nullable List<Model>[] before = models.bySlot();
    if (slot >= before.length && list == null) {
      return;
    }
    @Nullable List<Model>[] after = Arrays.copyOf(before, Math.max(before.length, slot + 1));
    after[slot] = list;
    models = new ServedModels(after);
  }
}
