package ai.llmd.epp.acceptance.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** A picker and the configuration file that it follows. */
final class FollowedFile implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path file;
  private final Path endpoints;
  private final RunningPicker picker;

  /**
   * @param file where the configuration is; made anew
   * @param configuration a text with {@code ${ENDPOINTS_FILE}} where that file is named
   */
  FollowedFile(Path file, String configuration, List<ModelServer> servers) {
    this(file, file, configuration, servers);
  }

  /**
   * @param file where the configuration is; made anew
   * @param link under which the picker is configured with it
   */
  FollowedFile(Path file, Path link, String configuration, List<ModelServer> servers) {
    this.file = file;
    this.endpoints = RunningPicker.endpointsFile(servers);
    replace(file, configuration);
    this.picker = RunningPicker.following(link);
    picker.awaitFresh(servers.size());
  }

  RunningPicker picker() {
    return picker;
  }

  /** Replaces the file by a rename and waits until it is in force. */
  void apply(String configuration) {
    double before = applied();
    replace(file, configuration);
    await().atMost(PATIENCE).until(() -> applied() == before + 1);
  }

  /** Replaces the file by a rename and waits until it has been refused. */
  void refuse(String configuration) {
    double applied = applied();
    double before = refused();
    replace(file, configuration);
    await().atMost(PATIENCE).until(() -> refused() == before + 1);
    assertThat(applied()).isEqualTo(applied);
  }

  double applied() {
    return picker.metrics().sum("llm_d_epp_config_reloads_total", "result=\"applied\"");
  }

  double refused() {
    return picker.metrics().sum("llm_d_epp_config_reloads_total", "result=\"refused\"");
  }

  /** Writes a configuration in one go. */
  void replace(Path to, String configuration) {
    try {
      Path next = Files.createTempFile(to.getParent(), "next", ".yaml");
      Files.writeString(next, configuration.replace("${ENDPOINTS_FILE}", endpoints.toString()));
      Files.move(next, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    picker.close();
  }
}
