package ai.llmd.epp.domain.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SessionDirectoryTest {

  private static final EndpointId A = new EndpointId("ns", "a");
  private static final EndpointId B = new EndpointId("ns", "b");

  private final SessionDirectory directory = new SessionDirectory("plugin", 3, Sharing.NONE);

  @Test
  void remembersTheLastBinding() {
    directory.bind("s", A, 1);
    assertThat(directory.endpointOf("s", 0, Long.MAX_VALUE)).isEqualTo(A);
    directory.bind("s", B, 2);
    assertThat(directory.endpointOf("s", 0, Long.MAX_VALUE)).isEqualTo(B);
    assertThat(directory.endpointOf("t", 0, Long.MAX_VALUE)).isNull();
    assertThat(directory.size()).isEqualTo(1);
  }

  @Test
  void forgetsABindingThatStillIsTheOneMeant() {
    directory.bind("s", A, 1);
    directory.unbind("s", B);
    assertThat(directory.endpointOf("s", 0, Long.MAX_VALUE)).isEqualTo(A);
    directory.unbind("s", A);
    directory.unbind("t", A);
    assertThat(directory.endpointOf("s", 0, Long.MAX_VALUE)).isNull();
    assertThat(directory.size()).isZero();
  }

  @Test
  void dropsTheLongestUnusedWhenFull() {
    directory.bind("1", A, 1);
    directory.bind("2", A, 2);
    directory.bind("3", A, 3);
    directory.bind("1", A, 4);
    directory.bind("4", A, 5);
    assertThat(directory.endpointOf("2", 0, Long.MAX_VALUE)).isNull();
    assertThat(directory.endpointOf("1", 0, Long.MAX_VALUE)).isEqualTo(A);
    assertThat(directory.size()).isEqualTo(3);
  }

  @Test
  void doesNotCountLookingUpAsUse() {
    directory.bind("1", A, 1);
    directory.bind("2", A, 2);
    directory.bind("3", A, 3);
    directory.endpointOf("1", 0, Long.MAX_VALUE);
    directory.bind("4", A, 4);
    assertThat(directory.endpointOf("1", 0, Long.MAX_VALUE)).isNull();
  }

  @Test
  void showsASessionAsASweepWouldLeaveIt() {
    directory.bind("s", A, 10);
    assertThat(directory.endpointOf("s", 15, 5)).isEqualTo(A);
    assertThat(directory.endpointOf("s", 16, 5)).isNull();
    assertThat(directory.endpointOf("t", 0, 5)).isNull();
    directory.bind("s", A, 12);
    assertThat(directory.endpointOf("s", 16, 5)).isEqualTo(A);
  }

  @Test
  void sweepsAFewAtATimeForCallersInAHurry() {
    var large = new SessionDirectory("plugin", 10_000, Sharing.NONE);
    for (int i = 0; i < 1_000; i++) {
      large.bind("s" + i, A, i);
    }
    assertThat(large.sweepSome(1_000, 100)).isTrue();
    assertThat(large.size()).isBetween(500, 999);
    while (large.sweepSome(1_000, 100)) {
      assertThat(large.size()).isGreaterThanOrEqualTo(100);
    }
    assertThat(large.size()).isEqualTo(100);
  }

  @Test
  void sweepsWhatWasUnusedForLong() {
    var large = new SessionDirectory("plugin", 10_000, Sharing.NONE);
    for (int i = 0; i < 2_000; i++) {
      large.bind("s" + i, A, i);
    }
    large.bind("s0", A, 2_000);
    sweep(large, 2_000, 500);
    assertThat(large.size()).isEqualTo(501);
    assertThat(large.endpointOf("s0", 0, Long.MAX_VALUE)).isEqualTo(A);
    assertThat(large.endpointOf("s1499", 0, Long.MAX_VALUE)).isNull();
    assertThat(large.endpointOf("s1500", 0, Long.MAX_VALUE)).isEqualTo(A);
    sweep(large, 1_000_000, 0);
    assertThat(large.size()).isZero();
    sweep(large, 1_000_000, 0);
  }

  @Test
  void sweepsAcrossTheOverflowOfTheClock() {
    directory.bind("s", A, Long.MAX_VALUE - 5);
    sweep(directory, Long.MIN_VALUE + 5, 100);
    assertThat(directory.size()).isEqualTo(1);
    sweep(directory, Long.MIN_VALUE + 200, 100);
    assertThat(directory.size()).isZero();
  }

  @Test
  void refusesToHoldNothing() {
    assertThatThrownBy(() -> new SessionDirectory("plugin", 0, Sharing.NONE))
        .hasMessageContaining("maxSessions");
  }

  @Test
  @Timeout(60)
  void staysWithinItsBoundUnderManyThreads() throws Exception {
    var shared = new SessionDirectory("plugin", 100, Sharing.NONE);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        var random = new Random(t);
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    shared.bind("s" + random.nextInt(300), A, i);
                    shared.endpointOf("s" + random.nextInt(300), 0, Long.MAX_VALUE);
                    if (i % 1_000 == 0) {
                      sweep(shared, i, 50);
                    }
                  }
                }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertThat(shared.size()).isBetween(1, 100);
  }

  private static void sweep(SessionDirectory directory, long nowNanos, long unusedNanos) {
    boolean isMoreLikely = true;
    while (isMoreLikely) {
      isMoreLikely = directory.sweepSome(nowNanos, unusedNanos);
    }
  }
}
