package ai.llmd.epp.acceptance.stack;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs of a Kubernetes control plane, in the folder that {@code KUBEBUILDER_ASSETS} names,
 * as envtest has it, or on the PATH.
 */
record ApiServerBinaries(Path etcd, Path apiServer) {

  private static final String ETCD = "etcd";
  private static final String API_SERVER = "kube-apiserver";

  /** Without them the test is skipped with the reason. */
  static ApiServerBinaries require() {
    Optional<Path> etcd = find(ETCD);
    Optional<Path> apiServer = find(API_SERVER);
    if (etcd.isEmpty() || apiServer.isEmpty()) {
      Assumptions.abort(
          "no real API server: %s and %s are neither in KUBEBUILDER_ASSETS nor on the PATH"
              .formatted(ETCD, API_SERVER));
    }
    return new ApiServerBinaries(etcd.orElseThrow(), apiServer.orElseThrow());
  }

  private static Optional<Path> find(String program) {
    List<String> folders = new ArrayList<>();
    folders.add(Objects.requireNonNullElse(System.getenv("KUBEBUILDER_ASSETS"), ""));
    folders.addAll(List.of(System.getenv("PATH").split(File.pathSeparator, -1)));
    return folders.stream()
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
