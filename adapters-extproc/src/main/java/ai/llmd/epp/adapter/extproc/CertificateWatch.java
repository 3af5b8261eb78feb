package ai.llmd.epp.adapter.extproc;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over a new certificate while the server runs. Files come one after the other, so it waits
 * until the directory is quiet; what cannot be read then is logged and the old one stays. One
 * virtual thread.
 */
final class CertificateWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
  private static final Duration QUIET = Duration.ofMillis(250);

  private final Path directory;
  private final Consumer<ServerIdentity> onChange;
  private final WatchService watch;

  private CertificateWatch(Path directory, Consumer<ServerIdentity> onChange, WatchService watch) {
    this.directory = directory;
    this.onChange = onChange;
    this.watch = watch;
  }

  static CertificateWatch start(Path directory, Consumer<ServerIdentity> onChange)
      throws IOException {
    WatchService watch = directory.getFileSystem().newWatchService();
    try {
      directory.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    } catch (IOException e) {
      watch.close();
      throw e;
    }
    CertificateWatch started = new CertificateWatch(directory, onChange, watch);
    Thread.ofVirtual().name("certificate-watch").start(started::run);
    return started;
  }

  private void run() {
    try {
      while (true) {
        forget(watch.take());
        for (WatchKey again = soon(); again != null; again = soon()) {
          forget(again);
        }
        reload();
      }
    } catch (ClosedWatchServiceException e) {
      LOG.atDebug().log("certificate watch closed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable WatchKey soon() throws InterruptedException {
    return watch.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void forget(WatchKey events) {
    events.pollEvents();
    events.reset();
  }

  private void reload() {
    try {
      onChange.accept(ServerIdentity.read(directory));
      LOG.atInfo().addKeyValue("directory", directory).log("certificate reloaded");
    } catch (IOException | RuntimeException e) {
      LOG.atError()
          .addKeyValue("directory", directory)
          .setCause(e)
          .log("new certificate refused, the old one stays");
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
