package ai.llmd.epp.domain.scheduling.handler;

import static ai.llmd.epp.domain.scheduling.handler.StagedRun.profiles;
import static ai.llmd.epp.domain.scheduling.handler.StagedRun.ranks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DataParallelProfileHandlerTest {

  private static DataParallelProfileHandler dataParallel(int primaryPort) {
    return new DataParallelProfileHandler(new DataParallelProfileHandler.Parameters(primaryPort));
  }

  @Test
  void aRankIsReachedThroughItsPodsPrimaryPort() {
    StagedRun run = profiles().picking("default", 2).run(dataParallel(8000), ranks());

    assertThat(run.primary()).isEqualTo("default");
    assertThat(run.results()).isEqualTo(Map.of("default", List.of("10.0.0.1:8000")));
    assertThat(run.headers().toSet())
        .isEqualTo(Map.of("x-data-parallel-host-port", "10.0.0.1:8002"));
  }

  @Test
  void everyFallbackIsReachedThroughThePrimaryPort() {
    StagedRun run = profiles().picking("default", 1, 2).run(dataParallel(9000));

    assertThat(run.results().get("default")).containsExactly("10.0.0.2:9000", "10.0.0.3:9000");
    assertThat(run.headers().toSet())
        .isEqualTo(Map.of("x-data-parallel-host-port", "10.0.0.2:8000"));
  }

  @Test
  void aRedirectedPickKeepsItsSlotAndItsIdentity() {
    StagedRun run = profiles().picking("default", 2).run(dataParallel(0), ranks());

    var pick = run.scheduled().primary().picks().get(0);
    assertThat(pick.slot()).isEqualTo(2);
    assertThat(pick.endpoint().id().name()).isEqualTo("pod-rank-2");
    assertThat(pick.endpoint().hostPort()).isEqualTo("10.0.0.1:0");
    assertThat(run.scheduled().primary().scored().isEmpty()).isTrue();
  }

  @Test
  void aRankOfTheNewerProtocolStandsInBrackets() {
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(
                Endpoint.of(new EndpointId("ns", "a"), "fd00::7", 8003, Map.of()),
                EndpointLoad.UNSAMPLED)
            .build();
    StagedRun run = profiles().picking("default", 0).run(dataParallel(8000), cycle);

    assertThat(run.headers().toSet())
        .isEqualTo(Map.of("x-data-parallel-host-port", "[fd00::7]:8003"));
  }

  @Test
  void ranksNeedExactlyOneProfile() {
    StagedRun two = profiles().picking("a", 0).picking("b", 1).run(dataParallel(8000));
    assertThat(two.failure()).isEqualTo("no profile ran");

    StagedRun failed = profiles().failing("default").run(dataParallel(8000));
    assertThat(failed.failure()).isEqualTo("all filtered in default");
  }

  @Test
  void aPrimaryPortMustBeAPort() {
    for (int port : new int[] {-1, 65_536}) {
      assertThatThrownBy(() -> dataParallel(port))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("primaryPort must be within 0 and 65535, was " + port);
    }
  }
}
