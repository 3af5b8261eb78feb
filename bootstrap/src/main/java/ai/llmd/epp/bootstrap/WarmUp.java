package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.rehearsal.Rehearsal;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.ConfigurationSource;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.reload.Draft;
import ai.llmd.epp.configuration.reload.LiveConfiguration;
import ai.llmd.epp.configuration.reload.RunningParts;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the way of a request a hundred times or so before the first one comes, beside what the
 * start has to wait for: through a gRPC server like the real one and through routing by the
 * built-in configuration, there and back. All of it is a copy that goes when this is over: nothing
 * of it is in any metric, decision, log line or state, and no plugin that the operator configured
 * is asked. When it fails, or takes too long, the program starts cold.
 */
final class WarmUp implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  static final String NAME = "warm-up";

  private static final int ENDPOINTS = 4;
  private static final int DECISIONS = 16;
  private static final long DECISION_BYTES = 1 << 20;

  /** Beyond its own time: a machine may be busy, and a certificate in the making. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Thread thread;
  private final Duration time;
  private final Duration patience;
  private final AtomicBoolean isGivenUp; // then what it fails with is its interruption

  private WarmUp(Thread thread, Duration time, Duration patience, AtomicBoolean isGivenUp) {
    this.thread = thread;
    this.time = time;
    this.patience = patience;
    this.isGivenUp = isGivenUp;
  }

  /**
   * Begins on a thread of its own.
   *
   * @param server which is to be served later
   */
  static WarmUp begin(Options options, ExtProcServer.Preparation server) {
    Duration time = options.server().warmUpTime();
    return begin(time, PATIENCE, () -> exercise(options, server, time));
  }

  /**
   * Begins on a thread of its own.
   *
   * @param patience how much longer than its time it may take
   * @param exercise returns how many conversations it held
   */
  static WarmUp begin(Duration time, Duration patience, Callable<Integer> exercise) {
    AtomicBoolean isGivenUp = new AtomicBoolean();
    Thread thread =
        Thread.ofPlatform().daemon().name(NAME).unstarted(() -> run(exercise, isGivenUp));
    if (time.isPositive()) {
      thread.start();
    }
    return new WarmUp(thread, time, patience, isGivenUp);
  }

  private static void run(Callable<Integer> exercise, AtomicBoolean isGivenUp) {
    try {
      log.atDebug().addKeyValue("conversations", exercise.call()).log("warmed up");
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      if (!isGivenUp.get()) {
        log.atWarn().setCause(failure).log("not warmed up, the start goes on");
      }
    }
  }

  private static int exercise(Options options, ExtProcServer.Preparation server, Duration time)
      throws InvalidDocumentException, IOException {
    Options copied = withoutPlugins(options);
    try (SharedParts shared = SharedParts.build(copied)) {
      shared.recorder().start();
      Draft draft = shared.drafts().first(ConfigurationSource.of("", ""));
      LivePool pool = new LivePool(NAME, List.of(), shared.meters().faults);
      try (var live =
              new LiveConfiguration<>(
                  shared.drafts(),
                  draft,
                  Unscraped.of(wiring(copied, shared, pool, draft), draft.configuration()),
                  pool,
                  shared.meters().prefixes);
          ExtProcServer exercised = server.startForRehearsal(live)) {
        pool.keep(IntStream.range(0, ENDPOINTS).mapToObj(WarmUp::endpoint).toList());
        return Rehearsal.hold(exercised.port(), options.tls().isEnabled(), time);
      }
    }
  }

  /** The same program with the built-in configuration. */
  private static Options withoutPlugins(Options options) {
    return new Options(
        new Options.Configuration("", "", false, false, List.of(), List.of()),
        new Options.Objects("", ""),
        false,
        false,
        options.pool().named(NAME),
        options.kubernetes(),
        options.server(),
        options.tls(),
        options.metrics(),
        new Options.Tracing(false, Map.of()),
        options.limits(),
        options.verbosity());
  }

  private static Wiring wiring(Options options, SharedParts shared, LivePool pool, Draft draft) {
    PoolHealth health =
        new PoolHealth(shared.nanoClock(), _ -> {}, () -> {}, draft.state()::peerRequests);
    return new Wiring(
        options,
        shared,
        RequestTracer.OFF,
        pool,
        health,
        new AnswerHolders(draft.state(), shared.nanoClock()),
        Replication.none(),
        new KeptObjects(shared.meters().limits),
        new DecisionRing(DECISIONS, DECISION_BYTES),
        WaitingLimits.of(options.limits().waitingRequests(), options.limits().waitingTime()),
        null);
  }

  /** Of the block for documentation; nothing is sent to it. */
  private static Endpoint endpoint(int number) {
    return Endpoint.of(
        new EndpointId(NAME, NAME + "-" + number), "192.0.2." + (number + 1), 8000, Map.of());
  }

  /** The parts of the copy. Its endpoints are not polled, there are none. */
  private record Unscraped(Wiring wiring, ExtProcParts parts)
      implements RunningParts<ExtProcParts> {

    static Unscraped of(Wiring wiring, EffectiveConfiguration configuration) {
      return new Unscraped(wiring, wiring.parts(configuration, () -> {}));
    }

    @Override
    public List<PoolObserver> observers(List<PoolObserver> plugins) {
      return wiring.observers(List.of(), plugins);
    }

    @Override
    public Unscraped successor(EffectiveConfiguration next) {
      return of(wiring, next);
    }

    @Override
    public void stop() {
      // nothing runs for it
    }
  }

  /** Returns when it is over, or takes much longer than it was given: requests come first. */
  void await() {
    try {
      if (time.isPositive() && !thread.join(time.plus(patience))) {
        log.atWarn()
            .addKeyValue("warmUpTime", time)
            .log("not warmed up in time, the machine is busy, the start goes on");
        close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }

  /** Gives it up. */
  @Override
  public void close() {
    isGivenUp.set(true);
    thread.interrupt();
  }
}
