package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Through what replicas share, as their configuration names it. */
public sealed interface SharedStore extends AutoCloseable {

  /** The kinds, for tests that hold for each. */
  enum Kind {
    REDIS,
    HAZELCAST;

    /**
     * Starts what runs beside the replicas.
     *
     * @param replicas how many there will be
     */
    public SharedStore start(int replicas) {
      return switch (this) {
        case REDIS -> new Redis(new RedisServer().start());
        case HAZELCAST -> Hazelcast.of(replicas);
      };
    }
  }

  /** Lines that follow the rest of a picker's configuration. */
  String configuration();

  @Override
  void close();

  /** A server of its own, which a test may kill, hold and start again. */
  record Redis(RedisServer server) implements SharedStore {

    @Override
    public String configuration() {
      return "stateStore:\n  type: redis\n  redis: {uri: \"%s\"}\n".formatted(server.uri());
    }

    @Override
    public void close() {
      server.close();
    }
  }

  /** The replicas themselves; each listens at one of these ports. */
  record Hazelcast(List<Integer> ports) implements SharedStore {

    public static Hazelcast of(int replicas) {
      int first = FreePorts.consecutive(replicas);
      return new Hazelcast(IntStream.range(first, first + replicas).boxed().toList());
    }

    @Override
    public String configuration() {
      return ports.stream()
          .map(port -> "\"127.0.0.1:" + port + '"')
          .collect(
              Collectors.joining(
                  ", ", "stateStore:\n  type: hazelcast\n  hazelcast: {members: [", "]}\n"));
    }

    @Override
    public void close() {}
  }

  /** None: the replica keeps what it learns to itself. */
  record None() implements SharedStore {

    @Override
    public String configuration() {
      return "";
    }

    @Override
    public void close() {}
  }
}
