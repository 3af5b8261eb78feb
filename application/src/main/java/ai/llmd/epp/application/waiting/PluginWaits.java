package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.catalogue.Named;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Awaits what a plugin has to wait for, within a budget: timed, contained and reported as by {@link
 * PluginCalls}. Any virtual thread.
 *
 * <p>The plugin waits on a thread of its own: one that ignores its interrupt costs that thread and
 * not the request, which goes on without it. What such a plugin returns later is dropped.
 *
 * @param calls reports what fails
 * @param running bounds the threads, those that their requests have given up included
 * @param rules how long plugins may wait
 * @param breakers of the plugins
 * @param nanoClock as {@link System#nanoTime()}
 */
public record PluginWaits(
    PluginCalls calls,
    WaitingCount running,
    WaitingRules rules,
    Breakers breakers,
    LongSupplier nanoClock) {

  /**
   * Whether a plugin that wants to wait is to be skipped at once, since it keeps spending its
   * budget. Has to be asked before each {@link #await}.
   *
   * @return what stands for its result; null when it may wait
   */
  public <T> @Nullable Called<T> skipped(String extensionPoint, Named<?> plugin) {
    Breaker breaker = breakers.of(extensionPoint, plugin);
    if (breaker.mayWait(rules.breaking(), nanoClock.getAsLong())) {
      return null;
    }
    var reason =
        new WithoutResultException(
            "was not awaited, spent its budget %d times in a row".formatted(breaker.spentInARow()));
    return new Called.Threw<>(extensionPoint + " \"" + plugin + "\"", reason, 0);
  }

  /**
   * The result, or the failure that stands for it: the plugin's own, or a spent budget.
   *
   * @param wish how long the plugin would like to wait
   * @throws InterruptedException when the request is not wanted any more; the plugin is interrupted
   */
  public <T> Called<T> await(
      String extensionPoint, Named<?> plugin, Wait<T> wait, Duration wish, Budget budget)
      throws InterruptedException {
    long startedAt = nanoClock.getAsLong();
    Duration full = rules.budget(plugin.name(), wish);
    long nanos = budget.nanosFor(full);
    Breaker breaker = breakers.of(extensionPoint, plugin);
    if (!running.enter()) {
      var tooMany = new WithoutResultException("was not asked, too many calls have not ended");
      return failed(extensionPoint, plugin, tooMany, startedAt);
    }
    FutureTask<T> result = new FutureTask<>(wait::await);
    Thread.ofVirtual().name("plugin-wait").start(() -> run(result));
    try {
      T value = result.get(nanos, TimeUnit.NANOSECONDS);
      breaker.ended();
      return new Called.Returned<>(value, nanoClock.getAsLong() - startedAt);
    } catch (TimeoutException e) {
      if (nanos == full.toNanos()) { // otherwise the request had no more, which shows nothing
        breaker.spent(rules.breaking(), nanoClock.getAsLong());
      }
      return failed(extensionPoint, plugin, new BudgetSpentException(nanos), startedAt);
    } catch (ExecutionException e) {
      breaker.ended();
      return failed(extensionPoint, plugin, cause(e), startedAt);
    } finally {
      result.cancel(true);
    }
  }

  private void run(FutureTask<?> result) {
    try {
      result.run();
    } finally {
      running.leave();
    }
  }

  private static RuntimeException cause(ExecutionException e) {
    return NonFatal.orThrow(Objects.requireNonNullElse(e.getCause(), e));
  }

  private <T> Called<T> failed(
      String extensionPoint, Named<?> plugin, RuntimeException failure, long startedAt) {
    return calls.failed(extensionPoint, plugin, failure, nanoClock.getAsLong() - startedAt);
  }
}
