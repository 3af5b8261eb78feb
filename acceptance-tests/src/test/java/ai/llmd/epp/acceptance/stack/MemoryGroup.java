package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A memory cgroup, as a container has one: the kernel kills what grows beyond it. Version 1 or 2;
 * there is none without the right to make it.
 */
final class MemoryGroup implements AutoCloseable {

  private static final List<Limit> LIMITS =
      List.of(
          new Limit(Path.of("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
          new Limit(Path.of("/sys/fs/cgroup"), "memory.max"));

  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Where the groups of one version of cgroups are, and the file of their limit. */
  private record Limit(Path groups, String file) {}

  private final Path group;

  private MemoryGroup(Path group) {
    this.group = group;
  }

  /** Empty where the system allows none. */
  static Optional<MemoryGroup> of(long bytes) {
    return LIMITS.stream().flatMap(limit -> make(limit, bytes)).findFirst();
  }

  private static Stream<MemoryGroup> make(Limit limit, long bytes) {
    String name = "epp-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    Path group = limit.groups.resolve(name);
    try {
      Files.createDirectory(group);
    } catch (IOException notAllowed) {
      return Stream.empty();
    }
    MemoryGroup made = new MemoryGroup(group);
    try {
      if (!Files.exists(group.resolve(limit.file))) { // not a group, or one without memory
        throw new IOException("no " + limit.file);
      }
      Files.writeString(group.resolve(limit.file), Long.toString(bytes));
      return Stream.of(made);
    } catch (IOException notAllowed) {
      made.close();
      return Stream.empty();
    }
  }

  /** The command that runs another one in the group, as the same process. */
  List<String> running(List<String> command) {
    List<String> wrapped =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"",
                "sh"));
    wrapped.addAll(command);
    return wrapped;
  }

  /** Of processes that have ended. */
  @Override
  public void close() {
    Awaitility.await() // the kernel takes a moment
        .ignoreExceptions()
        .until(
            () -> {
              var _ = Files.deleteIfExists(group);
              return true;
            });
  }
}
