package ai.llmd.epp.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.Ports;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Writes layers into an OCI archive. */
record Archive(Recipe recipe) {

  private static final String USER = "65532:65532";
  private static final FilePermissions PLAIN = FilePermissions.fromOctalString("644");
  private static final FilePermissions EXECUTABLE = FilePermissions.fromOctalString("755");

  void write(List<Layer> layers, Path archive) throws IOException, InterruptedException {
    try {
      JibContainerBuilder image =
          recipe.standsAlone() ? Jib.fromScratch() : Jib.from(recipe.base());
      image
          .setFormat(ImageFormat.OCI)
          .setPlatforms(Set.of(new Platform(recipe.architecture().image(), "linux")))
          .setCreationTime(recipe.time())
          .setUser(USER)
          .setExposedPorts(Ports.parse(recipe.program().ports()))
          .setEntrypoint(recipe.program().executable())
          .setProgramArguments(List.of())
          .setLabels(labels());
      for (Layer layer : layers) {
        image.addFileEntriesLayer(entries(layer));
      }
      Path cache = recipe.work().resolve("jib-cache");
      Folders.delete(cache); // it knows files by their times, and those are always the same here
      image.containerize(
          Containerizer.to(TarImage.at(archive).named(recipe.name()))
              .setOfflineMode(recipe.standsAlone())
              .setBaseImageLayersCache(cache)
              .setApplicationLayersCache(cache)
              .setToolName("llm-d-epp"));
    } catch (InvalidImageReferenceException
        | RegistryException
        | CacheDirectoryCreationException
        | ExecutionException e) {
      throw new IOException("the image cannot be written: " + e.getMessage(), e);
    }
  }

  private Map<String, String> labels() {
    return Map.of(
        "org.opencontainers.image.title",
        recipe.program().title(),
        "org.opencontainers.image.version",
        recipe.version(),
        "org.opencontainers.image.revision",
        recipe.commit(),
        "org.opencontainers.image.licenses",
        "Apache-2.0");
  }

  private FileEntriesLayer entries(Layer layer) throws IOException {
    FileEntriesLayer.Builder entries = FileEntriesLayer.builder().setName(layer.name());
    for (Map.Entry<String, Path> file : layer.files().entrySet()) {
      entries.addEntry(
          file.getValue().toRealPath(),
          AbsoluteUnixPath.get(file.getKey()),
          Files.isExecutable(file.getValue()) ? EXECUTABLE : PLAIN,
          recipe.time());
    }
    return entries.build();
  }
}
