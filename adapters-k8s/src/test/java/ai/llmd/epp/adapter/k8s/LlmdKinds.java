package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The CRDs that are shipped. */
public final class LlmdKinds {

  static final String CURRENT = "llm-d.ai";
  static final String LEGACY = "inference.networking.x-k8s.io";

  private LlmdKinds() {}

  static Path folder() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("deploy/crds"))) {
      folder = Objects.requireNonNull(folder.getParent(), "the tests run outside a checkout");
    }
    return folder.resolve("deploy/crds");
  }

  static List<CustomResourceDefinition> shipped(ApiServer server) {
    try (Stream<Path> files = Files.list(folder())) {
      return files.sorted().map(file -> read(server, file)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CustomResourceDefinition read(ApiServer server, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return server.client().apiextensions().v1().customResourceDefinitions().load(in).item();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Objectives and rewrites. */
  public static void install(ApiServer server) {
    install(server, CURRENT);
  }

  /** Objectives and rewrites of a group. */
  public static void install(ApiServer server, String group) {
    install(server, group, "InferenceObjective");
    install(server, group, "InferenceModelRewrite");
  }

  static void install(ApiServer server, String group, String kind) {
    shipped(server).stream()
        .filter(crd -> crd.getSpec().getGroup().equals(group))
        .filter(crd -> crd.getSpec().getNames().getKind().equals(kind))
        .forEach(crd -> server.client().resource(crd).create());
  }
}
