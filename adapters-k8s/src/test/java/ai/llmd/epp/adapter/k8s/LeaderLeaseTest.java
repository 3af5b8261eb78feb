package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.application.port.out.ThreadObserver;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class LeaderLeaseTest {

  private static final String NAME = "epp-serving-llama.llm-d.ai";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Does not run out while a test lasts, whatever else the machine does. */
  private static final LeaseSettings LONG =
      new LeaseSettings(Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMillis(100));

  /** Soon cannot be renewed in time. */
  private static final LeaseSettings QUICK =
      new LeaseSettings(Duration.ofMillis(1500), Duration.ofMillis(1000), Duration.ofMillis(100));

  private final ApiServer server = new ApiServer();

  @AfterEach
  void close() {
    server.close();
  }

  /** One replica's part in an election. */
  private static final class Replica implements AutoCloseable {

    private final ApiConnection connection;
    private final LeaderLease lease;
    private final AtomicBoolean hasLed = new AtomicBoolean();
    private final AtomicBoolean hasLost = new AtomicBoolean();

    Replica(ApiServer server, String identity) {
      this(server, identity, LONG);
    }

    Replica(ApiServer server, String identity, LeaseSettings settings) {
      connection = ApiConnection.of(server.config(), ApiConnection.PING_EVERY, System::nanoTime);
      lease =
          new LeaderLease(
              connection,
              Pods.NAMESPACE,
              NAME,
              identity,
              settings,
              System::nanoTime,
              ThreadObserver.NONE,
              new LeaderLease.Listener() {
                @Override
                public void isLeader() {
                  hasLed.set(true);
                }

                @Override
                public void hasLost() {
                  hasLost.set(true);
                }
              });
      lease.start();
    }

    void awaitLeads(boolean expected) {
      await().atMost(PATIENCE).until(() -> lease.isLeader() == expected);
    }

    @Override
    public void close() {
      lease.close();
      connection.close();
    }
  }

  private Lease stored() {
    return server.client().leases().inNamespace(Pods.NAMESPACE).withName(NAME).get();
  }

  @Test
  void isHeldByTheFirstAlone() {
    try (Replica first = new Replica(server, "first_1")) {
      first.awaitLeads(true);
      assertThat(first.hasLed).isTrue();
      assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("first_1");
      assertThat(stored().getSpec().getLeaseTransitions()).isZero();
      try (Replica second = new Replica(server, "second_2")) {
        var renewed = stored().getSpec().getRenewTime();
        await()
            .atMost(PATIENCE)
            .until(() -> stored().getSpec().getRenewTime().isAfter(renewed.plusSeconds(2)));
        assertThat(second.lease.isLeader()).isFalse();
        assertThat(first.lease.isLeader()).isTrue();
      }
    }
  }

  @Test
  void goesOverAtOnceWhenItIsReleased() {
    Replica first = new Replica(server, "first_1");
    first.awaitLeads(true);
    try (Replica second = new Replica(server, "second_2")) {
      first.close();
      assertThat(first.lease.isLeader()).isFalse();
      assertThat(first.hasLost).as("given up, not lost").isFalse();

      await().atMost(PATIENCE).until(second.lease::isLeader); // it need not run out
      assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("second_2");
      assertThat(stored().getSpec().getLeaseTransitions()).isEqualTo(1);
    }
  }

  @Test
  void isLostByALeaderThatCannotRenewBeforeAnotherTakesIt() {
    try (Replica first = new Replica(server, "first_1", QUICK)) {
      first.awaitLeads(true);
      server.fallSilent();

      first.awaitLeads(false);

      assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("first_1");
      Lease taken = stored();
      taken.getSpec().setHolderIdentity("second_2");
      server.client().resource(taken).update();
      server.comeBack();

      await().atMost(PATIENCE).untilTrue(first.hasLost);
      assertThat(first.lease.isLeader()).isFalse();
    }
  }

  @Test
  void isHeldAgainByALeaderThatCouldNotRenewForAWhile() {
    try (Replica first = new Replica(server, "first_1", QUICK)) {
      first.awaitLeads(true);
      server.fallSilent();
      first.awaitLeads(false);
      assertThat(first.hasLost).isFalse();

      server.comeBack();

      first.awaitLeads(true);
      assertThat(first.hasLost).isFalse();
      assertThat(stored().getSpec().getLeaseTransitions()).as("all the time its own").isZero();
    }
  }

  @Test
  void isNotReleasedWhereThatWouldComeToNothing() {
    Replica first = new Replica(server, "first_1", QUICK);
    first.awaitLeads(true);
    server.fallSilent();
    first.awaitLeads(false);
    await().atMost(PATIENCE).until(first.lease::isUnanswered);

    long begun = System.nanoTime();
    first.close();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(QUICK.callTimeout());
  }

  @Test
  void isLostWhenAnotherReplicaHasTakenIt() {
    try (Replica first = new Replica(server, "first_1")) {
      first.awaitLeads(true);

      await() // until none renews it between the two calls
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .until(
              () -> {
                Lease stolen = stored();
                stolen.getSpec().setHolderIdentity("thief_3");
                server.client().resource(stolen).update();
                return true;
              });

      first.awaitLeads(false);
      await().atMost(PATIENCE).untilTrue(first.hasLost);
    }
  }

  @Test
  void isNeverHeldByTwoWhileItGoesRound() {
    Replica first = new Replica(server, "first_1");
    first.awaitLeads(true);
    try (Replica second = new Replica(server, "second_2");
        Replica third = new Replica(server, "third_3")) {
      first.close();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                assertThat(second.lease.isLeader() && third.lease.isLeader()).isFalse();
                return second.lease.isLeader() || third.lease.isLeader();
              });
    }
  }

  @Test
  void survivesAShortAbsenceOfTheServer() {
    try (Replica first = new Replica(server, "first_1")) {
      first.awaitLeads(true);
      var renewed = stored().getSpec().getRenewTime();
      server.breakConnections();

      await()
          .atMost(PATIENCE)
          .until(() -> stored().getSpec().getRenewTime().isAfter(renewed.plusSeconds(1)));

      assertThat(first.lease.isLeader()).isTrue();
      assertThat(first.hasLost).isFalse();
    }
  }
}
