package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLogContract;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Testcontainers;

/**
 * The contract of the log, and that alone, with servers that come as container images: whatever
 * such a tag stands for on the day. Skipped where no Docker answers; an image that is not there yet
 * is pulled. All else that is tested with Redis runs with the one local server.
 */
@Testcontainers(disabledWithoutDocker = true)
class RedisImagesIT {

  // named one by one, since a parameterized class that is skipped does not show in the report

  @Nested
  class Redis62 extends Contract {
    Redis62() {
      super("redis:6.2");
    }
  }

  @Nested
  class Redis72 extends Contract {
    Redis72() {
      super("redis:7.2");
    }
  }

  @Nested
  class Redis8 extends Contract {
    Redis8() {
      super("redis:8");
    }
  }

  @Nested
  class Valkey8 extends Contract {
    Valkey8() {
      super("valkey/valkey:8");
    }
  }

  /** One container for all tests of an image. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class Contract extends ReplicationLogContract {

    private static final int PORT = 6379;

    private final GenericContainer<?> server;

    private String pool = "";

    Contract(String image) {
      server = new GenericContainer<>(image).withExposedPorts(PORT);
    }

    @BeforeAll
    void start() {
      server.start();
    }

    @AfterAll
    void stop() {
      server.stop();
    }

    @BeforeEach
    void choosePool() {
      pool = UUID.randomUUID().toString();
    }

    private String host() {
      return server.getHost();
    }

    private int port() {
      return server.getMappedPort(PORT);
    }

    private void command(String... words) throws IOException {
      try (var console = new RedisConsole(host(), port())) {
        console.ask(words);
      }
    }

    @Override
    protected ReplicationLog open() {
      RedisAddress address = RedisAddress.parse("redis://" + host() + ':' + port(), false);
      return RedisServer.open(address, pool, Duration.ofSeconds(60));
    }

    @Override
    protected void overflow(ReplicationLog log) throws Exception {
      log.append(List.of(new byte[1], new byte[2], new byte[3]));
      command("XTRIM", RedisKeys.of("ns", pool).log(), "MAXLEN", "1");
    }

    @Override
    protected void lose() throws IOException {
      command("FLUSHALL");
    }
  }
}
