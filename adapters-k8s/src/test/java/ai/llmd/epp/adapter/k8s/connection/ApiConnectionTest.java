package ai.llmd.epp.adapter.k8s.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiConnectionTest {

  @TempDir Path folder;
  private final ApiServer server = ApiServer.withHistory();

  @BeforeEach
  void createPod() {
    server.client().resource(Pods.ready(1)).create();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static ApiConnection connect(Path kubeconfig) throws IOException {
    Config config = Cluster.find(kubeconfig.toString()).orElseThrow();
    return ApiConnection.of(config, ApiConnection.PING_EVERY, System::nanoTime);
  }

  private static int pods(ApiConnection connection) {
    return connection.client().pods().inNamespace(Pods.NAMESPACE).list().getItems().size();
  }

  @Test
  void showsTheTokenOfAFileAsItIsNow() throws IOException {
    server.requireToken("first");
    Files.writeString(folder.resolve("token"), "first\n");
    try (var connection = connect(server.kubeconfig(folder, "", "tokenFile: token, token: old"))) {
      assertThat(pods(connection)).isEqualTo(1);

      server.requireToken("second");
      assertThatThrownBy(() -> pods(connection)).isInstanceOf(KubernetesClientException.class);
      Files.writeString(folder.resolve("token"), "second\n");

      assertThat(pods(connection)).isEqualTo(1);

      Files.delete(folder.resolve("token"));

      assertThat(pods(connection)).as("with the last one").isEqualTo(1);
    }
  }

  @Test
  void trustsAnotherAuthorityAsSoonAsItsFileNamesIt() throws Exception {
    TestIdentity first = TestIdentity.make(folder, "first");
    TestIdentity second = TestIdentity.make(folder, "second");
    Path authority = folder.resolve("ca.crt");
    Files.writeString(authority, first.certificate());
    server.encrypt(first.context());
    try (var connection =
        connect(server.kubeconfig(folder, ", certificate-authority: " + authority, "token: any"))) {
      assertThat(pods(connection)).isEqualTo(1);

      server.encrypt(second.context());
      server.breakConnections();
      assertThatThrownBy(() -> pods(connection)).isInstanceOf(KubernetesClientException.class);

      Files.writeString(authority, "half a certificate");
      assertThatThrownBy(() -> pods(connection)).isInstanceOf(KubernetesClientException.class);

      Files.writeString(authority, second.certificate());
      Files.setLastModifiedTime(authority, FileTime.from(Instant.now().plusSeconds(5)));

      assertThat(pods(connection)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "[1, 2]",
        "apiVersion: v1\nkind: Config\n",
        "apiVersion: v1\nkind: Config\ncurrent-context: nowhere\n",
        "plain text",
        "\u0000\u0001"
      })
  void saysInASentenceWhatAKubeconfigLacks(String content) throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.yaml"), content);

    assertThatThrownBy(() -> Cluster.find(broken.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("kubeconfig " + broken)
        .hasMessageNotContaining("\n");
  }

  @Test
  void saysWhichTokenFileIsMissing() throws IOException {
    Path config = server.kubeconfig(folder, "", "tokenFile: missing");

    assertThatThrownBy(() -> connect(config))
        .isInstanceOf(IOException.class)
        .hasMessage("tokenFile " + folder.resolve("missing") + " cannot be read");
  }
}
