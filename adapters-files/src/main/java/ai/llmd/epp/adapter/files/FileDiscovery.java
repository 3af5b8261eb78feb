package ai.llmd.epp.adapter.files;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the endpoints of a pool from a file, and again when the file changes if it is watched.
 *
 * <p>A file counts as a whole: one bad entry, and the program does not start, or keeps the
 * endpoints that it has.
 */
public final class FileDiscovery implements EndpointDiscovery {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("file-discovery", new Parameters("", false), FileDiscovery::new);

  /**
   * Which file.
   *
   * @param path YAML or JSON file, 1 MiB at most; required
   * @param watchFile whether later changes of the file are applied
   */
  public record Parameters(String path, boolean watchFile) {}

  private static final int MAX_BYTES = 1 << 20;
  private static final Logger LOG = LoggerFactory.getLogger(FileDiscovery.class);

  private final Path file;
  private final boolean watchFile;
  private boolean started; // guarded by this
  private @Nullable FileWatch watch; // guarded by this

  private byte @Nullable [] lastContent; // the watching thread's, once it runs
  private volatile @Nullable String lastFailure;
  private final AtomicLong failedReloads = new AtomicLong();

  /**
   * @throws IllegalArgumentException without a path
   */
  public FileDiscovery(Parameters parameters) {
    if (parameters.path().isEmpty()) {
      throw new IllegalArgumentException("path is required");
    }
    file = Path.of(parameters.path());
    watchFile = parameters.watchFile();
  }

  @Override
  public synchronized void start(KeepPool pool) throws DiscoveryException {
    if (started) {
      throw new IllegalStateException("started already");
    }
    started = true;
    byte[] content = content();
    List<Endpoint> endpoints = EndpointList.parse(file.toString(), content);
    lastContent = content;
    pool.keep(endpoints);
    logLoaded(endpoints);
    if (watchFile) {
      watch = new FileWatch(file, () -> reload(pool));
    }
  }

  /** Changes of the file that could not be applied since the start; the endpoints stayed. */
  public long failedReloads() {
    return failedReloads.get();
  }

  /** Why the file as it is now is not in effect, with the line; empty when it is. */
  public Optional<String> lastFailure() {
    return Optional.ofNullable(lastFailure);
  }

  @Override
  public synchronized void close() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private void reload(KeepPool pool) {
    byte[] content;
    try {
      content = content();
    } catch (DiscoveryException e) {
      boolean isNews = lastContent != null;
      lastContent = null; // so that even the old content is news when it comes back
      if (isNews) {
        refuse(String.valueOf(e.getMessage()));
      }
      return;
    }
    if (!Arrays.equals(content, lastContent)) {
      lastContent = content;
      apply(content, pool);
    }
  }

  private void apply(byte[] content, KeepPool pool) {
    try {
      List<Endpoint> endpoints = EndpointList.parse(file.toString(), content);
      pool.keep(endpoints);
      lastFailure = null;
      logLoaded(endpoints);
    } catch (DiscoveryException e) {
      refuse(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // a pool that objects must not end the watching
      LOG.atError().addKeyValue("file", file).setCause(e).log("endpoints not applied");
      refuse(e.toString());
    }
  }

  private void refuse(String reason) {
    failedReloads.incrementAndGet();
    lastFailure = reason;
    LOG.atError()
        .addKeyValue("file", file)
        .addKeyValue("reason", reason)
        .log("endpoints file refused, keeping the last good endpoints");
  }

  private byte[] content() throws DiscoveryException {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new DiscoveryException(file + ": not a regular file");
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes(MAX_BYTES + 1);
        if (content.length > MAX_BYTES) {
          throw new DiscoveryException(file + ": larger than " + MAX_BYTES + " bytes");
        }
        return content;
      }
    } catch (NoSuchFileException e) {
      throw new DiscoveryException(file + ": no such file");
    } catch (IOException e) {
      throw new DiscoveryException(file + ": cannot be read: " + e);
    }
  }

  private void logLoaded(List<Endpoint> endpoints) {
    LOG.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("endpoints", endpoints.size())
        .log("endpoints file loaded");
  }
}
