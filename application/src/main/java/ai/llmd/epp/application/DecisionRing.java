package ai.llmd.epp.application;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The last decisions, bounded in number and in bytes; the oldest go first. Any thread: a lock is
 * held for one insertion, or for copying references when they are read.
 */
public final class DecisionRing {

  private final int mostRecords;
  private final long mostBytes;

  // guarded by this
  private final ArrayDeque<DecisionRecord> records = new ArrayDeque<>();
  private long bytes;
  private long everAdded;

  /**
   * @param mostRecords 0 keeps nothing
   * @param mostBytes bound on the memory held, estimated from above, in bytes
   */
  public DecisionRing(int mostRecords, long mostBytes) {
    if (mostRecords < 0 || mostBytes < 0) {
      throw new IllegalArgumentException(
          "bounds must be 0 or more, were " + mostRecords + " records and " + mostBytes + " bytes");
    }
    this.mostRecords = mostRecords;
    this.mostBytes = mostBytes;
  }

  void add(DecisionRecord decision) {
    long added = decision.bytes();
    synchronized (this) {
      records.addLast(decision);
      everAdded++;
      bytes += added;
      while (records.size() > mostRecords || bytes > mostBytes) {
        bytes -= records.removeFirst().bytes();
      }
    }
  }

  /**
   * What was decided after a moment.
   *
   * @param newestFirst as far as they are still kept
   * @param sequence decisions ever added; stands for the moment at which this was read
   */
  public record News(List<DecisionRecord> newestFirst, long sequence) {

    public News {
      newestFirst = List.copyOf(newestFirst);
    }
  }

  /**
   * The decisions since a moment.
   *
   * @param sequence of that moment; 0 or less for all that are kept
   */
  public synchronized News since(long sequence) {
    long most = Math.clamp(everAdded - sequence, 0, records.size());
    return new News(latest(Math.toIntExact(most)), everAdded);
  }

  /** The latest decision about a request, as long as it is remembered. */
  public Optional<DecisionRecord> find(String requestId) {
    return latest(Integer.MAX_VALUE).stream()
        .filter(decision -> decision.labels().requestId().equals(requestId))
        .findFirst();
  }

  /** Up to {@code most} decisions, the latest first. */
  public synchronized List<DecisionRecord> latest(int most) {
    List<DecisionRecord> latest = new ArrayList<>(Math.min(most, records.size()));
    Iterator<DecisionRecord> newestFirst = records.descendingIterator();
    while (newestFirst.hasNext() && latest.size() < most) {
      latest.add(newestFirst.next());
    }
    return latest;
  }
}
