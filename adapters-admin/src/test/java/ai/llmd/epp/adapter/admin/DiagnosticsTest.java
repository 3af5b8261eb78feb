package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.admin.server.AdminServer;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Looking into the program costs those little whom it serves. */
class DiagnosticsTest {

  private static final AdminPage.Request REQUEST =
      new AdminPage.Request(Map.of("seconds", "1"), PageHeaders.NONE);

  private final Map<String, AdminPage> pages = new Diagnostics().pages();

  private AdminPage.Answer get(String path) throws IOException {
    return get(pages, path);
  }

  private static AdminPage.Answer get(Map<String, AdminPage> pages, String path)
      throws IOException {
    return Objects.requireNonNull(pages.get(path), path).get(REQUEST);
  }

  /** Full ones: those of the collector that is listed last. */
  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  @Test
  void theHeapIsShownWithoutACollection() throws Exception {
    get("/debug/heap");
    long before = collections();
    for (int i = 0; i < 20; i++) {
      assertThat(get("/debug/heap").status()).isEqualTo(200);
    }
    assertThat(collections() - before).isLessThan(20);
  }

  @Test
  void oneAtATime() throws Exception {
    int readers = 8;
    CyclicBarrier together = new CyclicBarrier(readers);
    ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      together.await();
                      statuses.add(get("/debug/heap").status());
                    } catch (Exception e) {
                      statuses.add(500);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(statuses).hasSize(readers).contains(200).containsOnly(200, 409);
    assertThat(get("/debug/heap").status()).isEqualTo(200);
  }

  @Test
  void aRecordingThatCannotBeKeptIsInTheWayOfNoOther(@TempDir Path parent) throws Exception {
    Path folder = parent.resolve("later");
    Map<String, AdminPage> pages = new Diagnostics(folder).pages();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> get(pages, "/debug/jfr")).isInstanceOf(NoSuchFileException.class);
    }
    Files.createDirectory(folder);
    assertThat(get(pages, "/debug/jfr").status()).isEqualTo(200);
    assertThat(folder).isEmptyDirectory();
  }

  /** Linux has all of 127.0.0.0/8 on its loopback interface. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void oneInterfaceCanBeServed() throws Exception {
    AdminServer.Settings settings = new AdminServer.Settings("127.0.0.1", 0, null, null, Set.of());
    try (AdminServer admin = AdminServer.start(settings, pages)) {
      new Socket(InetAddress.ofLiteral("127.0.0.1"), admin.port()).close();
      assertThatThrownBy(() -> new Socket(InetAddress.ofLiteral("127.0.0.2"), admin.port()).close())
          .isInstanceOf(IOException.class);
    }
    AdminServer.Settings unknown =
        new AdminServer.Settings("no.such.host.invalid", 0, null, null, Set.of());
    assertThatThrownBy(() -> AdminServer.start(unknown, pages))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no.such.host.invalid");
  }
}
