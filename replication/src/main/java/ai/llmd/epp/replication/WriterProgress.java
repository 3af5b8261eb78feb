package ai.llmd.epp.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How far each replica has been heard, and what was missed of it. Duplicates and any order are
 * fine: each number counts once. The reader's thread only.
 */
final class WriterProgress {

  /** A batch may have been overtaken; it is missed only after this. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_ASKS = 6;

  /** Replicas remembered; a pool has a handful, each start of one counts. */
  private static final int MOST_WRITERS = 4_096;

  /** Holes remembered for one replica; beyond it only a snapshot helps. */
  private static final int MOST_HOLES = 1_024;

  /** Numbers that were not heard, from one to another. */
  record Hole(long writer, long from, long to, int asks) {}

  private static final class Track {
    long upTo;
    final TreeMap<Long, Missing> holes = new TreeMap<>(); // by first number

    /** When somebody was last heard; the longest silent are forgotten first. */
    long heardAtNanos;
  }

  private record Missing(long to, long askAtNanos, int asks) {}

  private final Map<Long, Track> tracks = new HashMap<>();
  private long lost;

  /**
   * A batch has come.
   *
   * @return whether it is new
   */
  boolean accept(long writer, long number, long nowNanos) {
    Track track = track(writer);
    track.heardAtNanos = nowNanos;
    if (number > track.upTo) {
      if (number > track.upTo + 1) {
        miss(track, track.upTo + 1, number - 1, nowNanos);
      }
      track.upTo = number;
      return true;
    }
    return fill(track, number);
  }

  private Track track(long writer) {
    Track known = tracks.get(writer);
    if (known == null) {
      if (tracks.size() >= MOST_WRITERS) {
        forgetTheMostSilent();
      }
      known = new Track();
      tracks.put(writer, known);
    }
    return known;
  }

  private void forgetTheMostSilent() {
    long silent = 0;
    long since = Long.MAX_VALUE;
    for (Map.Entry<Long, Track> entry : tracks.entrySet()) {
      if (entry.getValue().heardAtNanos < since) {
        since = entry.getValue().heardAtNanos;
        silent = entry.getKey();
      }
    }
    tracks.remove(silent);
  }

  private void miss(Track track, long from, long to, long nowNanos) {
    track.holes.put(from, new Missing(to, nowNanos + PATIENCE_NANOS, 0));
    if (track.holes.size() > MOST_HOLES) {
      Map.Entry<Long, Missing> first = track.holes.pollFirstEntry();
      lost += first.getValue().to() - first.getKey() + 1;
    }
  }

  private static boolean fill(Track track, long number) {
    Map.Entry<Long, Missing> hole = track.holes.floorEntry(number);
    if (hole == null || hole.getValue().to() < number) {
      return false;
    }
    long from = hole.getKey();
    Missing missing = hole.getValue();
    track.holes.remove(from);
    if (from < number) {
      track.holes.put(from, new Missing(number - 1, missing.askAtNanos(), missing.asks()));
    }
    if (number < missing.to()) {
      track.holes.put(number + 1, missing);
    }
    return true;
  }

  /** A snapshot was read that contains everything up to a number. */
  void covered(long writer, long number) {
    Track track = track(writer);
    track.upTo = Math.max(track.upTo, number);
    while (!track.holes.isEmpty() && track.holes.firstKey() <= number) {
      Map.Entry<Long, Missing> hole = track.holes.pollFirstEntry();
      if (hole.getValue().to() > number) {
        track.holes.put(number + 1, hole.getValue());
      }
    }
  }

  /** Holes that nobody has asked to fill for a while; they count as asked for now. */
  List<Hole> toAskFor(long nowNanos) {
    List<Hole> due = new ArrayList<>();
    tracks.forEach((writer, track) -> collect(writer, track, nowNanos, due));
    return due;
  }

  private void collect(long writer, Track track, long nowNanos, List<Hole> due) {
    Iterator<Map.Entry<Long, Missing>> holes = track.holes.entrySet().iterator();
    while (holes.hasNext()) {
      Map.Entry<Long, Missing> hole = holes.next();
      Missing missing = hole.getValue();
      if (missing.askAtNanos() - nowNanos <= 0) {
        if (missing.asks() >= MOST_ASKS) {
          holes.remove();
          lost += missing.to() - hole.getKey() + 1;
        } else {
          due.add(new Hole(writer, hole.getKey(), missing.to(), missing.asks()));
          hole.setValue(new Missing(missing.to(), nowNanos + ASK_AGAIN_NANOS, missing.asks() + 1));
        }
      }
    }
  }

  /** Nobody can fill the holes. */
  void giveUp() {
    for (Track track : tracks.values()) {
      track.holes.forEach((from, hole) -> lost += hole.to() - from + 1);
      track.holes.clear();
    }
  }

  /** Whether anything is missed. */
  boolean hasHoles() {
    return tracks.values().stream().anyMatch(track -> !track.holes.isEmpty());
  }

  /** How far each replica has been heard without a hole. */
  Map<Long, Long> heard() {
    Map<Long, Long> heard = new HashMap<>();
    tracks.forEach(
        (writer, track) ->
            heard.put(writer, track.holes.isEmpty() ? track.upTo : track.holes.firstKey() - 1));
    return heard;
  }

  /** Batches that nobody could say again. */
  long lost() {
    return lost;
  }
}
