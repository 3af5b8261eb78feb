package ai.llmd.epp.domain.calls;

import ai.llmd.epp.domain.catalogue.Named;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one place from which plugins are called: times the call, contains what it throws, and reports
 * that under the plugin's own type and name. Any thread.
 */
public final class PluginCalls {

  private final PluginFaults faults;
  private final LongSupplier nanoClock;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PluginCalls(PluginFaults faults, LongSupplier nanoClock) {
    this.faults = faults;
    this.nanoClock = nanoClock;
  }

  /** Calls that are timed, and whose failures are not reported; for tests and benchmarks. */
  public static PluginCalls timedBy(LongSupplier nanoClock) {
    return new PluginCalls(PluginFaults.IGNORED, nanoClock);
  }

  /** One call of a plugin. */
  @FunctionalInterface
  public interface Call<P, R extends @Nullable Object> {

    R on(P plugin);
  }

  /**
   * Calls a plugin.
   *
   * @param extensionPoint as in metrics: {@code DataProducer}, {@code Scorer} …
   */
  public <P, R extends @Nullable Object> Called<R> call(
      String extensionPoint, Named<P> plugin, Call<P, R> call) {
    long startedAt = nanoClock.getAsLong();
    try {
      R result = call.on(plugin.plugin());
      return new Called.Returned<>(result, nanoClock.getAsLong() - startedAt);
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      return failed(extensionPoint, plugin, failure, nanoClock.getAsLong() - startedAt);
    }
  }

  /** Calls a plugin that returns nothing. */
  public <P> Called<Boolean> run(String extensionPoint, Named<P> plugin, Consumer<P> call) {
    return call(
        extensionPoint,
        plugin,
        called -> {
          call.accept(called);
          return true;
        });
  }

  /**
   * A call that failed elsewhere: reports it, unless the failure is that of a plugin further in,
   * which has been reported by its own name.
   */
  public <R extends @Nullable Object> Called<R> failed(
      String extensionPoint, Named<?> plugin, RuntimeException failure, long nanos) {
    if (!(failure instanceof PluginFailedException)) {
      faults.failed(extensionPoint, plugin.name(), plugin.type(), failure);
    }
    return new Called.Threw<>(extensionPoint + " \"" + plugin + "\"", failure, nanos);
  }
}
