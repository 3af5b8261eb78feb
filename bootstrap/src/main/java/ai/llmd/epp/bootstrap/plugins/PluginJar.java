package ai.llmd.epp.bootstrap.plugins;

import ai.llmd.epp.configuration.plugin.PluginLinkageErrors;
import ai.llmd.epp.domain.catalogue.PluginApi;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A jar with plugins, open for as long as they are used: classes are read when they are needed.
 *
 * @param types what its catalogues list
 */
record PluginJar(Path file, List<PluginType<?>> types, URLClassLoader loader)
    implements AutoCloseable {

  private static final String SERVICE = "META-INF/services/" + PluginCatalogue.class.getName();

  PluginJar {
    types = List.copyOf(types);
  }

  /**
   * Opens a jar and reads its catalogues.
   *
   * @param api parent of the jar's own loader
   * @param refuse receives everything that is wrong with the jar
   * @return null when it was refused
   */
  static @Nullable PluginJar open(Path file, ClassLoader api, Consumer<String> refuse) {
    List<String> problems = new ArrayList<>();
    inspect(file, problems);
    PluginJar jar = problems.isEmpty() ? load(file, api, problems) : null;
    problems.forEach(refuse);
    return jar;
  }

  /** Looks at the file alone; no class of it is loaded. */
  private static void inspect(Path file, List<String> problems) {
    try (JarFile jar = new JarFile(file.toFile())) {
      checkApi(jar.getManifest(), problems);
      if (jar.getEntry(SERVICE) == null) {
        problems.add("has no catalogue of plugins; name its class in " + SERVICE);
      }
    } catch (ZipException e) {
      problems.add("is no jar, or a broken one: " + e.getMessage());
    } catch (IOException e) {
      problems.add("cannot be read: " + e.getMessage());
    }
  }

  private static void checkApi(@Nullable Manifest manifest, List<String> problems) {
    String builtFor =
        manifest == null ? null : manifest.getMainAttributes().getValue(PluginApi.MANIFEST_ENTRY);
    if (builtFor == null) {
      problems.add(
          "does not say which plugin API it was built against; add \"%s: %d\" to its manifest"
              .formatted(PluginApi.MANIFEST_ENTRY, PluginApi.VERSION));
    } else if (!builtFor.strip().equals(Integer.toString(PluginApi.VERSION))) {
      problems.add(
          "was built against plugin API %s, and this program has version %d of it"
              .formatted(builtFor.strip(), PluginApi.VERSION));
    }
  }

  private static @Nullable PluginJar load(Path file, ClassLoader api, List<String> problems) {
    try {
      URL[] jar = {file.toUri().toURL()};
      URLClassLoader loader = new URLClassLoader(file.getFileName().toString(), jar, api);
      List<PluginType<?>> types = types(loader, problems);
      if (problems.isEmpty()) {
        return new PluginJar(file, types, loader);
      }
      loader.close();
    } catch (IOException e) {
      problems.add("cannot be read: " + e.getMessage());
    }
    return null;
  }

  private static List<PluginType<?>> types(ClassLoader loader, List<String> problems) {
    List<PluginType<?>> types = new ArrayList<>();
    try {
      for (PluginCatalogue catalogue : ServiceLoader.load(PluginCatalogue.class, loader)) {
        for (PluginType<?> type : catalogue.types()) {
          types.add(Objects.requireNonNull(type, "its catalogue lists a type that is null"));
        }
      }
      if (types.isEmpty()) {
        problems.add("its catalogue lists no type");
      }
    } catch (Throwable thrown) { // a stranger's code may throw anything
      problems.add(PluginLinkageErrors.sentence(thrown));
    }
    return types;
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
