package ai.llmd.epp.domain.load;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadLedgerRaceTest {

  private static final int SLOT = 0;

  @Test
  void whatIsBookedAndReleasedAtOnceLeavesNothing() {
    explore(
        () -> {
          var ledger = shared(new LoadLedger());
          together(
              () -> ledger.open(SLOT, 1, 1, 5).release(),
              () -> ledger.open(SLOT, 1, 1, 7).release(),
              () -> ledger.open(SLOT + 1, 1, 1, 3)); // makes room while they book
          require(ledger.inFlight(SLOT + 1).requests(SLOT) == 0, "no request is left");
          require(ledger.inFlight(SLOT + 1).tokens(SLOT) == 0, "no token is left");
          require(
              ledger.inFlight(SLOT + 2).requests(SLOT + 1) == 1, "the open one is still counted");
        });
  }

  @Test
  void releasingTwiceAtOnceReleasesOnce() {
    explore(
        () -> {
          var ledger = shared(new LoadLedger());
          ledger.open(SLOT, 1, 1, 5);
          LoadLedger.Entry entry = shared(ledger.open(SLOT, 1, 1, 5));
          together(
              entry::release,
              () -> {
                entry.releaseTokens();
                entry.release();
              });
          require(
              ledger.inFlight(SLOT + 1).requests(SLOT) == 1, "the other request is still counted");
          require(ledger.inFlight(SLOT + 1).tokens(SLOT) == 5, "and so are its tokens");
        });
  }

  @Test
  void neverFallsBelowZeroWhileTheSlotChangesHands() {
    explore(
        () -> {
          var ledger = shared(new LoadLedger());
          LoadLedger.Entry old = shared(ledger.open(SLOT, 1, 1, 5));
          var seen = new AtomicLong();
          together(
              old::release,
              () -> {
                ledger.forget(SLOT);
                ledger.open(SLOT, 2, 1, 5);
              },
              () -> seen.set(ledger.inFlight(SLOT + 1).requests(SLOT)));
          require(seen.get() >= 0, "no reader sees a debt");
          require(
              ledger.inFlight(SLOT + 1).requests(SLOT) == 1,
              "the new endpoint has its own request only");
        });
  }

  @Test
  void noBookingEscapesAReaderOfChanges() {
    explore(
        () -> {
          var calls = new AtomicInteger();
          var ledger = shared(new LoadLedger(calls::incrementAndGet));
          var known = shared(new AtomicLong());
          together(
              () -> ledger.open(SLOT, 1, 1, 5),
              () -> {
                readChanges(ledger, known);
                readChanges(ledger, known);
              });
          require(calls.get() >= 1, "the booking is announced");
          readChanges(ledger, known);
          require(known.get() == 1, "the booking is read at the latest after its announcement");
        });
  }

  private static void readChanges(LoadLedger ledger, AtomicLong known) {
    if (ledger.takeChanged()) {
      known.set(ledger.ownRequests(SLOT));
    }
  }
}
