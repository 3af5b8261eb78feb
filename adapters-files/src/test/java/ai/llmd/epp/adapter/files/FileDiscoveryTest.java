package ai.llmd.epp.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.application.port.out.EndpointDiscovery.Keepers;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDiscoveryTest {

  @TempDir private Path folder;
  private Path file;
  private final Kept pool = new Kept();
  private final Keepers keepers = new Keepers(pool, objectives -> {}, rewrites -> {});
  private @Nullable FileDiscovery discovery;

  /** The ports of each list that was kept. */
  private static final class Kept implements KeepPool {

    final List<List<Integer>> lists = new CopyOnWriteArrayList<>();
    volatile @Nullable RuntimeException failure;

    @Override
    public void keep(Collection<Endpoint> endpoints) {
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      lists.add(endpoints.stream().map(Endpoint::port).toList());
    }

    @Override
    public void change(Collection<EndpointId> gone, Collection<Endpoint> put) {
      throw new AssertionError("a file is kept as a whole");
    }

    List<Integer> last() {
      return lists.getLast();
    }
  }

  @BeforeEach
  void writeFirstList() throws IOException {
    file = folder.resolve("endpoints.yaml");
    Files.writeString(file, yaml(1));
  }

  @AfterEach
  void stop() {
    if (discovery != null) {
      discovery.close();
    }
  }

  private static String yaml(int... ports) {
    StringBuilder yaml = new StringBuilder("endpoints:\n");
    for (int port : ports) {
      yaml.append("- {name: e%d, address: 10.0.0.1, port: '%d'}\n".formatted(port, port));
    }
    return yaml.toString();
  }

  private FileDiscovery start(boolean watch) throws DiscoveryException {
    FileDiscovery started = new FileDiscovery(new FileDiscovery.Parameters(file.toString(), watch));
    discovery = started;
    started.start(keepers);
    return started;
  }

  private static ConditionFactory soon() {
    return await().pollInterval(Duration.ofMillis(10)).pollDelay(Duration.ZERO);
  }

  private void awaitPorts(Integer... ports) {
    soon().until(() -> pool.last().equals(List.of(ports)));
  }

  @Test
  void deliversTheListBeforeTheStartReturns() throws Exception {
    start(false);
    assertThat(pool.lists).containsExactly(List.of(1));
  }

  @Test
  void failsTheStartWhenAnythingIsWrong() throws Exception {
    Files.writeString(file, yaml(1) + "- {name: b, address: host, port: '2'}\n");
    assertThatThrownBy(() -> start(true))
        .isInstanceOf(DiscoveryException.class)
        .hasMessageStartingWith(file + ":3:22: endpoints[1].address: must be");
    Files.writeString(file, "#".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> start(true)).hasMessage(file + ": larger than 1048576 bytes");
    Files.delete(file);
    assertThatThrownBy(() -> start(true)).hasMessage(file + ": no such file");
    Files.createDirectory(file);
    assertThatThrownBy(() -> start(true)).hasMessage(file + ": not a regular file");
    assertThat(pool.lists).isEmpty();
  }

  @Test
  void refusesToBeBuiltWithoutAPath() {
    assertThatThrownBy(() -> new FileDiscovery(FileDiscovery.TYPE.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("path is required");
  }

  @Test
  void startsOnce() throws Exception {
    FileDiscovery started = start(false);
    assertThatThrownBy(() -> started.start(keepers)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void appliesAFileWrittenInPlace() throws Exception {
    FileDiscovery started = start(true);
    Files.writeString(file, yaml(1, 2));
    awaitPorts(1, 2);
    assertThat(started.failedReloads()).isZero();
    assertThat(started.lastFailure()).isEmpty();
  }

  @Test
  void appliesAFileThatARenameReplaced() throws Exception {
    start(true);
    for (int port = 2; port <= 4; port++) {
      Path fresh = Files.writeString(folder.resolve("endpoints.yaml.tmp"), yaml(port));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      awaitPorts(port);
    }
  }

  @Test
  void appliesAConfigMapThatKubernetesSwapped() throws Exception {
    Path first = Files.createDirectory(folder.resolve("..2026_01"));
    Files.writeString(first.resolve("endpoints.yaml"), yaml(1));
    Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("..data", "endpoints.yaml"));
    start(true);
    for (int port = 2; port <= 3; port++) {
      Path next = Files.createDirectory(folder.resolve("..2026_0" + port));
      Files.writeString(next.resolve("endpoints.yaml"), yaml(port));
      Files.createSymbolicLink(folder.resolve("..data_tmp"), next.getFileName());
      Files.move(
          folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
      awaitPorts(port);
    }
  }

  @Test
  void appliesAFileBehindALinkToAnotherFolder(@TempDir Path elsewhere) throws Exception {
    Path target = Files.writeString(elsewhere.resolve("real.yaml"), yaml(1));
    Files.delete(file);
    Files.createSymbolicLink(file, target);
    start(true);
    Files.writeString(target, yaml(1, 2)); // no event in the watched folder
    awaitPorts(1, 2);
  }

  @Test
  void keepsTheEndpointsOfADeletedFileAndAppliesANewOne() throws Exception {
    FileDiscovery started = start(true);
    Files.delete(file);
    soon().until(() -> started.lastFailure().isPresent());
    assertThat(started.lastFailure()).contains(file + ": no such file");
    assertThat(started.failedReloads()).isEqualTo(1);
    Files.writeString(file, yaml(1));
    soon().until(() -> started.lastFailure().isEmpty());
    assertThat(pool.last()).containsExactly(1);
    Files.writeString(file, yaml(5));
    awaitPorts(5);
  }

  @Test
  void comesBackWithTheFolder() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    file = Files.writeString(inner.resolve("endpoints.yaml"), yaml(1));
    FileDiscovery started = start(true);
    Files.move(inner, folder.resolve("moved"));
    soon().until(() -> started.lastFailure().isPresent());
    Files.createDirectory(inner);
    Files.writeString(file, yaml(2));
    awaitPorts(2);
    Files.writeString(file, yaml(3));
    awaitPorts(3);
  }

  @Test
  void keepsAllEndpointsWhenOneEntryIsBroken() throws Exception {
    FileDiscovery started = start(true);
    Files.writeString(file, yaml(7) + "- {name: b, address: 10.0.0.1, port: 80}\n");
    String failure = file + ":3:38: endpoints[1].port: must be a text, was 80; put it in quotes";
    soon().until(() -> started.lastFailure().equals(Optional.of(failure)));
    assertThat(pool.lists).containsExactly(List.of(1));
    Files.writeString(file, yaml(7) + "- {name: b, address: 10.0.0.1, port: '80'}\n");
    awaitPorts(7, 80);
    assertThat(started.lastFailure()).isEmpty();
  }

  @Test
  void keepsTheEndpointsWhenTheFileIsTruncated() throws Exception {
    FileDiscovery started = start(true);
    Files.writeString(file, "");
    soon().until(() -> started.failedReloads() > 0);
    Files.writeString(file, yaml(1));
    soon().until(() -> started.lastFailure().isEmpty());
    assertThat(pool.lists).containsOnly(List.of(1));
  }

  @Test
  void waitsUntilAWriterIsDone() throws Exception {
    start(true);
    int[] ports = new int[200];
    Files.writeString(file, "endpoints:\n");
    for (int i = 0; i < ports.length; i++) { // each a write of its own
      ports[i] = i + 1;
      Files.writeString(
          file,
          "- {name: e%d, address: 10.0.0.1, port: '%d'}\n".formatted(i, i + 1),
          StandardOpenOption.APPEND);
    }
    soon().until(() -> pool.last().size() == ports.length);
    assertThat(pool.lists.size()).isLessThan(ports.length / 2); // not one list for each write
  }

  @Test
  void noticesAnEditThatLeavesSizeAndTimeAlone() throws Exception {
    start(true);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, yaml(9));
    Files.setLastModifiedTime(file, time);
    awaitPorts(9);
  }

  @Test
  void ignoresAFileThatWasOnlyTouched() throws Exception {
    start(true);
    Files.writeString(file, yaml(1));
    Files.writeString(folder.resolve("other.yaml"), "x");
    Files.writeString(file, yaml(2));
    awaitPorts(2);
    assertThat(pool.lists).containsExactly(List.of(1), List.of(2));
  }

  @Test
  void survivesAPoolThatObjects() throws Exception {
    FileDiscovery started = start(true);
    pool.failure = new IllegalStateException("no");
    Files.writeString(file, yaml(2));
    soon().until(() -> started.failedReloads() > 0);
    pool.failure = null;
    Files.writeString(file, yaml(3));
    awaitPorts(3);
  }

  @Test
  void doesNotReloadTheFileUnlessConfigured() throws Exception {
    start(false);
    start(true); // a second one, which shows when a change has been seen
    Files.writeString(file, yaml(2));
    awaitPorts(2);
    assertThat(pool.lists).containsExactly(List.of(1), List.of(1), List.of(2));
  }

  @Test
  void stopsWatchingWhenClosed() throws Exception {
    FileDiscovery closed = start(true);
    closed.close();
    closed.close();
    start(true);
    Files.writeString(file, yaml(2));
    awaitPorts(2);
    assertThat(pool.lists).containsExactly(List.of(1), List.of(1), List.of(2));
  }

  @Test
  void isFoundInTheCatalogue() {
    assertThat(ServiceLoader.load(PluginCatalogue.class))
        .anySatisfy(catalogue -> assertThat(catalogue.types()).contains(FileDiscovery.TYPE));
  }
}
