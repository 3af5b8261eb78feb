package ai.llmd.epp.filewatch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file whose content is put in force as a whole: at the start, and whenever it changes. A content
 * that cannot be used, or cannot be read, is refused once and logged; what is in force stays. One
 * that could not be read is looked at again each second. Later changes are applied on the thread of
 * the watch.
 *
 * @param <C> a content; equal ones are the same
 * @param <X> what is thrown for a content that cannot be used
 */
public final class FollowedFile<C, X extends Exception> implements AutoCloseable {

  /**
   * Where contents come from and where they go.
   *
   * @param <C> a content
   * @param <X> what is thrown for a content that cannot be used
   */
  public interface Use<C, X extends Exception> {

    /**
     * The content as it is now.
     *
     * @throws IOException when it cannot be read, with a sentence that names the file
     */
    C read() throws IOException;

    /**
     * Puts a content in force, or changes nothing.
     *
     * @throws X when it cannot be used, with everything that is wrong in it
     */
    void apply(C content) throws X;

    /** A change took effect. */
    default void applied() {}

    /** A change was refused; what is in force stays. */
    default void refused(String reason) {}
  }

  private static final Logger log = LoggerFactory.getLogger(FollowedFile.class);

  private final List<Path> files;
  private final String refusal;
  private final Use<C, X> use;
  private @Nullable FileWatch watch; // guarded by this
  private @Nullable C lastSeen; // the starting thread's, then the watch's; null when unreadable

  /**
   * @param refusal the log's sentence for a content that is refused
   */
  public FollowedFile(Path file, String refusal, Use<C, X> use) {
    this(List.of(file), refusal, use);
  }

  /**
   * Several files of one folder that make one content.
   *
   * @param files the first one is named in the log
   * @param refusal the log's sentence for a content that is refused
   */
  public FollowedFile(List<Path> files, String refusal, Use<C, X> use) {
    this.files = List.copyOf(files);
    this.refusal = refusal;
    this.use = use;
  }

  /**
   * Puts the content in force as it is now.
   *
   * @throws IOException when it cannot be read
   * @throws X when it cannot be used
   */
  public void load() throws IOException, X {
    C content = use.read();
    use.apply(content);
    lastSeen = content;
  }

  /** Takes a content, read elsewhere, for the one in force. */
  public FollowedFile<C, X> loaded(C content) {
    lastSeen = content;
    return this;
  }

  /** Puts later contents in force, too, until this is closed. */
  public FollowedFile<C, X> follow() {
    return follow(FileWatch.SETTLED_AFTER);
  }

  /**
   * Puts later contents in force, too, until this is closed.
   *
   * @param settledAfter a writer that pauses for this long is taken to be done
   */
  public synchronized FollowedFile<C, X> follow(Duration settledAfter) {
    watch = new FileWatch(files, settledAfter, this::look);
    return this;
  }

  /** Returns whether the content could be read, be it of use or not. */
  private boolean look() {
    C content;
    try {
      content = use.read();
    } catch (Throwable thrown) {
      boolean isNews = lastSeen != null;
      lastSeen = null; // so that even the old content is news when it comes back
      if (isNews) {
        refuse(thrown);
      }
      return false;
    }
    if (!content.equals(lastSeen)) {
      lastSeen = content;
      apply(content);
    }
    return true;
  }

  private void apply(C content) {
    try {
      use.apply(content);
      use.applied();
    } catch (Throwable thrown) { // a plugin's fault, or nesting without end, must not end the watch
      refuse(thrown);
    }
  }

  private void refuse(Throwable thrown) {
    if (thrown instanceof VirtualMachineError machine
        && !(thrown instanceof StackOverflowError)) { // no memory is left, for example
      throw machine;
    }
    boolean isFault = thrown instanceof RuntimeException || thrown instanceof Error;
    String reason = isFault ? thrown.toString() : String.valueOf(thrown.getMessage());
    use.refused(reason);
    log.atError()
        .setCause(isFault ? thrown : null)
        .addKeyValue("file", files.getFirst())
        .addKeyValue("reason", reason)
        .log(refusal);
  }

  /** Ends the following; waits a second at most for a change that is being applied. */
  @Override
  public synchronized void close() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }
}
