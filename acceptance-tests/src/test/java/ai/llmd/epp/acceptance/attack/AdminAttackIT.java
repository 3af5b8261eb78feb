package ai.llmd.epp.acceptance.attack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * More readers of the admin port than it has connections, who sleep, of a picker in a small
 * container: requests are routed, health and pages are answered, memory stays within. What was
 * measured is in a file {@code figures} beside the logs.
 */
@Tag("timed")
class AdminAttackIT {

  private static final long CONTAINER = 512 << 20;
  private static final int READERS = 2400;
  private static final int REQUESTS = 20;
  private static final Duration ATTACK = Duration.ofSeconds(6);

  @Test
  void ofReadersThatSleep() throws Exception {
    try (Stack stack = Stack.empty("attack-admin", false);
        SleepingReaders readers = new SleepingReaders()) {
      stack.endpoints().list(List.of(9)); // nothing is sent there
      EppProcess epp = stack.startEppInContainer(CONTAINER);
      Bystander bystander = Bystander.ofPicker(stack.extProcPort()); // decides a few hundred times
      readers.open(
          epp.metrics().port(),
          READERS,
          REQUESTS,
          List.of("/debug/decisions?n=10000", "/metrics", "/live/events", "/live/pool"));

      CompletableFuture<Bystander> asked = bystander.ask(ATTACK);
      assertThat(epp.metrics().get("/metrics").body()).contains("llm_d_epp_ready_endpoints");
      assertThat(epp.metrics().get("/debug/decisions?n=1").status()).isEqualTo(200);
      assertThat(epp.metrics().get("/readyz").status()).isEqualTo(200);
      assertThat(health(stack.healthPort())).isEqualTo(ServingStatus.SERVING);
      asked.join().close();

      epp.assertRuns();
      assertThat(bystander.failures()).isEmpty();
      Files.writeString(
          stack.folder().resolve("figures"),
          "cgroup %s; %d requests, P50 %d ms, P99 %d ms; %d MiB%n"
              .formatted(
                  epp.isContained(),
                  bystander.requests(),
                  bystander.percentile(0.5).toMillis(),
                  bystander.percentile(0.99).toMillis(),
                  epp.mostResidentBytes() >> 20));
      assertThat(epp.mostResidentBytes()).isLessThan(CONTAINER);
    }
  }

  private static ServingStatus health(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.newBuilder().setService("livez").build())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }
}
