package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SteadyLoad;
import ai.llmd.epp.acceptance.stack.SteadyLoad.Asked;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something breaks under load and is mended: which requests that costs, and how long replicas take
 * to agree again. Begin it, break, call {@link #broken}, mend, say what is back, end it, judge.
 */
final class Episode implements AutoCloseable {

  private static final int PER_SECOND = 40;
  private static final int LAG_SECONDS = 3;
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Long enough for second questions about what was learned meanwhile. */
  private static final int AWAY = (LAG_SECONDS + 2) * PER_SECOND;

  /** What Envoy may send anywhere by itself, without a decision in time, of a hundred. */
  private static final int STRAYS_PERCENT = 5;

  /** All replicas say that they share, once the store is back. */
  private static final Duration SHARING_WITHIN = Duration.ofSeconds(4);

  /** A replica that starts takes what time it takes on a busy machine. */
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(30);

  /** And then know what was learned meanwhile; together 5 s. */
  private static final Duration AGREED_WITHIN = Duration.ofSeconds(1);

  private final String name;
  private final Replicas replicas;
  private final TaughtTopics topics =
      new TaughtTopics(COUNT.incrementAndGet(), LAG_SECONDS * PER_SECOND);
  private final SteadyLoad load;
  private long brokenAtNanos;
  private long mendedAtNanos;
  private long sharingAtNanos;

  private Episode(String name, Replicas replicas, Client gateway) {
    this.name = name;
    this.replicas = replicas;
    this.load = SteadyLoad.start(gateway, PER_SECOND, topics);
  }

  /** Returns when requests have been flowing for a while. */
  static Episode begin(String name, Replicas replicas, EnvoyProcess envoy) {
    var episode = new Episode(name, replicas, envoy.gateway());
    episode.load.awaitMore(PER_SECOND);
    return episode;
  }

  /** It is about to be broken, and mended at once. */
  void breaking() {
    brokenAtNanos = System.nanoTime();
  }

  /** It has been broken; returns after some seconds of requests. */
  void broken() {
    brokenAtNanos = System.nanoTime();
    load.awaitMore(AWAY);
  }

  /** It stays broken for as long again. */
  void stillBroken() {
    load.awaitMore(AWAY);
  }

  /** The store is back; returns when all replicas say that they share. */
  void storeIsBack() {
    awaitSharing(SHARING_WITHIN);
  }

  /** All replicas run again; returns when all say that they share. */
  void replicasAreBack() {
    awaitSharing(STARTED_WITHIN);
  }

  private void awaitSharing(Duration limit) {
    mendedAtNanos = System.nanoTime();
    await().atMost(limit).pollInterval(Duration.ofMillis(20)).until(replicas::areSharing);
    sharingAtNanos = System.nanoTime();
  }

  /** Goes on until the figures after the mending are known, and then ends; prints figures. */
  void end() {
    load.awaitMore((LAG_SECONDS + 4) * PER_SECOND);
    load.close();
    System.out.printf(
        Locale.ROOT,
        "%s: %d requests, %d failed; all replicas shared %.2f s after the mending, the last that"
            + " did not know was asked %.2f s after it; %d of %d did not know while it was"
            + " broken%n",
        name,
        load.answered().size(),
        failed().size(),
        seconds(sharingAtNanos),
        secondsToReconcile(),
        missesWhileBroken(),
        secondsWhileBroken().size());
  }

  List<Asked> failed() {
    return load.answered().stream().filter(Asked::hasFailed).toList();
  }

  long brokenAtNanos() {
    return brokenAtNanos;
  }

  private double secondsToReconcile() {
    return topics.seconds(load.answered()).stream()
        .filter(TaughtTopics::isMiss)
        .filter(second -> second.sentAtNanos() - mendedAtNanos > 0)
        .mapToDouble(second -> seconds(second.sentAtNanos()))
        .max()
        .orElse(0);
  }

  private double seconds(long nanos) {
    return (nanos - mendedAtNanos) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private List<Asked> secondsWhileBroken() {
    return topics.secondsTaughtSince(brokenAtNanos, load.answered()).stream()
        .filter(second -> second.endedAtNanos() - mendedAtNanos < 0)
        .toList();
  }

  /** Questions that found nothing although the same was asked before, both while it was broken. */
  long missesWhileBroken() {
    return secondsWhileBroken().stream().filter(TaughtTopics::isMiss).count();
  }

  /** What one replica learned while it was broken, or after that, all know by now. */
  void assertAgreed() {
    long agreedAtNanos = sharingAtNanos + AGREED_WITHIN.toNanos();
    List<Asked> seconds =
        topics.secondsTaughtSince(brokenAtNanos, load.answered()).stream()
            .filter(second -> second.sentAtNanos() - agreedAtNanos > 0)
            .toList();
    assertThat(seconds).hasSizeGreaterThan(PER_SECOND);
    assertThat(seconds.stream().filter(TaughtTopics::isMiss).count())
        .as("asked again without finding what was cached, of %d", seconds.size())
        .isLessThanOrEqualTo(seconds.size() * STRAYS_PERCENT / 100);
  }

  @Override
  public void close() {
    load.close();
  }
}
