package ai.llmd.epp.replication.receive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Per writer, the batches received and the gaps in their sequence numbers. Duplicates and any order
 * are fine: each number counts once. Numbers come from a store that others can write to: a single
 * one far ahead is not believed, and a writer that was silenced by two of them is heard again after
 * a lease. The reader's thread only.
 */
public final class WriterProgress {

  /** A batch may have been overtaken; it counts as missed only after this. */
  private static final long REORDERING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long REQUEST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_REQUESTS = 6;

  /** Retransmission requests for one gap before only a snapshot helps. */
  static final int MAX_RETRANSMISSION_REQUESTS = 2;

  /** Writers remembered; a pool has a handful, each start of one counts. */
  private static final int MAX_WRITERS = 1_024;

  /** Gaps remembered of one writer; beyond it only a snapshot helps. */
  private static final int MAX_GAPS = 256;

  /**
   * How far a writer's numbers are believed to jump: five minutes of a busy one. A larger jump is
   * believed only when the writer goes on behind it, and asked for as a snapshot.
   */
  private static final long MAX_JUMP = 1 << 16;

  /**
   * Batches behind one that was not received itself until a writer's taking back is believed again:
   * more than it sends while a snapshot is written.
   */
  static final int SETTLING = 1 << 12;

  /**
   * Sequence numbers that were not received.
   *
   * @param requests retransmission requests made before
   */
  record Gap(long writer, long from, long to, int requests) {}

  private static final class Track {
    long upTo;

    /** The last one that was not received itself: a snapshot covers it, or it is lost; 0: none. */
    long unreceived;

    final TreeMap<Long, Missing> gaps = new TreeMap<>(); // by first number

    /** When a batch was last received; the longest silent writer is forgotten first. */
    long receivedAtNanos;

    /** A number too far ahead to be believed, until the next one confirms it; 0 for none. */
    long doubted;

    /** Since when nothing new was received although batches were; meaningful while it is set. */
    long staleSinceNanos;

    boolean isStale;
  }

  private record Missing(long to, long requestAtNanos, int requests) {}

  private final Map<Long, Track> tracks = new HashMap<>();
  private final long leaseNanos;
  private boolean hasBegunAnew;
  private long lostBatches;

  /**
   * @param leaseNanos how long a writer may send nothing but what was received before
   */
  public WriterProgress(long leaseNanos) {
    this.leaseNanos = leaseNanos;
  }

  /**
   * A batch was received.
   *
   * @return whether it is new
   */
  boolean accept(long writer, long sequence, long nowNanos) {
    hasBegunAnew = false;
    Track track = track(writer);
    track.receivedAtNanos = nowNanos;
    if (sequence > track.upTo ? advance(track, sequence, nowNanos) : fill(track, sequence)) {
      track.isStale = false;
      return true;
    }
    return sequence <= track.upTo && beginAnewIfStale(track, sequence, nowNanos);
  }

  /**
   * Whether the batch accepted last began its writer's track anew: numbers that were taken from it
   * before mean nothing.
   */
  boolean hasBegunAnew() {
    return hasBegunAnew;
  }

  private static boolean isFar(long from, long to) {
    return to - from > MAX_JUMP;
  }

  private boolean advance(Track track, long sequence, long nowNanos) {
    boolean isKnown = track.upTo > 0;
    if (isKnown && isFar(track.upTo, sequence)) {
      boolean isConfirmed =
          track.doubted != 0 && sequence > track.doubted && !isFar(track.doubted, sequence);
      if (!isConfirmed) {
        track.doubted = sequence;
        return false;
      }
    }
    track.doubted = 0;
    if (sequence > track.upTo + 1) {
      miss(track, track.upTo + 1, sequence - 1, nowNanos);
    }
    track.upTo = sequence;
    return true;
  }

  /**
   * A living writer sends new numbers several times in a lease. One that does not was taken for
   * further than it is: what it sent meanwhile is missed.
   */
  private boolean beginAnewIfStale(Track track, long sequence, long nowNanos) {
    if (!track.isStale) {
      track.isStale = true;
      track.staleSinceNanos = nowNanos;
    }
    if (nowNanos - track.staleSinceNanos <= leaseNanos) {
      return false;
    }
    track.isStale = false;
    track.doubted = 0;
    track.gaps.clear();
    track.upTo = sequence;
    track.unreceived = sequence - 1;
    if (sequence > 1) {
      track.gaps.put(
          sequence - 1, new Missing(sequence - 1, nowNanos, MAX_RETRANSMISSION_REQUESTS));
    }
    hasBegunAnew = true;
    return true;
  }

  private Track track(long writer) {
    Track known = tracks.get(writer);
    if (known == null) {
      if (tracks.size() >= MAX_WRITERS) {
        forgetTheLongestSilent();
      }
      known = new Track();
      tracks.put(writer, known);
    }
    return known;
  }

