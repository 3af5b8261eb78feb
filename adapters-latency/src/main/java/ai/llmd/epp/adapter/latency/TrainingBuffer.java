package ai.llmd.epp.adapter.latency;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Rows for the training server, until they are taken. When there are too many, some of each kind
 * are kept, in proportion. Any thread; adding costs little.
 */
final class TrainingBuffer {

  /** Rows that are kept for one call, whatever is configured. */
  static final int MAX_SAMPLE = 100_000;

  private static final int ROOM = 4; // samples

  private final int sampleSize;
  private final RandomGenerator random;
  private List<TrainingRow> rows = new ArrayList<>();

  TrainingBuffer(int sampleSize, RandomGenerator random) {
    this.sampleSize = Math.min(sampleSize, MAX_SAMPLE);
    this.random = random;
  }

  synchronized void add(TrainingRow row) {
    rows.add(row);
    if (rows.size() >= ROOM * sampleSize) {
      rows = sampled(rows);
    }
  }

  /** What there is, or a sample of it; then it is empty. */
  synchronized List<TrainingRow> take() {
    List<TrainingRow> taken = sampled(rows);
    rows = new ArrayList<>();
    return taken;
  }

  /** In proportion to the rows about first tokens, about further ones and about neither. */
  private List<TrainingRow> sampled(List<TrainingRow> all) {
    if (all.size() <= sampleSize) {
      return all;
    }
    List<List<TrainingRow>> kinds =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (TrainingRow row : all) {
      kinds.get(row.ttftMillis() > 0 ? 0 : row.tpotMillis() > 0 ? 1 : 2).add(row);
    }
    int[] counts = new int[kinds.size()];
    int largest = 0;
    int left = sampleSize;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (int) ((long) kinds.get(i).size() * sampleSize / all.size());
      left -= counts[i];
      largest = kinds.get(i).size() > kinds.get(largest).size() ? i : largest;
    }
    counts[largest] = Math.min(counts[largest] + left, kinds.get(largest).size());
    List<TrainingRow> sample = new ArrayList<>(sampleSize);
    for (int i = 0; i < counts.length; i++) {
      draw(kinds.get(i), counts[i], sample);
    }
    return sample;
  }

  /** Draws so many, without putting back. */
  private void draw(List<TrainingRow> from, int count, List<TrainingRow> sample) {
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(from.size() - i);
      TrainingRow drawn = from.get(other);
      from.set(other, from.get(i));
      sample.add(drawn);
    }
  }
}
