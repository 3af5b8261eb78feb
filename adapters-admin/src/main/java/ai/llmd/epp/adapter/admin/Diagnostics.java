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

  private final AtomicBoolean recording = new AtomicBoolean();

  /** The pages by path. */
  Map<String, AdminPage> pages() {
    return Map.of(
        "/debug/threads", request -> AdminPage.Answer.text(200, diagnose("threadPrint")),
        "/debug/heap", request -> AdminPage.Answer.text(200, diagnose("gcClassHistogram")),
        "/debug/jfr", this::flightRecording);
  }

  private static String diagnose(String command) throws IOException {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  command,
                  new Object[] {new String[0]},
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
    Path file = Files.createTempFile("epp", ".jfr");
    try (Recording flight = new Recording(Configuration.getConfiguration("profile"))) {
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
      recording.set(false);
    }
  }
}
