package ai.llmd.epp.bootstrap.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.adapter.admin.TestAuthority;
import ai.llmd.epp.adapter.admin.TestAuthority.Identity;
import ai.llmd.epp.adapter.admin.server.AdminServer;
import ai.llmd.epp.adapter.admin.server.AdminTls;
import ai.llmd.epp.adapter.k8s.auth.KubernetesAccessReview;
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
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The metrics port with all of its locks: TLS, client certificates, and an API server's permission.
 */
@EnableKubernetesMockClient
class KubernetesReadersTest {

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // by the extension
  private KubernetesMockServer apiServer;

  @SuppressWarnings("NullAway.Init") // by the extension
  private KubernetesClient client;

  @SuppressWarnings("NullAway.Init")
  private AdminServer server;

  private final TestAuthority authority = new TestAuthority();

  @BeforeEach
  void start() throws IOException {
    answer("/apis/authentication.k8s.io/v1/tokenreviews", KubernetesReadersTest::identify);
    answer("/apis/authorization.k8s.io/v1/subjectaccessreviews", KubernetesReadersTest::decide);
    TestAuthority.write(authority.issue("epp"), folder);
    server =
        AdminServer.start(
            new AdminServer.Settings(
                "",
                0,
                new AdminTls(folder, authority.write(folder.resolve("ca.crt"))),
                new KubernetesAccessReview(client, System::nanoTime),
                Set.of("/livez")),
            Map.of(
                "/metrics", request -> AdminPage.Answer.text(200, "up 1\n"),
                "/debug/decisions", request -> AdminPage.Answer.json("[]"),
                "/livez", request -> AdminPage.Answer.text(200, "ok\n")));
  }

  private void answer(String path, BodyProvider<Object> body) {
    apiServer.expect().post().withPath(path).andReply(ResponseProviders.of(201, body)).always();
  }

  private static Object identify(RecordedRequest request) {
    TokenReview asked = JSON.unmarshal(request.getUtf8Body(), TokenReview.class);
    boolean isKnown = asked.getSpec().getToken().equals("prometheus-token");
    return new TokenReviewBuilder(asked)
        .withNewStatus()
        .withAuthenticated(isKnown)
        .withNewUser()
        .withUsername(isKnown ? "prometheus" : "")
        .endUser()
        .endStatus()
        .build();
  }

  private static Object decide(RecordedRequest request) {
    SubjectAccessReview asked = JSON.unmarshal(request.getUtf8Body(), SubjectAccessReview.class);
    return new SubjectAccessReviewBuilder(asked)
        .withNewStatus()
        .withAllowed(asked.getSpec().getNonResourceAttributes().getPath().equals("/metrics"))
        .endStatus()
        .build();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private int status(@Nullable Identity shown, String path, @Nullable String token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try (HttpClient reader = HttpClient.newBuilder().sslContext(authority.client(shown)).build()) {
      return reader.send(request.build(), BodyHandlers.ofString()).statusCode();
    }
  }

  @Test
  void aReaderWithCertificateTokenAndPermissionReads() throws Exception {
    assertThat(status(authority.issue("prometheus"), "/metrics", "prometheus-token"))
        .isEqualTo(200);
  }

  @Test
  void eachOfTheThreeIsNeeded() throws Exception {
    Identity own = authority.issue("prometheus");

    assertThatThrownBy(() -> status(null, "/metrics", "prometheus-token"))
        .isInstanceOf(IOException.class);
    assertThat(status(own, "/metrics", null)).isEqualTo(401);
    assertThat(status(own, "/metrics", "forged")).isEqualTo(401);
    assertThat(status(own, "/debug/decisions", "prometheus-token")).isEqualTo(403);
  }

  @Test
  void aProbeNeedsACertificateOnly() throws Exception {
    assertThat(status(authority.issue("kubelet"), "/livez", null)).isEqualTo(200);
  }
}
