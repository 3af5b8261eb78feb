package ai.llmd.epp.bootstrap.plugins;

import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.yaml.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jars of the plugin path, and every plugin type that there is with them. Opened once, by one
 * thread; the jars stay open until {@link #close}.
 */
public final class PluginJars implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PluginJars.class);

  private static final String ORIGIN = "--plugin-path";

  private final List<PluginJar> jars = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Path> jarsByType = new HashMap<>();
  private PluginRegistry registry;

  private PluginJars(PluginRegistry builtIn) {
    registry = builtIn;
  }

  /**
   * Loads the plugins of these jars. What cannot be used is left out and reported.
   *
   * @param path jars, and folders of jars
   * @see #problems()
   */
  public static PluginJars open(List<Path> path) {
    PluginJars opened = new PluginJars(PluginRegistry.discover());
    if (!path.isEmpty()) {
      opened.addAll(path);
    }
    return opened;
  }

  private void addAll(List<Path> path) {
    ClassLoader api = new PublishedApi(PluginJars.class.getClassLoader());
    for (Path file : PluginPath.jars(path, this::refuse)) {
      PluginJar jar = PluginJar.open(file, api, problem -> refuse(file, problem));
      if (jar != null) {
        add(jar);
      }
    }
  }

  private void add(PluginJar jar) {
    jars.add(jar);
    for (PluginType<?> type : jar.types()) {
      String clash = clashOf(type);
      if (clash.isEmpty()) {
        registry = registry.with(List.of(type));
        jarsByType.put(type.name(), jar.file());
      } else {
        refuse(jar.file(), clash);
      }
    }
    log.atInfo()
        .addKeyValue("jar", jar.file().toString())
        .addKeyValue(
            "types", jar.types().stream().map(PluginType::name).collect(Collectors.joining(", ")))
        .log("plugin jar loaded");
  }

  /** Why a type cannot join the others; empty when it can. */
  private String clashOf(PluginType<?> type) {
    if (registry.find(type.name()).isPresent()) {
      return "plugin type \"%s\" is already %s".formatted(type.name(), ownerOf(type.name()));
    }
    String key = type.defaultProducerOf();
    return key == null
        ? ""
        : registry
            .defaultProducerOf(key)
            .map(
                other ->
                    "plugin type \"%s\" wants to produce %s by default, as \"%s\" %s does"
                        .formatted(type.name(), key, other.name(), ownerOf(other.name())))
            .orElse("");
  }

  private String ownerOf(String type) {
    @Nullable Path jar = jarsByType.get(type);
    return jar == null ? "built in" : "in " + jar;
  }

  private void refuse(Path entry, String problem) {
    problems.add(new Problem(ORIGIN, 0, 0, entry.toString(), problem));
  }

  /** The built-in types and those of the jars. */
  public PluginRegistry registry() {
    return registry;
  }

  /** What cannot be used and why, in the order of the path. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  @Override
  public void close() {
    for (PluginJar jar : jars) {
      try {
        jar.close();
      } catch (IOException e) {
        log.atWarn().setCause(e).addKeyValue("jar", jar.file()).log("plugin jar not closed");
      }
    }
  }
}
