package ai.llmd.epp.filewatch;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when files of a folder change, however that is done: written in place, replaced by a
 * rename, deleted and made again, or swapped behind a symbolic link as Kubernetes does with a
 * ConfigMap.
 *
 * <p>It is the folder that is watched, because a watch on a file ends when the file is replaced.
 * What the folder does not report (a link's target elsewhere, a network file system) is found by
 * comparing the files' attributes once a second. Runs on a virtual thread of its own.
 */
final class FileWatch implements AutoCloseable {

  /** A writer that pauses for this long is taken to be done. */
  static final Duration SETTLED_AFTER = Duration.ofMillis(50);

  /** A file that never rests is read all the same. */
  private static final Duration MAX_UNREST = Duration.ofSeconds(1);

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

  /**
   * What distinguishes one state of a file from another without reading it; null when it is
   * missing.
   */
  private record Fingerprint(long size, long modifiedNanos, @Nullable Object key) {

    static @Nullable Fingerprint of(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        long modified = now.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        return new Fingerprint(now.size(), modified, now.fileKey());
      } catch (IOException e) {
        return null;
      }
    }
  }

  private final List<Path> files;
  private final Path folder;
  private final Duration settledAfter;
  private final BooleanSupplier changed;
  private final @Nullable WatchService service;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable WatchKey key; // the watching thread's, after construction

  /**
   * Starts to watch. The first call comes shortly after, so that no change between reading the file
   * and watching it is lost.
   *
   * @param files of one folder
   * @param settledAfter a writer that pauses for this long is taken to be done
   * @param changed called on the watching thread whenever a file may have changed; returns whether
   *     the files could be read, and is called again each second until they could; must not throw
   */
  FileWatch(List<Path> files, Duration settledAfter, BooleanSupplier changed) {
    this.files = files.stream().map(Path::toAbsolutePath).toList();
    this.settledAfter = settledAfter;
    Path first = this.files.getFirst();
    this.folder = first.getParent() == null ? first : first.getParent();
    this.changed = changed;
    this.service = newService();
    this.key = register();
    this.thread = Thread.ofVirtual().name("epp-file-watch").start(this::watch);
  }

  private @Nullable WatchService newService() {
    try {
      return folder.getFileSystem().newWatchService();
    } catch (IOException | UnsupportedOperationException e) { // too many watches, for example
      log.atWarn()
          .addKeyValue("file", files.getFirst())
          .addKeyValue("reason", e.getMessage())
          .log("file cannot be watched, looking at it every second");
      return null;
    }
  }

  private @Nullable WatchKey register() {
    try {
      return service == null
          ? null
          : folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
    } catch (IOException e) { // the folder is gone; it may come back
      return null;
    }
  }

  private void watch() {
    try {
      settle(); // a writer may be at work right now
      List<@Nullable Fingerprint> known = fingerprints();
      boolean isRead = changed.getAsBoolean();
      while (closed.getCount() > 0) {
        boolean isTouched = await(CHECK_INTERVAL);
        if (isTouched) {
          settle();
        }
        List<@Nullable Fingerprint> now = fingerprints();
        if (isTouched || !isRead || !now.equals(known)) {
          known = now;
          isRead = changed.getAsBoolean();
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // closed: the end of watching
    }
  }

  private List<@Nullable Fingerprint> fingerprints() {
    List<@Nullable Fingerprint> now = new ArrayList<>(files.size());
    files.forEach(file -> now.add(Fingerprint.of(file)));
    return now;
  }

  private void settle() throws InterruptedException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < MAX_UNREST.toNanos() && await(settledAfter)) {
      // still being written
    }
  }

  /** Waits for events in the folder; whether one was about the files themselves. */
  private boolean await(Duration timeout) throws InterruptedException {
    if (key == null || !key.isValid()) {
      key = register();
    }
    if (service == null || key == null) {
      closed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return false;
    }
    WatchKey signalled = service.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (signalled == null) {
      return false;
    }
    boolean isTouched = false;
    for (WatchEvent<?> event : signalled.pollEvents()) {
      isTouched |= event.context() == null || isOurs(event.context().toString());
    }
    signalled.reset();
    return isTouched;
  }

  private boolean isOurs(String name) {
    return files.stream().anyMatch(file -> file.endsWith(name));
  }

  /** Ends the watching; waits a second at most for a call that is under way. */
  @Override
  public void close() {
    closed.countDown();
    try {
      if (service != null) {
        service.close();
      }
      if (Thread.currentThread() != thread) {
        thread.join(CLOSE_TIMEOUT);
      }
    } catch (IOException e) {
      log.atDebug().setCause(e).log("file watch not closed cleanly");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
