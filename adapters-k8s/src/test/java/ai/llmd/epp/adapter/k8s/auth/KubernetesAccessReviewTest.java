package ai.llmd.epp.adapter.k8s.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.AccessReview.Verdict;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.utils.BodyProvider;
import io.fabric8.mockwebserver.utils.ResponseProviders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a mock API server that knows one token, and one path that its owner may read. */
@EnableKubernetesMockClient
class KubernetesAccessReviewTest {

  private static final String TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews";
  private static final String ACCESS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  private static final String PROMETHEUS = "system:serviceaccount:monitoring:prometheus";

  @SuppressWarnings("NullAway.Init") // by the extension
  private KubernetesMockServer server;

  @SuppressWarnings("NullAway.Init") // by the extension
  private KubernetesClient client;

  private final KubernetesSerialization json = new KubernetesSerialization();
  private final AtomicLong now = new AtomicLong();
  private final List<TokenReview> identified = new CopyOnWriteArrayList<>();
  private final List<SubjectAccessReview> decided = new CopyOnWriteArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private KubernetesAccessReview review;

  @BeforeEach
  void begin() {
    review = new KubernetesAccessReview(client, now::get, Duration.ofMillis(1));
  }

  private void answers() {
    answer(TOKENS, this::identify);
    answer(ACCESS, this::decide);
  }

  private void answer(String path, BodyProvider<Object> body) {
    server.expect().post().withPath(path).andReply(ResponseProviders.of(201, body)).always();
  }

  private Object identify(RecordedRequest request) {
    TokenReview asked = json.unmarshal(request.getUtf8Body(), TokenReview.class);
    identified.add(asked);
    return asked.getSpec().getToken().equals("good")
        ? new TokenReviewBuilder(asked)
            .withNewStatus()
            .withAuthenticated(true)
            .withNewUser()
            .withUsername(PROMETHEUS)
            .withUid("7")
            .withGroups("system:serviceaccounts")
            .endUser()
            .endStatus()
            .build()
        : new TokenReviewBuilder(asked)
            .withNewStatus()
            .withAuthenticated(false)
            .endStatus()
            .build();
  }

  private Object decide(RecordedRequest request) {
    SubjectAccessReview asked = json.unmarshal(request.getUtf8Body(), SubjectAccessReview.class);
    decided.add(asked);
    boolean allowed =
        asked.getSpec().getNonResourceAttributes().getPath().equals("/metrics")
            && asked.getSpec().getNonResourceAttributes().getVerb().equals("get");
    return new SubjectAccessReviewBuilder(asked)
        .withNewStatus()
        .withAllowed(allowed)
        .endStatus()
        .build();
  }

  @Test
  void aKnownReaderMayReadWhatItIsPermitted() {
    answers();

    assertThat(review.review("good", "/metrics", "get")).isEqualTo(new Verdict.Allowed());
    assertThat(review.review("good", "/debug/decisions", "get"))
        .isEqualTo(new Verdict.Denied(PROMETHEUS));
    assertThat(review.review("good", "/metrics", "post")).isEqualTo(new Verdict.Denied(PROMETHEUS));
  }

  @Test
  void theAccessReviewHasAllThatTheTokenReviewReturned() {
    answers();

    review.review("good", "/metrics", "get");

    var spec = decided.getFirst().getSpec();
    assertThat(spec.getUser()).isEqualTo(PROMETHEUS);
    assertThat(spec.getUid()).isEqualTo("7");
    assertThat(spec.getGroups()).containsExactly("system:serviceaccounts", "system:authenticated");
    assertThat(spec.getResourceAttributes()).isNull();
  }

  @Test
  void anUnknownTokenIsReviewedEachTime() {
    answers();

    assertThat(review.review("forged", "/metrics", "get")).isEqualTo(new Verdict.Unknown());
    assertThat(review.review("forged", "/metrics", "get")).isEqualTo(new Verdict.Unknown());
    assertThat(identified).hasSize(2);
    assertThat(decided).isEmpty();
  }

  @Test
  void aKnownTokenIsRememberedForAMinute() {
    answers();
    review.review("good", "/metrics", "get");

    now.addAndGet(Duration.ofSeconds(59).toNanos());
    review.review("good", "/metrics", "get");
    assertThat(identified).hasSize(1);

    now.addAndGet(Duration.ofSeconds(2).toNanos());
    review.review("good", "/metrics", "get");
    assertThat(identified).hasSize(2);
    assertThat(decided).hasSize(1);
  }

  @Test
  void aPermissionIsRememberedForFiveMinutesAndARefusalForHalfAOne() {
    answers();
    review.review("good", "/metrics", "get");
    review.review("good", "/debug/threads", "get");

    now.addAndGet(Duration.ofSeconds(31).toNanos());
    review.review("good", "/metrics", "get");
    review.review("good", "/debug/threads", "get");
    assertThat(pathsDecided()).containsExactly("/metrics", "/debug/threads", "/debug/threads");

    now.addAndGet(Duration.ofMinutes(5).toNanos());
    review.review("good", "/metrics", "get");
    assertThat(pathsDecided()).hasSize(4);
  }

  private List<String> pathsDecided() {
    return decided.stream()
        .map(asked -> asked.getSpec().getNonResourceAttributes().getPath())
        .toList();
  }

  @Test
  void anApiServerThatFailsOnceIsAskedAgain() {
    server.expect().post().withPath(TOKENS).andReturn(503, "").times(2);
    answers();

    assertThat(review.review("good", "/metrics", "get")).isEqualTo(new Verdict.Allowed());
  }

  @Test
  void withoutAnApiServerNoReaderIsIdentifiedAndNothingIsRemembered() {
    server.expect().post().withPath(TOKENS).andReturn(500, "").times(5);
    answers();

    assertThat(review.review("good", "/metrics", "get")).isEqualTo(new Verdict.Unidentified());
    assertThat(review.review("good", "/metrics", "get")).isEqualTo(new Verdict.Allowed());
  }

  @Test
  void aReaderWithUnknownPermissionsIsNotLetIn() {
    answer(TOKENS, this::identify);
    server.expect().post().withPath(ACCESS).andReturn(500, "").always();

    assertThat(review.review("good", "/metrics", "get"))
        .isEqualTo(new Verdict.Undecided(PROMETHEUS));
  }

  @Test
  void anApiServerThatHangsIsAskedByAFewAtATime() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    answer(
        TOKENS,
        request -> {
          Object answer = identify(request);
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return answer;
        });
    answer(ACCESS, this::decide);
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Verdict>> verdicts =
          IntStream.range(0, 64)
              .mapToObj(i -> readers.submit(() -> review.review("good", "/metrics", "get")))
              .toList();

      await().until(() -> verdicts.stream().filter(Future::isDone).count() == 32);
      assertThat(verdicts.stream().filter(Future::isDone).map(Future::resultNow))
          .containsOnly(new Verdict.Unidentified());
      end.countDown();
    }
  }
}
