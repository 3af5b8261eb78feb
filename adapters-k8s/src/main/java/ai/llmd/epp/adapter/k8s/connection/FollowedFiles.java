package ai.llmd.epp.adapter.k8s.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What some files hold, read again when it is asked for and one of them has changed. While they
 * cannot be used, what they held before stays. Any thread.
 *
 * @param <M> what is made of them
 */
final class FollowedFiles<M> {

  /** Makes it anew of the files as they are. */
  interface Reading<M> {

    M read() throws GeneralSecurityException, IOException;
  }

  /** What distinguishes one state of a file from another; null when it is missing. */
  private record Fingerprint(long size, long modifiedMillis, @Nullable Object key) {

    static @Nullable Fingerprint of(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new Fingerprint(now.size(), now.lastModifiedTime().toMillis(), now.fileKey());
      } catch (IOException e) {
        return null;
      }
    }
  }

  private static final Logger log = LoggerFactory.getLogger(FollowedFiles.class);

  private final List<Path> files;
  private final String what;
  private final Reading<M> reading;
  private List<@Nullable Fingerprint> seen; // guarded by this
  private volatile M last;

  /**
   * @param what for the log
   * @param first of the files as they are now
   */
  FollowedFiles(List<Path> files, String what, M first, Reading<M> reading) {
    this.files = files;
    this.what = what;
    this.last = first;
    this.reading = reading;
    this.seen = fingerprints();
  }

  /** What was last read, without a look at the files. */
  M last() {
    return last;
  }

  /** What the files hold now. */
  synchronized M current() {
    List<@Nullable Fingerprint> now = fingerprints();
    if (!now.equals(seen)) {
      try {
        last = reading.read();
        seen = now;
        log.atInfo().addKeyValue("file", files.getFirst()).log(what + " read anew");
      } catch (GeneralSecurityException | IOException | RuntimeException e) {
        log.atWarn() // and looked at again by the next handshake, of which there are few
            .addKeyValue("file", files.getFirst())
            .addKeyValue("reason", Reasons.of(e))
            .log(what + " cannot be read, those before stay");
      }
    }
    return last;
  }

  private List<@Nullable Fingerprint> fingerprints() {
    List<@Nullable Fingerprint> now = new ArrayList<>(files.size());
    files.forEach(file -> now.add(Fingerprint.of(file)));
    return now;
  }
}
