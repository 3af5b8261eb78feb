package ai.llmd.epp.adapter.files;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.filewatch.FollowedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
   * Other clusters: addresses may be names of hosts, and the labels {@code metricsAddress} and
   * {@code metricsPort} say where an entry's metrics are, if not where it serves.
   */
  public static final PluginType<Parameters> MULTICLUSTER_TYPE =
      PluginType.of(
              "multicluster-file-discovery", new Parameters("", false), FileDiscovery::ofClusters)
          .alpha();

  /**
   * Which file.
   *
   * @param path YAML or JSON file, 1 MiB at most; required
   * @param watchFile whether later changes of the file are applied
   */
  public record Parameters(String path, boolean watchFile) {}

  private static final int MAX_BYTES = 1 << 20;
  private static final Logger log = LoggerFactory.getLogger(FileDiscovery.class);

  private final Path file;
  private final boolean isWatched;
  private final AddressRules addresses;
  private @Nullable FollowedFile<ByteBuffer, DiscoveryException> followed; // guarded by this

  private volatile @Nullable String lastFailure;
  private final AtomicLong failedReloads = new AtomicLong();

  /**
   * @throws IllegalArgumentException without a path
   */
  public FileDiscovery(Parameters parameters) {
    this(parameters, AddressRules.LITERALS);
  }

  private FileDiscovery(Parameters parameters, AddressRules addresses) {
    if (parameters.path().isEmpty()) {
      throw new IllegalArgumentException("path is required");
    }
    file = Path.of(parameters.path());
    isWatched = parameters.watchFile();
    this.addresses = addresses;
  }

  /**
   * One of other clusters.
   *
   * @throws IllegalArgumentException without a path
   */
  static FileDiscovery ofClusters(Parameters parameters) {
    return new FileDiscovery(parameters, AddressRules.LITERALS_AND_NAMES);
  }

  @Override
  public synchronized void start(Keepers keepers) throws DiscoveryException {
    if (followed != null) {
      throw new IllegalStateException("started already");
    }
    followed =
        new FollowedFile<>(
            file,
            "endpoints file refused, keeping the last good endpoints",
            new Endpoints(keepers.pool()));
    try {
      followed.load();
    } catch (IOException e) {
      throw new DiscoveryException(String.valueOf(e.getMessage()));
    }
    if (isWatched) {
      followed.follow();
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
    if (followed != null) {
      followed.close();
    }
  }

  /** Puts the file's endpoints into a pool. */
  private final class Endpoints implements FollowedFile.Use<ByteBuffer, DiscoveryException> {

    private final KeepPool pool;

    Endpoints(KeepPool pool) {
      this.pool = pool;
    }

    @Override
    public ByteBuffer read() throws IOException {
      return ByteBuffer.wrap(content());
    }

    @Override
    @SuppressWarnings("ByteBufferBackingArray") // read() wrapped the whole array
    public void apply(ByteBuffer content) throws DiscoveryException {
      List<Endpoint> endpoints = EndpointList.parse(file.toString(), addresses, content.array());
      pool.keep(endpoints);
      lastFailure = null;
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("endpoints", endpoints.size())
          .log("endpoints file loaded");
    }

    @Override
    public void refused(String reason) {
      failedReloads.incrementAndGet();
      lastFailure = reason;
    }
  }

  private byte[] content() throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + ": not a regular file");
    }
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e, e);
    }
    if (content.length > MAX_BYTES) {
      throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
    }
    return content;
  }
}
