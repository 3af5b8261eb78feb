package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** Replicas of this process, and whether they share where prompts went. */
final class SharedPrefixes implements AutoCloseable {

  static final Duration BOUND = Duration.ofSeconds(5);

  /**
   * Guarded ones of a picker with a store: of the store, the prefixes, the collections, the ladder.
   */
  private static final int THREADS = 6;

  private static final String REFUSED = "llm_d_epp_state_batches_refused_total";
  private static final int PREFIXES = 12;
  private static final Duration ATTEMPT = Duration.ofSeconds(1);

  private final List<ModelServer> servers =
      Stream.of("a", "b", "c", "d").map(name -> ModelServer.loaded(name, 0, 0.1)).toList();
  private final String configuration;
  private int series;

  /**
   * @param store the lines of the configuration that name it
   */
  SharedPrefixes(String store) {
    this.configuration = RunningPicker.configuration("queue-scorer", "prefix-cache-scorer") + store;
  }

  RunningPicker start() {
    return RunningPicker.start(configuration, servers);
  }

  static boolean areSharing(RunningPicker... pickers) {
    return Stream.of(pickers)
        .allMatch(
            picker ->
                picker.metrics().sum("llm_d_epp_state_store_state", "state=\"sharing\"") == 1);
  }

  /** No thread of them has failed, and all are there. */
  static void assertThatNoThreadFailed(RunningPicker... pickers) {
    for (RunningPicker picker : pickers) {
      assertThat(picker.metrics().sum("llm_d_epp_thread_failures_total")).isZero();
      assertThat(picker.metrics().sum("llm_d_epp_thread_alive")).isEqualTo(THREADS);
    }
  }

  /**
   * Two replicas go on to share after what another program wrote, and so does one that starts then.
   *
   * @param garbage written by the other program, twice
   */
  void assertThatTheyShareDespite(
      Runnable garbage, RunningPicker one, RunningPicker other, Duration bound) {
    assertThat(refusedByOneThatStarts(garbage, garbage, one, other, bound)).isPositive();
  }

  /**
   * Two replicas share once they have read what another program wrote, and so does one that starts
   * then.
   *
   * @param flood written by the other program
   */
  void assertThatTheyShareBehind(
      Runnable flood, RunningPicker one, RunningPicker other, Duration bound) {
    refusedByOneThatStarts(flood, () -> {}, one, other, bound);
    assertThat(other.metrics().sum(REFUSED)).isPositive();
  }

  /**
   * All share, and no thread has failed.
   *
   * @param before run before the third one starts
   * @param meanwhile run while it is there
   * @return batches that the third one has refused
   */
  private double refusedByOneThatStarts(
      Runnable before, Runnable meanwhile, RunningPicker one, RunningPicker other, Duration bound) {
    before.run();
    assertThatTheyShare(one, other, bound);
    assertThatTheyShare(other, one, bound);
    double refused;
    try (RunningPicker fresh = start()) {
      assertThatTheyShare(one, fresh, bound);
      meanwhile.run();
      assertThatTheyShare(fresh, other, bound);
      refused = fresh.metrics().sum(REFUSED);
      assertThatNoThreadFailed(fresh);
    }
    assertThatNoThreadFailed(one, other);
    return refused;
  }

  /** Prompts that one replica has sent somewhere go there by the other one as well. */
  void assertThatTheyShare(RunningPicker one, RunningPicker other, Duration bound) {
    await()
        .atMost(bound)
        .ignoreExceptionsInstanceOf(ConditionTimeoutException.class)
        .untilAsserted(
            () -> {
              List<String> prompts = freshPrompts(); // what was asked for before is known to both
              double before = applied(other);
              List<String> destinations = prompts.stream().map(p -> destination(one, p)).toList();
              await().atMost(ATTEMPT).until(() -> applied(other) >= before + PREFIXES);
              assertThat(prompts.stream().map(p -> destination(other, p)).toList())
                  .as("the other replica's picks")
                  .isEqualTo(destinations);
            });
    assertThat(areSharing(one, other)).as("both are sharing").isTrue();
  }

  private static double applied(RunningPicker picker) {
    return picker.metrics().sum("llm_d_epp_state_entries_applied_total");
  }

  private static String destination(RunningPicker picker, String prompt) {
    return Asking.route(picker, Map.of(), Asking.completion("m", prompt)).destination();
  }

  private List<String> freshPrompts() {
    series++;
    return IntStream.range(0, PREFIXES)
        .mapToObj(n -> ("series " + series + " prompt " + n + ' ').repeat(100))
        .toList();
  }

  @Override
  public void close() {
    servers.forEach(ModelServer::close);
  }
}
