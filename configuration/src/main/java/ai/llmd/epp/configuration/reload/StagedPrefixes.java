package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds back which producers of prefix matches are built until their configuration takes effect.
 * One that is refused leaves no trace in the metrics.
 */
final class StagedPrefixes implements PrefixObserver {

  // guarded by this
  private final List<Staged> staged = new ArrayList<>();
  private @Nullable PrefixObserver observer;

  @Override
  public synchronized Hits producing(String producer, String type, LongSupplier indexedBlocks) {
    StagedHits one = new StagedHits(producer, type, indexedBlocks);
    stage(one);
    return one;
  }

  @Override
  public synchronized Lookups following(String producer, KvCacheFigures figures) {
    StagedLookups one = new StagedLookups(producer, figures);
    stage(one);
    return one;
  }

  private void stage(Staged one) {
    if (observer == null) {
      staged.add(one);
    } else {
      one.showIn(observer);
    }
  }

  /** Shows those that are there and those to come; before requests can reach them. */
  synchronized void showIn(PrefixObserver shown) {
    observer = shown;
    staged.forEach(one -> one.showIn(shown));
    staged.clear();
  }

  /** What is shown later. */
  private interface Staged {

    void showIn(PrefixObserver observer);
  }

  private static final class StagedLookups implements Lookups, Staged {

    private final String producer;
    private final KvCacheFigures figures;
    private Lookups shown = Lookups.NONE; // set before requests can reach the producer

    StagedLookups(String producer, KvCacheFigures figures) {
      this.producer = producer;
      this.figures = figures;
    }

    @Override
    public void showIn(PrefixObserver observer) {
      shown = observer.following(producer, figures);
    }

    @Override
    public void looked(int longest, long nanos) {
      shown.looked(longest, nanos);
    }
  }

  private static final class StagedHits implements Hits, Staged {

    private final String producer;
    private final String type;
    private final LongSupplier indexedBlocks;
    private Hits shown = Hits.NONE; // set before requests can reach the producer

    StagedHits(String producer, String type, LongSupplier indexedBlocks) {
      this.producer = producer;
      this.type = type;
      this.indexedBlocks = indexedBlocks;
    }

    @Override
    public void showIn(PrefixObserver observer) {
      shown = observer.producing(producer, type, indexedBlocks);
    }

    @Override
    public void hit(int matchedBlocks, int totalBlocks, int blockTokens) {
      shown.hit(matchedBlocks, totalBlocks, blockTokens);
    }
  }
}
