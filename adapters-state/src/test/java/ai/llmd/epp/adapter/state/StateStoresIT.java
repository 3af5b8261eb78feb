package ai.llmd.epp.adapter.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.adapter.state.redis.RedisStateStore;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StateStoresIT {

  @RegisterExtension static final RedisServer REDIS = new RedisServer();

  private static ReplicationLog open(String namespace, String pool) {
    var redis = RedisSettings.of(RedisAddress.parse(REDIS.uri(), false));
    return new RedisStateStore(redis).open(namespace, pool, Duration.ofMinutes(1)).orElseThrow();
  }

  @Test
  void replicasOfAPoolShareALogAndThoseOfAnotherDoNot() throws Exception {
    try (ReplicationLog one = open("ns", "pool");
        ReplicationLog two = open("ns", "pool");
        ReplicationLog other = open("ns", "other")) {
      one.append(List.of(new byte[] {7}));

      assertThat(two.read(Position.START, 10, Duration.ZERO).entries())
          .singleElement()
          .satisfies(entry -> assertThat(entry.batch()).containsExactly(7));
      assertThat(other.read(Position.START, 10, Duration.ZERO).entries()).isEmpty();
    }
  }
}
