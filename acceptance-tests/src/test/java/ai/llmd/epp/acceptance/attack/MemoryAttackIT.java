package ai.llmd.epp.acceptance.attack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.JavaProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Gateways, and clients behind Envoy, that fill memory as fast as they can, of a picker in a
 * container of so many mebibytes: it stays within, and serves others in time. What was measured is
 * in a file {@code figures} beside the logs.
 */
@Tag("timed")
class MemoryAttackIT {

  private static final int ATTACKERS = 6;
  private static final int BYSTANDERS = 2;
  private static final Duration QUIET = Duration.ofSeconds(2);

  /** Long enough to fill several gigabytes. */
  private static final Duration ATTACK = Duration.ofSeconds(6);

  /** What says that bystanders are served at all; how fast they are is a figure, in the docs. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(5);

  /** How much longer than that it may be for each millisecond of a machine that is busy anyway. */
  private static final int BUSY = 20;

  @ParameterizedTest
  @CsvSource({
    "LARGE_BODIES, false, 512",
    "LARGE_BODIES, false, 2048",
    "LARGE_LISTS, true, 512",
    "LARGE_LISTS, true, 2048",
    "HALF_BODIES, true, 512",
    "HALF_SMALL_BODIES, true, 512",
    "HALF_SMALL_BODIES, true, 2048",
    "HALF_MESSAGES, true, 512",
    "HALF_MESSAGES, true, 2048",
    "BYTES_ONE_BY_ONE, true, 512",
    "BYTES_ONE_BY_ONE, true, 2048"
  })
  void ofGateways(Attack attack, boolean takesAnswers, long mebibytes) throws Exception {
    try (Stack stack = Stack.empty("attack-" + attack + "-" + mebibytes, false)) {
      stack.endpoints().list(List.of(9)); // nothing is sent there
      EppProcess epp = stack.startEppInContainer(mebibytes << 20);
      int port = stack.extProcPort();
      List<Bystander> bystanders =
          Stream.generate(() -> Bystander.ofPicker(port)).limit(BYSTANDERS).toList();
      List<String> attackers = attackers(port, attack, Target.PICKER, takesAnswers);
      assertStands(stack, epp, mebibytes << 20, bystanders, attackers);
    }
  }

  /** Bystanders have connections to Envoy of their own, and share those to the picker. */
  @ParameterizedTest
  @CsvSource({
    "LARGE_BODIES, 512",
    "LARGE_LISTS, 512",
    "HALF_BODIES, 512",
    "HALF_SMALL_BODIES, 512",
    "BYTES_ONE_BY_ONE, 512",
    "LARGE_BODIES, 2048",
    "BYTES_ONE_BY_ONE, 2048"
  })
  void ofClients(Attack attack, long mebibytes) throws Exception {
    try (Stack stack = Stack.empty("attack-envoy-" + attack + "-" + mebibytes, false)) {
      DrainingServer server = DrainingServer.start();
      stack.list(server, server.port());
      EppProcess epp = stack.startEppInContainer(mebibytes << 20);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<Bystander> bystanders =
          Stream.generate(() -> Bystander.ofEnvoy(gateway)).limit(BYSTANDERS).toList();
      List<String> attackers = attackers(gateway.port(), attack, Target.ENVOY, true);
      assertStands(stack, epp, mebibytes << 20, bystanders, attackers);
    }
  }

  private static List<String> attackers(
      int port, Attack attack, Target target, boolean takesAnswers) {
    return List.of(
        Integer.toString(port),
        attack.name(),
        target.name(),
        Integer.toString(ATTACKERS),
        Boolean.toString(takesAnswers));
  }

  private static void assertStands(
      Stack stack,
      EppProcess epp,
      long container,
      List<Bystander> bystanders,
      List<String> arguments)
      throws IOException {
    ask(bystanders, QUIET);
    Duration quiet = percentile(bystanders, 0.99);
    try (JavaProcess attackers = JavaProcess.start(stack.folder(), Attackers.class, arguments)) {
      ask(bystanders, ATTACK);
      attackers.assertRuns();
      epp.assertRuns();
      Files.writeString(
          stack.folder().resolve("figures"),
          "cgroup %s; %d requests, P50 %d ms, P99 %d ms (quiet %d ms), longest %d ms; %d MiB%n"
              .formatted(
                  epp.isContained(),
                  bystanders.stream().mapToInt(Bystander::requests).sum(),
                  percentile(bystanders, 0.5).toMillis(),
                  percentile(bystanders, 0.99).toMillis(),
                  quiet.toMillis(),
                  percentile(bystanders, 1).toMillis(),
                  epp.mostResidentBytes() >> 20));
      assertThat(bystanders.stream().flatMap(each -> each.failures().stream())).isEmpty();
      assertThat(percentile(bystanders, 0.99)).isLessThan(MAX_WAIT.plus(quiet.multipliedBy(BUSY)));
      assertThat(epp.mostResidentBytes()).isLessThan(container);
    } finally {
      bystanders.forEach(Bystander::close);
    }
  }

  private static void ask(List<Bystander> bystanders, Duration time) {
    bystanders.stream()
        .map(bystander -> bystander.ask(time))
        .toList()
        .forEach(CompletableFuture::join);
  }

  /** Of the one that waits longer. */
  private static Duration percentile(List<Bystander> bystanders, double share) {
    return bystanders.stream()
        .map(bystander -> bystander.percentile(share))
        .max(Duration::compareTo)
        .orElseThrow();
  }
}
