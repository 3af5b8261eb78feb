package ai.llmd.epp.domain.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.InFlightLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LoadLedgerTest {

  private final LoadLedger ledger = new LoadLedger();

  @Test
  void countsWorkUntilItIsReleased() {
    LoadLedger.Entry first = ledger.open(2, 1, 1, 100);
    ledger.open(2, 1, 1, 20);
    assertThat(ledger.inFlight(3).requests(2)).isEqualTo(2);
    assertThat(ledger.inFlight(3).tokens(2)).isEqualTo(120);
    first.release();
    assertThat(ledger.inFlight(3).requests(2)).isEqualTo(1);
    assertThat(ledger.inFlight(3).tokens(2)).isEqualTo(20);
  }

  @Test
  void releasesTokensBeforeRequestsAndNothingTwice() {
    LoadLedger.Entry entry = ledger.open(0, 1, 1, 50);
    ledger.open(0, 1, 1, 50);
    entry.releaseTokens();
    entry.releaseTokens();
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(50);
    assertThat(ledger.inFlight(1).requests(0)).isEqualTo(2);
    entry.release();
    entry.release();
    entry.releaseTokens();
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(50);
    assertThat(ledger.inFlight(1).requests(0)).isEqualTo(1);
  }

  @Test
  void showsZeroWhereNothingIsKnown() {
    ledger.open(1, 1, 1, 7);
    InFlightLoad load = ledger.inFlight(4);
    assertThat(load.requests()).containsExactly(0, 1, 0, 0);
    assertThat(load.tokens()).containsExactly(0, 7, 0, 0);
    assertThat(ledger.inFlight(1).tokens()).containsExactly(0);
    assertThat(ledger.inFlight(10).requests(9)).isZero();
    assertThat(ledger.inFlight(10).tokens(9)).isZero();
  }

  @Test
  void releasesIntoNothingAfterTheEndpointIsForgotten() {
    LoadLedger.Entry entry = ledger.open(0, 1, 1, 5);
    ledger.forget(0);
    ledger.forget(5);
    assertThat(ledger.inFlight(1).requests(0)).isZero();
    ledger.open(0, 2, 1, 3);
    entry.release();
    assertThat(ledger.inFlight(1).requests(0)).isEqualTo(1);
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(3);
  }

  @Test
  void startsALaterHolderOfTheSlotAtZero() {
    LoadLedger.Entry old = ledger.open(0, 1, 1, 5);
    ledger.open(0, 2, 1, 3);
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(3);
    old.release();
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(3);
  }

  @Test
  void doesNotCountLateWorkForAnEndpointThatHasGone() {
    ledger.open(0, 1, 1, 5);
    ledger.forget(0);
    ledger.open(0, 1, 1, 5);
    assertThat(ledger.inFlight(1).requests(0)).isZero();
    ledger.open(0, 2, 1, 3);
    ledger.open(0, 1, 1, 5).release();
    assertThat(ledger.inFlight(1).tokens(0)).isEqualTo(3);
  }

  @Test
  void refusesNegativeWork() {
    assertThatThrownBy(() -> ledger.open(0, 1, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ledger.open(0, 1, 0, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Timeout(60)
  void comesBackToZeroAfterAllThreadsReleased() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        var random = new Random(t);
        done.add(threads.submit(() -> openAndRelease(random)));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertThat(ledger.inFlight(200).requests()).containsOnly(0);
    assertThat(ledger.inFlight(200).tokens()).containsOnly(0);
  }

  private void openAndRelease(Random random) {
    for (int i = 0; i < 20_000; i++) {
      int slot = random.nextInt(200);
      LoadLedger.Entry entry = ledger.open(slot, 1, 1, random.nextInt(1_000));
      if (random.nextBoolean()) {
        entry.releaseTokens();
      }
      assertThat(ledger.inFlight(slot + 1).requests(slot)).isPositive();
      entry.release();
    }
  }
}
