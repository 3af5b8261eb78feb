package ai.llmd.epp.adapter.admin;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/**
 * What the reference offers as Go profiles, for a JVM: threads, heap histogram, flight recording.
 * Served under {@code --enable-pprof}.
 */
final class Diagnostics {

  private static final int MAX_RECORDING_SECONDS = 120;

  /** A recording is held in memory while it is sent. */
  private static final long MAX_RECORDING_BYTES = 32L << 20;

  private final AtomicBoolean recording = new AtomicBoolean();
  private final AtomicBoolean diagnosing = new AtomicBoolean();
  private final Path folder;

  /** Keeps recordings where the JVM keeps what is temporary. */
  Diagnostics() {
    this(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * @param folder where a recording is kept until it is sent; has to be writable by then
   */
  Diagnostics(Path folder) {
    this.folder = folder;
  }

  /** The pages by path. */
  Map<String, AdminPage> pages() {
    return Map.of(
        "/debug/threads", new Diagnosis(request -> diagnosed("threadPrint")),
        "/debug/heap", new Diagnosis(request -> diagnosed("gcClassHistogram", "-all")),
        "/debug/jfr", new Diagnosis(this::flightRecording));
  }

  /** Refused while another one runs, so that none waits to stop the program next. */
  private record Diagnosis(AdminPage page) implements AdminPage {

    @Override
    public Answer get(Request request) throws IOException {
      return page.get(request);
    }

    @Override
    public boolean takesTurns() {
      return false;
    }
  }

  /**
   * One at a time: each stops the program for as long as it looks. The heap is shown with objects
   * that nothing refers to any more, since leaving them out takes a full collection.
   */
  private AdminPage.Answer diagnosed(String command, String... arguments) throws IOException {
    if (!diagnosing.compareAndSet(false, true)) {
      return AdminPage.Answer.text(409, "a diagnosis is running\n");
    }
    try {
      return AdminPage.Answer.text(200, diagnose(command, arguments));
    } finally {
      diagnosing.set(false);
    }
  }

  private static String diagnose(String command, String... arguments) throws IOException {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  command,
                  new Object[] {arguments},
                  new String[] {String[].class.getName()});
      return String.valueOf(text);
    } catch (JMException e) {
      throw new IOException("the JVM refuses " + command, e);
    }
  }

  /** Records for {@code seconds} (default 10) and answers with the recording; one at a time. */
  private AdminPage.Answer flightRecording(AdminPage.Request request) throws IOException {
    int seconds = request.number("seconds", 10, 1, MAX_RECORDING_SECONDS);
    if (!recording.compareAndSet(false, true)) {
      return AdminPage.Answer.text(409, "a recording is running\n");
    }
    try {
      return recorded(seconds);
    } finally {
      recording.set(false);
    }
  }

  private AdminPage.Answer recorded(int seconds) throws IOException {
    Path file = Files.createTempFile(folder, "epp", ".jfr");
    try (Recording flight = new Recording(Configuration.getConfiguration("profile"))) {
      flight.setMaxSize(MAX_RECORDING_BYTES);
      flight.start();
      Thread.sleep(Duration.ofSeconds(seconds));
      flight.stop();
      flight.dump(file);
      return new AdminPage.Answer(
          200,
          Map.of(
              "Content-Type", "application/octet-stream",
              "Content-Disposition", "attachment; filename=epp.jfr"),
          Files.readAllBytes(file));
    } catch (java.text.ParseException e) {
      throw new IOException("the JVM has no profile settings", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return AdminPage.Answer.text(503, "shutting down\n");
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
