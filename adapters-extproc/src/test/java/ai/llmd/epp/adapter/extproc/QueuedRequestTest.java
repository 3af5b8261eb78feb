package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.domain.routing.RoutingDecision;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conversations whose request is queued before it is routed. */
@Timeout(60)
class QueuedRequestTest {

  private static final ProcessingRequest HEADERS =
      requestHeaders(false, ":path", "/v1/completions", "x-request-id", "req-1");
  private static final ProcessingRequest BODY =
      requestBody("{\"model\":\"llama\",\"prompt\":\"hello\"}", true);

  /** A place that ends when a test says so, or when it is given up. */
  private static final class Place implements QueuePlace {

    private final AtomicReference<@Nullable Runnable> whenOver = new AtomicReference<>();
    private final AtomicInteger givenUp = new AtomicInteger();
    private volatile boolean isTaken;

    @Override
    public void take(Runnable next) {
      whenOver.set(next);
      isTaken = true;
    }

    @Override
    public void giveUp() {
      givenUp.incrementAndGet();
      end();
    }

    void end() {
      Runnable next = whenOver.getAndSet(null);
      if (next != null) {
        next.run();
      }
    }
  }

  private final TestPicker picker = TestPicker.start();
  private final Place place = new Place();
  private final AtomicInteger settled = new AtomicInteger();

  @BeforeEach
  void queueEveryRequest() {
    picker.routing.routing = decision -> new Routing.Queued(place, () -> settled(decision));
  }

  private Routing settled(RoutingDecision decision) throws InterruptedException {
    settled.incrementAndGet();
    if (place.givenUp.get() > 0) {
      throw new InterruptedException();
    }
    return new Routing.Decided(decision);
  }

  @AfterEach
  void stop() {
    picker.close();
  }

  private Dialogue queued() {
    Dialogue dialogue = picker.open().send(HEADERS).send(BODY);
    await().until(() -> place.isTaken);
    return dialogue;
  }

  @Test
  void goesOnWhenItsTurnHasCome() {
    Dialogue dialogue = queued();
    assertThat(settled).hasValue(0);

    place.end();

    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
    dialogue.next();
    dialogue.halfClose().end();
    assertThat(place.givenUp).hasValue(0);
  }

  @Test
  void mayWaitBeforeAndBehindTheQueue() {
    picker.routing.routing =
        decision ->
            new Routing.Waiting(
                () ->
                    new Routing.Queued(place, () -> new Routing.Waiting(() -> settled(decision))));
    Dialogue dialogue = queued();
    place.end();
    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
  }

  @Test
  void givesItsPlaceUpWhenTheClientLeaves() {
    Dialogue dialogue = queued();

    dialogue.cancel();

    await().until(() -> settled.get() == 1);
    await().until(() -> picker.server.openStreams() == 0);
    await().until(() -> picker.server.bufferedBytes() == 0);
    assertThat(place.givenUp).hasValue(1);
    assertThat(Objects.requireNonNull(picker.routing.routes.getFirst()).ends).isEmpty();
  }

  @Test
  void refusesWhenTheQueueFails() {
    picker.routing.routing =
        decision ->
            new Routing.Queued(
                place,
                () -> {
                  throw new IllegalStateException("broken");
                });
    Dialogue dialogue = queued();
    place.end();
    assertThat(dialogue.next().getImmediateResponse().getStatus().getCode())
        .isEqualTo(StatusCode.InternalServerError);
  }
}
