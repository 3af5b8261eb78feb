package ai.llmd.epp.domain.pool;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/**
 * An ordered list of the endpoints still in the running. Immutable.
 *
 * <p>Narrowing keeps slots: an array by slot that was filled for the whole list serves the narrowed
 * one as well, nothing shifts.
 */
public final class Candidates implements Iterable<Candidate> {

  private final int slotCount;
  private final Candidate[] candidates;
  private final int size;

  private Candidates(int slotCount, Candidate[] candidates, int size) {
    this.slotCount = slotCount;
    this.candidates = candidates;
    this.size = size;
  }

  /** Takes over the array without a copy; the caller forgets it. */
  static Candidates adopt(int slotCount, Candidate[] candidates, int size) {
    return new Candidates(slotCount, candidates, size);
  }

  /** A list in this order. */
  public static Candidates of(int slotCount, List<Candidate> candidates) {
    return new Candidates(slotCount, candidates.toArray(Candidate[]::new), candidates.size());
  }

  /** The same slots, other endpoints: filters that reorder or pickers that choose build these. */
  public Candidates select(Candidate[] chosen, int count) {
    return new Candidates(slotCount, Arrays.copyOf(chosen, count), count);
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** The length that an array indexed by slot needs. */
  public int slotCount() {
    return slotCount;
  }

  /** The {@code index}-th candidate, {@code 0 <= index < size()}. */
  public Candidate get(int index) {
    return candidates[index];
  }

  /** Those that pass, in the same order; this very list when all do. */
  public Candidates where(Predicate<Candidate> keep) {
    Candidate[] kept = null;
    int count = 0;
    for (int i = 0; i < size; i++) {
      Candidate candidate = candidates[i];
      if (keep.test(candidate)) {
        if (kept != null) {
          kept[count] = candidate;
        }
        count++;
      } else if (kept == null) {
        kept = Arrays.copyOf(candidates, size);
      }
    }
    return kept == null ? this : new Candidates(slotCount, kept, count);
  }

  @Override
  public Iterator<Candidate> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < size;
      }

      @Override
      public Candidate next() {
        if (next >= size) {
          throw new NoSuchElementException();
        }
        return candidates[next++];
      }
    };
  }
}