  private void forgetTheLongestSilent() {
    long silent = 0;
    long since = Long.MAX_VALUE;
    for (Map.Entry<Long, Track> entry : tracks.entrySet()) {
      if (entry.getValue().receivedAtNanos < since) {
        since = entry.getValue().receivedAtNanos;
        silent = entry.getKey();
      }
    }
    tracks.remove(silent);
  }

  private void miss(Track track, long from, long to, long nowNanos) {
    int requests = isFar(from, to) ? MAX_RETRANSMISSION_REQUESTS : 0;
    track.gaps.put(from, new Missing(to, nowNanos + REORDERING_NANOS, requests));
    dropGaps(track);
  }

  private void dropGaps(Track track) {
    while (track.gaps.size() > MAX_GAPS) {
      Map.Entry<Long, Missing> first = track.gaps.pollFirstEntry();
      lost(track, first.getKey(), first.getValue().to());
    }
  }

  /** However large a gap, no more is believed to be lost in it than a writer may jump. */
  private void lost(Track track, long from, long to) {
    track.unreceived = Math.max(track.unreceived, to);
    lostBatches += Math.min(to - from + 1, MAX_JUMP);
  }

  private boolean fill(Track track, long sequence) {
    Map.Entry<Long, Missing> gap = track.gaps.floorEntry(sequence);
    if (gap == null || gap.getValue().to() < sequence) {
      return false;
    }
    long from = gap.getKey();
    Missing missing = gap.getValue();
    track.gaps.remove(from);
    if (from < sequence) {
      track.gaps.put(from, new Missing(sequence - 1, missing.requestAtNanos(), missing.requests()));
    }
    if (sequence < missing.to()) {
      track.gaps.put(sequence + 1, missing);
      dropGaps(track);
    }
    return true;
  }

  /** A snapshot was read that includes everything up to a sequence number. */
  void coveredBySnapshot(long writer, long sequence) {
    Track track = track(writer);
    if (sequence > track.upTo || (!track.gaps.isEmpty() && track.gaps.firstKey() <= sequence)) {
      track.unreceived = Math.max(track.unreceived, sequence);
    }
    track.upTo = Math.max(track.upTo, sequence);
    while (!track.gaps.isEmpty() && track.gaps.firstKey() <= sequence) {
      Map.Entry<Long, Missing> gap = track.gaps.pollFirstEntry();
      if (gap.getValue().to() > sequence) {
        track.gaps.put(sequence + 1, gap.getValue());
      }
    }
  }

  /** Gaps for which a retransmission request is due; it then counts as made. */
  List<Gap> dueForRequest(long nowNanos) {
    List<Gap> due = new ArrayList<>();
    tracks.forEach((writer, track) -> collect(writer, track, nowNanos, due));
    return due;
  }

  private void collect(long writer, Track track, long nowNanos, List<Gap> due) {
    Iterator<Map.Entry<Long, Missing>> gaps = track.gaps.entrySet().iterator();
    while (gaps.hasNext()) {
      Map.Entry<Long, Missing> gap = gaps.next();
      Missing missing = gap.getValue();
      if (missing.requestAtNanos() - nowNanos <= 0) {
        if (missing.requests() >= MAX_REQUESTS) {
          gaps.remove();
          lost(track, gap.getKey(), missing.to());
        } else {
          due.add(new Gap(writer, gap.getKey(), missing.to(), missing.requests()));
          gap.setValue(
              new Missing(missing.to(), nowNanos + REQUEST_INTERVAL_NANOS, missing.requests() + 1));
        }
      }
    }
  }

  /** No peer can fill the gaps: what is missing is lost. */
  void abandonGaps() {
    for (Track track : tracks.values()) {
      track.gaps.forEach((from, gap) -> lost(track, from, gap.to()));
      track.gaps.clear();
    }
  }

  /**
   * Whether a batch is a writer's newest, and everything before it was received, for a while as
   * batches: a snapshot that covers what taught some blocks may have been taken after they were
   * taken back, and so be without them.
   */
  boolean isInOrder(long writer, long sequence) {
    Track track = tracks.get(writer);
    return track != null
        && track.upTo == sequence
        && track.gaps.isEmpty()
        && (track.unreceived == 0 || sequence - track.unreceived > SETTLING);
  }

  /** Whether a batch is missing. */
  boolean hasGaps() {
    return tracks.values().stream().anyMatch(track -> !track.gaps.isEmpty());
  }

  /** By writer, the sequence number up to which everything was received. */
  public Map<Long, Long> receivedUpTo() {
    Map<Long, Long> received = new HashMap<>();
    tracks.forEach(
        (writer, track) ->
            received.put(writer, track.gaps.isEmpty() ? track.upTo : track.gaps.firstKey() - 1));
    return received;
  }

  /** Batches that no peer could retransmit. */
  long lostBatches() {
    return lostBatches;
  }
}
