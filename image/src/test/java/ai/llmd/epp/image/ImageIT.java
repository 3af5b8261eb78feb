package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The image that the build has just made. */
class ImageIT {

  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant FOLDER_TIME = Instant.ofEpochSecond(1);
  private static final int SET_USER_OR_GROUP = 06000;

  @SuppressWarnings("NullAway.Init")
  private static FinishedImage image;

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws IOException {
    image = FinishedImage.read(Path.of(System.getProperty("epp.image.tar")));
  }

  @Test
  void declaresItsUserItsCommandAndItsPorts() {
    JsonNode container = image.configuration().get("config");

    assertThat(container.get("User").asString()).isEqualTo("65532:65532");
    assertThat(texts(container.get("Entrypoint")))
        .as("what the reference's image has, and what operators start by name")
        .containsExactly("/app/epp");
    assertThat(container.get("Cmd")).isEmpty();
    assertThat(container.get("ExposedPorts").propertyNames())
        .containsExactlyInAnyOrder("9002/tcp", "9003/tcp", "9090/tcp");
    assertThat(container.get("Labels").propertyNames())
        .contains(
            "org.opencontainers.image.title",
            "org.opencontainers.image.version",
            "org.opencontainers.image.revision",
            "org.opencontainers.image.licenses");
    assertThat(image.configuration().get("created").asString()).isEqualTo(TIME.toString());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asString()));
    return texts;
  }

  @Test
  void layersAreSortedAndCarryNoTraceOfWhenOrByWhomTheyWereMade() throws IOException {
    assertThat(image.layers())
        .as("class data are recorded where the program can be run")
        .hasSize(image.isForThisMachine() ? 5 : 4);
    for (List<TarArchiveEntry> layer : image.layers()) {
      assertThat(layer).extracting(TarArchiveEntry::getName).isSorted().doesNotHaveDuplicates();
      assertThat(layer)
          .allSatisfy(
              entry -> {
                assertThat(entry.getLastModifiedDate().toInstant())
                    .isEqualTo(entry.isDirectory() ? FOLDER_TIME : TIME);
                assertThat(entry.getLongUserId()).isZero();
                assertThat(entry.getLongGroupId()).isZero();
              });
    }
  }

  @Test
  void noProcessCanWriteEscalateOrGetAShell() throws IOException {
    List<TarArchiveEntry> files = image.layers().stream().flatMap(List::stream).toList();

    assertThat(files)
        .allSatisfy(
            file -> {
              assertThat(file.getMode() & SET_USER_OR_GROUP).as(file.getName()).isZero();
              assertThat(file.getMode() & 022).as(file.getName()).isZero();
            });
    assertThat(files)
        .filteredOn(file -> file.isFile() && (file.getMode() & 0111) != 0)
        .extracting(TarArchiveEntry::getName)
        .allMatch(
            name ->
                name.equals("app/epp")
                    || name.equals("opt/java/bin/java")
                    || name.matches("opt/java/lib/(jspawnhelper|jexec)")
                    || name.matches(".*\\.so(\\.\\d+)*"));
    assertThat(files)
        .extracting(file -> Path.of("/" + file.getName()).getFileName())
        .doesNotContain(Path.of("sh"), Path.of("bash"), Path.of("busybox"));
  }

  @Test
  void servesFromAReadOnlyRoot() throws Exception {
    try (Container started = UnpackedImage.below(folder, image).start("")) {
      assertThat(destination(started.port("grpcPort"))).isEqualTo(UnpackedImage.WORKER);
      assertThat(started.mappedFiles())
          .as("class data are used, and Netty finds its library where it need not unpack one")
          .anyMatch(file -> file.endsWith("/app/lib/epp.jsa"))
          .anyMatch(file -> file.contains("/usr/lib/libnetty_transport_native_epoll"));
      assertThat(started.stop()).isZero();
      assertThat(started.log()).contains("\"msg\":\"stopped\"");
    }
  }

  private static String destination(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      Dialogue dialogue = Dialogue.open(channel);
      dialogue.send(Messages.requestHeaders(false, ":method", "POST", ":path", "/v1/completions"));
      dialogue.send(Messages.requestBody("{\"model\":\"m\",\"prompt\":\"hello\"}", true));
      return String.valueOf(
          Messages.setBy(dialogue.next().getRequestHeaders().getResponse().getHeaderMutation())
              .get("x-gateway-destination-endpoint"));
    } finally {
      channel.shutdownNow();
    }
  }
}
