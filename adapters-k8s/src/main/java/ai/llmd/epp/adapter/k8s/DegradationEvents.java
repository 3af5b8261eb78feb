package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.connection.Reasons;
import ai.llmd.epp.application.port.out.DegradationObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an Event for each change of what is given up, about the pool's object, from a thread of
 * its own. What happens while the API server is away is written when it is back; of more changes
 * than it keeps, the latest.
 */
final class DegradationEvents implements DegradationObserver, AutoCloseable {

  /** Changes that wait to be written. */
  static final int MAX_WAITING = 16;

  private static final String THREAD = "kubernetes-events";
  private static final String COMPONENT = "llm-d-epp";
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int FIRST_SERVER_ERROR = 500;

  private static final Logger log = LoggerFactory.getLogger(DegradationEvents.class);

  private final KubernetesClient client;
  private final Supplier<ObjectReference> subject;
  private final String instance;
  private final Duration retryEvery;
  private final InstantSource wallClock;
  private final ThreadGuard guard;
  private final BlockingDeque<Event> waiting = new LinkedBlockingDeque<>(MAX_WAITING);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread writing = Thread.ofVirtual().name(THREAD).unstarted(this::write);

  private Step before = Step.FULL; // the observed thread's
  private String lastRefusal = ""; // the writing thread's

  /**
   * Starts nothing.
   *
   * @param client stays the caller's; its calls end after a few seconds
   * @param subject what the events are about, asked for each
   * @param instance this replica's name
   * @param retryEvery how long to wait after an API server that did not answer
   */
  DegradationEvents(
      KubernetesClient client,
      Supplier<ObjectReference> subject,
      String instance,
      Duration retryEvery,
      InstantSource wallClock,
      ThreadObserver threads) {
    this.client = client;
    this.subject = subject;
    this.instance = instance;
    this.retryEvery = retryEvery;
    this.wallClock = wallClock;
    this.guard = new ThreadGuard(THREAD, threads);
  }

  void start() {
    writing.start();
  }

  @Override
  public void changed(Degradation now) {
    Event event = event(now, now.step().compareTo(before) > 0);
    before = now.step();
    while (!waiting.offerLast(event)) {
      waiting.pollFirst();
    }
  }

  private Event event(Degradation now, boolean isWorse) {
    ObjectReference about = subject.get();
    String time = wallClock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    boolean isOver = now.steps().isEmpty();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(about.getNamespace())
        .withName("epp.%016x".formatted(ThreadLocalRandom.current().nextLong()))
        .endMetadata()
        .withInvolvedObject(about)
        .withType(isWorse ? "Warning" : "Normal")
        .withReason(isOver ? "NotDegraded" : "Degraded")
        .withMessage(instance + ": " + (isOver ? Step.FULL.sentence() : now.detail()))
        .withCount(1)
        .withFirstTimestamp(time)
        .withLastTimestamp(time)
        .withNewSource()
        .withComponent(COMPONENT)
        .withHost(instance)
        .endSource()
        .withReportingComponent(COMPONENT)
        .withReportingInstance(instance)
        .build();
  }

  private void write() {
    guard.begin();
    try {
      while (closed.getCount() > 0) {
        Event next = waiting.takeFirst();
        if (!isSettled(next)) {
          waiting.offerFirst(next); // no room left: newer changes count
          boolean _ = closed.await(retryEvery.toNanos(), TimeUnit.NANOSECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether nothing is left to do about an event: it is written, or will not be taken. */
  private boolean isSettled(Event event) {
    try {
      client.v1().events().inNamespace(event.getMetadata().getNamespace()).resource(event).create();
      lastRefusal = "";
      return true;
    } catch (KubernetesClientException e) {
      int status = Reasons.status(e);
      if (status == 0 || status == TOO_MANY_REQUESTS || status >= FIRST_SERVER_ERROR) {
        return false;
      }
      if (status != HttpURLConnection.HTTP_CONFLICT) { // that one came of an earlier try
        reportRefusal(Reasons.of(e));
      }
      return true;
    } catch (Throwable thrown) {
      guard.report(NonFatal.orThrow(thrown));
      return true;
    }
  }

  private void reportRefusal(String reason) {
    if (!reason.equals(lastRefusal)) {
      lastRefusal = reason;
      log.atWarn().addKeyValue("reason", reason).log("events are not written");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    writing.interrupt();
    try {
      writing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
