package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.application.port.out.DegradationObserver.Degradation;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.ThreadObserver;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DegradationEventsTest {

  private static final Degradation STORE_AWAY = new Degradation(Set.of(Step.STATE_STORE_AWAY));
  private static final ObjectReference POOL =
      new ObjectReferenceBuilder()
          .withApiVersion("inference.networking.k8s.io/v1")
          .withKind("InferencePool")
          .withNamespace("ns")
          .withName("llama")
          .withUid("u-1")
          .build();

  private final ApiServer server = ApiServer.withHistory();
  private final ApiConnection connection =
      ApiConnection.of(server.config(), Duration.ofSeconds(8), System::nanoTime);
  private final DegradationEvents events =
      new DegradationEvents(
          connection.impatient(Duration.ofMillis(500)),
          () -> POOL,
          "epp-0",
          Duration.ofMillis(20),
          InstantSource.fixed(Instant.parse("2026-11-29T16:00:00Z")),
          ThreadObserver.NONE);

  @AfterEach
  void close() {
    events.close();
    connection.close();
    server.close();
  }

  private List<Event> written() {
    return server.client().v1().events().inNamespace("ns").list().getItems();
  }

  private List<String> awaitMessages(int count) {
    await()
        .atMost(Following.PATIENCE)
        .untilAsserted(() -> assertThat(written()).hasSizeGreaterThanOrEqualTo(count));
    return written().stream().map(Event::getMessage).toList();
  }

  @Test
  void areAboutThePoolAndShowWhatIsLost() {
    events.start();

    events.changed(STORE_AWAY);
    awaitMessages(1);
    events.changed(Degradation.NONE);
    awaitMessages(2);

    assertThat(written())
        .extracting(Event::getType, Event::getReason, Event::getMessage)
        .containsExactlyInAnyOrder(
            tuple("Warning", "Degraded", "epp-0: " + Step.STATE_STORE_AWAY.sentence()),
            tuple("Normal", "NotDegraded", "epp-0: nothing is given up"));
    assertThat(written())
        .allSatisfy(
            event -> {
              assertThat(event.getInvolvedObject()).isEqualTo(POOL);
              assertThat(event.getLastTimestamp()).isEqualTo("2026-11-29T16:00:00Z");
              assertThat(event.getReportingInstance()).isEqualTo("epp-0");
            });
  }

  @Test
  void areWrittenWhenTheServerIsBack() {
    server.goAway();
    events.start();
    events.changed(new Degradation(Set.of(Step.API_SERVER_AWAY)));
    events.changed(Degradation.NONE);

    server.comeBack();

    assertThat(awaitMessages(2))
        .containsExactlyInAnyOrder(
            "epp-0: " + Step.API_SERVER_AWAY.sentence(), "epp-0: nothing is given up");
  }

  @Test
  void areTheLatestOfMoreThanAreKept() {
    server.goAway();
    for (int i = 0; i < 3 * DegradationEvents.MAX_WAITING; i++) {
      events.changed(STORE_AWAY);
    }
    events.changed(Degradation.NONE);
    server.comeBack();
    events.start();

    assertThat(awaitMessages(DegradationEvents.MAX_WAITING))
        .hasSize(DegradationEvents.MAX_WAITING)
        .contains("epp-0: nothing is given up");
  }

  @Test
  void areGivenUpWithoutTheRight() {
    server.refuse("/events", HttpURLConnection.HTTP_FORBIDDEN, 1);
    events.start();

    events.changed(STORE_AWAY);
    events.changed(Degradation.NONE);

    assertThat(awaitMessages(1)).containsExactly("epp-0: nothing is given up");
  }
}
