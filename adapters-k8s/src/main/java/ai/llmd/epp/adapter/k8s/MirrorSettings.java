package ai.llmd.epp.adapter.k8s;

import java.time.Duration;

/**
 * How copies are kept.
 *
 * @param superviseEvery how often to look whether a watch has ended
 * @param awaitEvery how often to look whether a list is there that is awaited
 * @param probeEvery how often to probe the API server
 * @param probeTimeout when the lack of an answer is one
 * @param relistEvery when a watch is replaced although it seems to work
 * @param longestUnwatched when a watch is given up that cannot be had again
 * @param longestList when a list is begun anew
 * @param firstRetry pause after a first failure; doubles with each
 * @param longestRetry where it stops
 * @param refusedFor a refusal (403, 404) that lasts so long is the answer; an API server that has
 *     just begun refuses what it allows a moment later
 */
public record MirrorSettings(
    Duration superviseEvery,
    Duration awaitEvery,
    Duration probeEvery,
    Duration probeTimeout,
    Duration relistEvery,
    Duration longestUnwatched,
    Duration longestList,
    Duration firstRetry,
    Duration longestRetry,
    Duration refusedFor) {

  public static final MirrorSettings DEFAULTS =
      new MirrorSettings(
          Duration.ofMillis(500),
          Duration.ofMillis(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));

  private static final int MAX_DOUBLINGS = 20;

  Duration retryAfter(int failures) {
    Duration pause = firstRetry.multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
    return pause.compareTo(longestRetry) < 0 ? pause : longestRetry;
  }
}
