package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.telemetry.meter.PrefixMeters;
import ai.llmd.epp.application.port.out.PrefixObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notes which producers of prefix matches are built, and shows them in the metrics when their
 * configuration takes effect. One that is refused leaves no trace there.
 */
final class StagedPrefixes implements PrefixObserver {

  // guarded by this
  private final List<Staged> staged = new ArrayList<>();
  private @Nullable PrefixMeters meters;

  @Override
  public synchronized Hits producing(String producer, String type, LongSupplier indexedBlocks) {
    Staged one = new Staged(producer, type, indexedBlocks);
    if (meters == null) {
      staged.add(one);
    } else {
      one.show(meters);
    }
    return one;
  }

  /** Shows those that are there and those to come; before requests can reach them. */
  synchronized void show(PrefixMeters shownIn) {
    meters = shownIn;
    staged.forEach(one -> one.show(shownIn));
    staged.clear();
  }

  private static final class Staged implements Hits {

    private final String producer;
    private final String type;
    private final LongSupplier indexedBlocks;
    private PrefixMeters.@Nullable Producer shown; // set before requests can reach the producer

    Staged(String producer, String type, LongSupplier indexedBlocks) {
      this.producer = producer;
      this.type = type;
      this.indexedBlocks = indexedBlocks;
    }

    void show(PrefixMeters meters) {
      shown = meters.producing(producer, type, indexedBlocks);
    }

    @Override
    public void hit(int matchedBlocks, int totalBlocks, int blockTokens) {
      if (shown != null) {
        shown.hit(matchedBlocks, totalBlocks, blockTokens);
      }
    }
  }
}
