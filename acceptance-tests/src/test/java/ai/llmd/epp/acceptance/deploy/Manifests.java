package ai.llmd.epp.acceptance.deploy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * All objects that a folder's {@code kustomization.yaml} comes to. Ours only list resources, so
 * that to put them together is to concatenate them; a patch, as in {@code disaggregation}, is not
 * applied.
 */
record Manifests(String folder, List<HasMetadata> objects) {

  static final Path DEPLOY = deploy();

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static Path deploy() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("deploy/base"))) {
      folder = Objects.requireNonNull(folder.getParent(), "the tests run outside a checkout");
    }
    return folder.resolve("deploy");
  }

  static Manifests of(String folder) {
    List<HasMetadata> objects = new ArrayList<>();
    collect(DEPLOY.resolve(folder), objects);
    return new Manifests(folder, objects);
  }

  private static void collect(Path folder, List<HasMetadata> objects) {
    for (String resource : resources(folder)) {
      Path path = folder.resolve(resource).normalize();
      if (Files.isDirectory(path)) {
        collect(path, objects);
      } else {
        objects.addAll(read(path));
      }
    }
  }

  /** What a folder's kustomization puts together. */
  static List<String> resources(Path folder) {
    return listed(folder, "resources");
  }

  /** The files that say which names go together. */
  static List<String> configurations(Path folder) {
    return listed(folder, "configurations");
  }

  private static List<String> listed(Path folder, String field) {
    var kustomization =
        (GenericKubernetesResource) read(folder.resolve("kustomization.yaml")).getFirst();
    var listed = (List<?>) kustomization.getAdditionalProperties().getOrDefault(field, List.of());
    return listed.stream().map(String.class::cast).toList();
  }

  /** The objects of one file. */
  static List<HasMetadata> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      Object read = YAML.unmarshal(in); // a list when there are several documents
      return read instanceof List<?> several
          ? several.stream().map(HasMetadata.class::cast).toList()
          : List.of((HasMetadata) read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  <T extends HasMetadata> Stream<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast);
  }

  /** The only object of a kind. */
  <T extends HasMetadata> T only(Class<T> type, String name) {
    return all(type)
        .filter(object -> object.getMetadata().getName().equals(name))
        .reduce(
            (a, b) -> {
              throw new AssertionError(folder + " has two of " + type + " " + name);
            })
        .orElseThrow(() -> new AssertionError(folder + " has no " + type + " " + name));
  }

  /** The names of a kind's objects. */
  List<String> names(String kind) {
    return objects.stream()
        .filter(object -> object.getKind().equals(kind))
        .map(object -> object.getMetadata().getName())
        .toList();
  }

  /** Objects of a kind that the client has no class for, or whose class we do not need. */
  Stream<GenericKubernetesResource> generic(String kind) {
    return objects.stream()
        .filter(object -> object.getKind().equals(kind))
        .map(object -> YAML.convertValue(object, GenericKubernetesResource.class));
  }

  @Override
  public String toString() {
    return folder;
  }
}
