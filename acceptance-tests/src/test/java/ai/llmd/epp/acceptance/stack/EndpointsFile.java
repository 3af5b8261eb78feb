package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The file in which the picker finds its endpoints; always replaced as a whole. */
public record EndpointsFile(Path path) {

  /** Lists exactly these ports of this machine. */
  public void list(List<Integer> ports) {
    listThrough(ports, Map.of());
  }

  /** Lists exactly these ports, each at this address of this machine. */
  public void listAt(Map<Integer, String> hosts) {
    write(hosts.entrySet().stream().map(at -> entry(at.getKey(), at.getValue(), at.getKey(), "")));
  }

  /**
   * Lists the same endpoints, some of which are reached through another port.
   *
   * @param through that port by the endpoint's own, which stays its name
   */
  public void listThrough(List<Integer> ports, Map<Integer, Integer> through) {
    write(ports.stream().map(port -> entry(port, through.getOrDefault(port, port), "")));
  }

  /** Lists these ports of this machine, labelled with their roles. */
  public void listByRole(Map<String, List<Integer>> portsByRole) {
    write(
        portsByRole.entrySet().stream()
            .flatMap(
                role -> role.getValue().stream().map(port -> entry(port, port, role.getKey()))));
  }

  private void write(Stream<String> lines) {
    String entries = lines.collect(Collectors.joining(",\n"));
    try {
      Path fresh = path.resolveSibling(path.getFileName() + ".new");
      Files.writeString(fresh, "{\"endpoints\": [\n" + entries + "\n]}\n"); // JSON is YAML too
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String entry(int name, int port, String role) {
    return entry(name, SimulatorProcess.LOOPBACK, port, role);
  }

  private static String entry(int name, String host, int port, String role) {
    String labels = role.isEmpty() ? "{}" : "{\"llm-d.ai/role\": \"" + role + "\"}";
    return """
    {"name": "model-%d", "address": "%s", "port": "%d", "labels": %s}\
    """
        .formatted(name, host, port, labels);
  }
}
