package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.tls.SelfSignedCertificate;
import ai.llmd.epp.tls.ServerIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The image behind the command lines of the reference's charts and of operators: it starts and
 * serves, with an API server, whatever they pass.
 */
@NullUnmarked // the fields are set before the first test
class CommandLinesIT {

  private static final int SHORT_KEY = 2048; // bits

  @TempDir private static Path folder;

  private static UnpackedImage image;
  private static ApiServer api;

  /** What the lists do not fix is appended: the last value of a flag counts. */
  private static final List<String> FREE_PORTS =
      List.of("--grpc-port=0", "--grpc-health-port=0", "--metrics-port=0", "--drain-timeout=0s");

  /** A command line of a list; the second column means what the list says. */
  record Line(String name, String column, List<String> arguments) {

    /** The same arguments by another name too. */
    Line and(Line same) {
      return new Line(name + "; " + same.name, column, arguments);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Values that render the same are started once, by all their names. */
  static List<Line> charts() throws IOException {
    Map<List<Object>, Line> distinct = new LinkedHashMap<>();
    for (Line line : lines("charts.txt")) {
      distinct.merge(List.of(line.column(), line.arguments()), line, Line::and);
    }
    return List.copyOf(distinct.values());
  }

  static List<Line> kserve() throws IOException {
    return lines("kserve.txt");
  }

  static List<Line> refused() throws IOException {
    return lines("refused.txt");
  }

  private static List<Line> lines(String file) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (InputStream in = CommandLinesIT.class.getResourceAsStream("/operators/" + file)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(row -> !row.startsWith("#")).toList()) {
        String[] columns = line.split(" \\| ", 3);
        List<String> arguments =
            Stream.of(columns[2].split(" ", -1)).map(word -> word.replace("''", "")).toList();
        lines.add(new Line(columns[0], columns[1], arguments));
      }
    }
    return lines;
  }

  @BeforeAll
  static void unpack() throws Exception {
    image =
        UnpackedImage.below(
            folder, FinishedImage.read(Path.of(System.getProperty("epp.image.tar"))));
    api = new ApiServer();
    image.writeConfig("kubeconfig.yaml", Files.readString(api.kubeconfig(folder)));
    ServerIdentity identity = SelfSignedCertificate.create(SHORT_KEY, Instant.now());
    image.writeConfig("tls/tls.crt", pem("CERTIFICATE", identity.chain().getFirst().getEncoded()));
    image.writeConfig("tls/tls.key", pem("PRIVATE KEY", identity.key().getEncoded()));
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
  }

  @AfterAll
  static void stopApi() {
    if (api != null) {
      api.close();
    }
  }

  @Test
  void theListsAreComplete() throws IOException {
    assertThat(lines("charts.txt")).hasSize(33);
  }

  @ParameterizedTest
  @MethodSource("charts")
  void ofTheChartsStartIt(Line line) throws Exception {
    for (Map.Entry<String, String> file : ChartConfiguration.of(line.column()).entrySet()) {
      image.writeConfig(file.getKey(), file.getValue());
    }
    assertServes(line);
  }

  @ParameterizedTest
  @MethodSource("kserve")
  void ofKserveStartIt(Line line) throws Exception {
    assertServes(line);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void ofEarlierReleasesAreRefusedWithTheWayOut(Line line) throws Exception {
    assertRefused(line, line.column());
  }

  private static void assertServes(Line line) throws Exception {
    try (Container started = start(line)) {
      started.awaitServing();
      assertThat(started.stop()).isZero();
    }
  }

  private static void assertRefused(Line line, String reason) throws Exception {
    try (Container started = start(line)) {
      assertThat(started.exitCode()).isIn(1, 2);
      assertThat(started.log().lines().filter(text -> text.contains(reason)))
          .as(started.log())
          .isNotEmpty();
      assertThat(started.log()).doesNotContain("Usage:");
    }
  }

  private static Container start(Line line) throws IOException {
    Map<String, String> environment =
        Map.of(
            "NAMESPACE", "serving",
            "POD_NAME", "llm-epp-7d9f8c6b5-x2x4z",
            "KUBECONFIG", "/config/kubeconfig.yaml",
            "SSL_CERT_DIR", "/config/tls:/var/run/secrets/kubernetes.io/serviceaccount");
    return image.start(
        environment, Stream.concat(line.arguments().stream(), FREE_PORTS.stream()).toList());
  }
}
