package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.state.hazelcast.LoopbackPorts;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two containers of the image that share: its Java runtime has what the stores need. */
@NullUnmarked // the fields are set before the first test
class ImageStoresIT {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private static Path folder;

  private static UnpackedImage image;

  @BeforeAll
  static void unpack() throws Exception {
    FinishedImage finished = FinishedImage.read(Path.of(System.getProperty("epp.image.tar")));
    image = UnpackedImage.below(folder, finished);
  }

  @Test
  void shareThroughRedis() throws Exception {
    try (RedisServer redis = new RedisServer().start()) {
      awaitSharing("stateStore: {type: redis, redis: {uri: '%s'}}%n".formatted(redis.uri()));
    }
  }

  @Test
  void shareThroughHazelcast() throws Exception {
    awaitSharing(
        "stateStore: {type: hazelcast, hazelcast: {members: ['%s']}}%n"
            .formatted(String.join("', '", LoopbackPorts.free(2))));
  }

  private static void awaitSharing(String stateStore) throws Exception {
    try (Container one = image.start(stateStore);
        Container other = image.start(stateStore)) {
      for (Container container : new Container[] {one, other}) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  assertThat(page(container, "/readyz")).contains("state store: sharing");
                  assertThat(page(container, "/metrics"))
                      .containsPattern("llm_d_epp_state_replicas\\{[^}]*} 1");
                });
      }
      assertThat(one.stop()).isZero();
      assertThat(other.stop()).isZero();
    }
  }

  private static String page(Container container, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + container.port("metricsPort") + path);
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }
}
