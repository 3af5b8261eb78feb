package ai.llmd.epp.adapter.extproc.dialogue;

import ai.llmd.epp.domain.golden.GoldenFiles;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One conversation recorded from the reference, {@code golden/extproc/*.json}. Read from the folder
 * in system property {@code golden.dir} when that is set, otherwise from the class path.
 *
 * @param config name of the configuration that it was recorded with, in {@code _setup.json}
 * @param masks words for what differs from run to run
 * @param endStatus gRPC status in the end, such as {@code OK}
 */
public record GoldenConversation(
    String name,
    String config,
    String masks,
    List<ProcessingRequest> messages,
    List<Answer> answers,
    String endStatus) {

  /**
   * Recorded answers that we differ from on purpose ({@code docs/compatibility.md}): there, request
   * trailers that end the body are never answered, and a request without a body gets 500 while the
   * pool is empty.
   */
  public static final List<String> NOT_FOLLOWED =
      List.of("16-request-trailers-no-eos", "31-empty-pool-get");

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * One recorded answer.
   *
   * @param afterMessage how many messages had been sent, 1 or more
   */
  public record Answer(int afterMessage, ProcessingResponse message) {}

  /** Those recorded with a configuration, except {@link #NOT_FOLLOWED}. */
  public static List<GoldenConversation> recordedWith(String config) {
    return all().stream()
        .filter(recorded -> recorded.config.equals(config))
        .filter(recorded -> !NOT_FOLLOWED.contains(recorded.name))
        .toList();
  }

  /** All of them, by name. */
  public static List<GoldenConversation> all() {
    return inFolder(GoldenConversation::readAll);
  }

  /** What they were recorded with: endpoints, flags and configurations, {@code _setup.json}. */
  public static JsonNode setup() {
    return inFolder(folder -> JSON.readTree(Files.readString(folder.resolve("_setup.json"))));
  }

  /** The same conversation with other messages and answers. */
  public GoldenConversation with(List<ProcessingRequest> newMessages, List<Answer> newAnswers) {
    return new GoldenConversation(name, config, masks, newMessages, newAnswers, endStatus);
  }

  private interface Reading<T> {
    T from(Path folder) throws IOException;
  }

  private static <T> T inFolder(Reading<T> reading) {
    try {
      Optional<Path> given = given();
      if (given.isPresent()) {
        return reading.from(given.get());
      }
      URL setup = GoldenConversation.class.getResource("/golden/extproc/_setup.json");
      URI place = Objects.requireNonNull(setup).toURI();
      if (!place.getScheme().equals("jar")) {
        return reading.from(Objects.requireNonNull(Path.of(place).getParent()));
      }
      try (FileSystem jar = FileSystems.newFileSystem(place, Map.of())) {
        return reading.from(jar.getPath("/golden/extproc"));
      }
    } catch (Exception e) {
      throw new AssertionError("recorded conversations cannot be read", e);
    }
  }

  /** The folder with the conversations in {@code golden.dir}, or that folder itself. */
  private static Optional<Path> given() {
    return GoldenFiles.given("extproc")
        .or(() -> GoldenFiles.given("_setup.json").map(Path::getParent));
  }

  private static List<GoldenConversation> readAll(Path folder) throws IOException {
    List<GoldenConversation> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".json") && !name.startsWith("_")) {
          all.add(read(name.substring(0, name.length() - ".json".length()), file));
        }
      }
    }
    return all;
  }

  private static GoldenConversation read(String name, Path file) throws IOException {
    JsonNode json = JSON.readTree(Files.readString(file));
    List<ProcessingRequest> messages = new ArrayList<>();
    for (JsonNode message : json.path("request_messages")) {
      messages.add(parse(message, ProcessingRequest.newBuilder()).build());
    }
    List<Answer> answers = new ArrayList<>();
    for (JsonNode answer : json.path("response_messages")) {
      answers.add(
          new Answer(
              answer.path("after_request").asInt(),
              parse(answer.path("message"), ProcessingResponse.newBuilder()).build()));
    }
    return new GoldenConversation(
        name,
        json.path("epp_config").asString(),
        json.path("nondeterministic").toString(),
        messages,
        answers,
        json.path("stream_end_status").asString());
  }

  private static <B extends Message.Builder> B parse(JsonNode json, B builder) throws IOException {
    JsonFormat.parser().merge(json.toString(), builder);
    return builder;
  }

  @Override
  public String toString() {
    return name;
  }
}
