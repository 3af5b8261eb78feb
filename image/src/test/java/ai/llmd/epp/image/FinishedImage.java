package ai.llmd.epp.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An OCI archive, read. */
final class FinishedImage {

  private final Map<String, byte[]> blobs = new HashMap<>(); // by file name in the archive
  private final JsonNode manifest;

  private FinishedImage(Path archive) throws IOException {
    try (TarArchiveInputStream tar = tar(Files.newInputStream(archive))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        blobs.put(entry.getName(), tar.readAllBytes());
      }
    }
    manifest = json(blob(json(file("index.json")).at("/manifests/0/digest").asString()));
  }

  static FinishedImage read(Path archive) throws IOException {
    return new FinishedImage(archive);
  }

  private static TarArchiveInputStream tar(InputStream in) {
    return new TarArchiveInputStream(new BufferedInputStream(in));
  }

  private byte[] blob(String digest) {
    return file("blobs/" + digest.replace(':', '/'));
  }

  private byte[] file(String name) {
    return Objects.requireNonNull(blobs.get(name), name);
  }

  private static JsonNode json(byte[] text) {
    return JsonMapper.shared().readTree(text);
  }

  /** What the image declares of itself. */
  JsonNode configuration() {
    return json(blob(manifest.at("/config/digest").asString()));
  }

  /** What it was asked to be for: that of this machine unless the build named another. */
  static Architecture wantedArchitecture() {
    String name = System.getProperty("epp.image.arch", "");
    return name.isEmpty() ? Architecture.ofThisMachine() : Architecture.named(name);
  }

  /** What it declares to be for. */
  Architecture architecture() {
    return Architecture.named(configuration().get("architecture").asString());
  }

  boolean isForThisMachine() {
    return architecture() == Architecture.ofThisMachine();
  }

  /** The entries of each layer, the lowest first. */
  List<List<TarArchiveEntry>> layers() throws IOException {
    List<List<TarArchiveEntry>> layers = new ArrayList<>();
    for (JsonNode layer : manifest.get("layers")) {
      List<TarArchiveEntry> entries = new ArrayList<>();
      try (TarArchiveInputStream tar = open(layer)) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          entries.add(entry);
        }
      }
      layers.add(entries);
    }
    return layers;
  }

  /** What regular files contain, by their absolute paths. */
  Map<String, byte[]> files(Predicate<String> paths) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (JsonNode layer : manifest.get("layers")) {
      try (TarArchiveInputStream tar = open(layer)) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          String path = "/" + entry.getName();
          if (entry.isFile() && paths.test(path)) {
            files.put(path, tar.readAllBytes());
          }
        }
      }
    }
    return files;
  }

  private TarArchiveInputStream open(JsonNode layer) throws IOException {
    byte[] zipped = blob(layer.get("digest").asString());
    return tar(new GZIPInputStream(new ByteArrayInputStream(zipped)));
  }

  /** Writes every layer below a folder, as a container runtime does. */
  void unpack(Path root) throws IOException {
    for (JsonNode layer : manifest.get("layers")) {
      try (TarArchiveInputStream tar = open(layer)) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          Path target = root.resolve(entry.getName());
          if (entry.isDirectory()) {
            Files.createDirectories(target);
          } else {
            Files.copy(tar, target);
            Files.setLastModifiedTime(
                target, FileTime.from(entry.getLastModifiedDate().toInstant()));
          }
          Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        }
      }
    }
  }

  /** The nine bits, the owner's reading first. */
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int bit = 0; bit < all.length; bit++) {
      if ((mode & (0400 >> bit)) != 0) {
        permissions.add(all[bit]);
      }
    }
    return permissions;
  }
}
