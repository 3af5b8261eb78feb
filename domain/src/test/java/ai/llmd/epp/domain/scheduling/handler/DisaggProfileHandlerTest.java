package ai.llmd.epp.domain.scheduling.handler;

import static ai.llmd.epp.domain.scheduling.handler.StagedRun.profiles;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters.Profiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DisaggProfileHandlerTest {

  private static final Decider YES = (cycle, decode) -> true;
  private static final Decider NO = (cycle, decode) -> false;

  private static DisaggProfileHandler handler(@Nullable Decider prefill, @Nullable Decider encode) {
    return new DisaggProfileHandler(DisaggParameters.DEFAULT, prefill, encode);
  }

  private static DisaggProfileHandler prefillFirst(@Nullable Decider encode) {
    return new DisaggProfileHandler(
        new DisaggParameters("Prefill_First", null, null, null, null, null, null, null, null),
        null,
        encode);
  }

  @Test
  void stagesWithoutADeciderNeverRun() {
    StagedRun run =
        profiles()
            .picking("decode", 0)
            .picking("prefill", 1)
            .picking("encode", 2)
            .run(handler(null, null));

    assertThat(run.ran()).containsExactly("decode");
    assertThat(run.primary()).isEqualTo("decode");
    assertThat(run.results()).isEqualTo(Map.of("decode", List.of("10.0.0.1:8000")));
    assertThat(run.headers().toSet()).isEmpty();
  }

  @Test
  void decodeComesFirstThenEncodeThenPrefill() {
    StagedRun run =
        profiles()
            .picking("prefill", 1)
            .picking("encode", 2, 3)
            .picking("decode", 0)
            .run(handler(YES, YES));

    assertThat(run.ran()).containsExactly("decode", "encode", "prefill");
    assertThat(run.primary()).isEqualTo("decode");
    assertThat(run.headers().toSet())
        .isEqualTo(
            Map.of(
                "x-prefiller-host-port",
                "10.0.0.2:8000",
                "x-encoder-hosts-ports",
                "10.0.0.3:8000,10.0.0.4:8000"));
  }

  @Test
  void eachDeciderIsAskedOnceAboutTheEndpointThatDecodes() {
    List<String> asked = new ArrayList<>();
    Decider against =
        (cycle, decode) -> {
          asked.add(decode == null ? "none" : decode.endpoint().podName());
          return false;
        };
    profiles()
        .picking("decode", 2)
        .picking("prefill", 1)
        .picking("encode", 3)
        .run(handler(against, against));
    assertThat(asked).containsExactly("pod-2", "pod-2");
  }

  @Test
  void thePrefillProfileLearnsWhoDecodes() {
    StagedRun run = profiles().picking("decode", 3).picking("prefill", 1).run(handler(YES, null));
    assertThat(run.cycle().facts().get(PeerEndpoint.KEY))
        .isEqualTo(run.cycle().candidates().get(3));
  }

  @Test
  void noPeerIsNamedWhenNothingIsPrefilledElsewhere() {
    StagedRun run = profiles().picking("decode", 3).picking("prefill", 1).run(handler(NO, null));
    assertThat(run.cycle().facts().get(PeerEndpoint.KEY)).isNull();
  }

  @Test
  void aStageThatFindsNoEndpointIsDoneWithout() {
    StagedRun run =
        profiles().picking("decode", 0).failing("prefill").failing("encode").run(handler(YES, YES));

    assertThat(run.ran()).containsExactly("decode", "encode", "prefill");
    assertThat(run.results()).containsOnlyKeys("decode");
    assertThat(run.headers().toSet()).isEmpty();
  }

  @Test
  void withoutAnEndpointToDecodeTheRequestFails() {
    StagedRun run = profiles().failing("decode").picking("prefill", 1).run(handler(YES, null));

    assertThat(run.ran()).containsExactly("decode");
    assertThat(run.failure()).isEqualTo("all filtered in decode");
  }

  @Test
  void withoutADecodeProfileNothingRuns() {
    StagedRun run = profiles().picking("prefill", 1).run(handler(YES, null));
    assertThat(run.failure()).isEqualTo("no profile ran");
  }

  @Test
  void withoutADecodeProfileAPrefilledRequestFailsToo() {
    StagedRun run = profiles().picking("prefill", 1).run(prefillFirst(null));
    assertThat(run.ran()).containsExactly("prefill");
    assertThat(run.failure()).isEqualTo("failed to find available decode workers");
  }

  @Test
  void profilesMayHaveOtherNames() {
    var parameters =
        new DisaggParameters(
            "", new Profiles("d1", "p1", null), null, null, null, null, null, null, null);
    StagedRun run =
        profiles()
            .picking("d1", 3)
            .picking("p1", 2)
            .picking("prefill", 0)
            .run(new DisaggProfileHandler(parameters, YES, YES));

    assertThat(run.ran()).containsExactly("d1", "p1");
    assertThat(run.primary()).isEqualTo("d1");
    assertThat(run.headers().toSet()).isEqualTo(Map.of("x-prefiller-host-port", "10.0.0.3:8000"));
  }

  @Test
  void prefillMayComeFirstAndNeedsNoDecider() {
    List<Object> asked = new ArrayList<>();
    Decider encode =
        (cycle, decode) -> {
          asked.add(decode == null ? "none" : decode);
          return true;
        };
    StagedRun run =
        profiles()
            .picking("decode", 0)
            .picking("encode", 2)
            .picking("prefill", 1)
            .run(prefillFirst(encode));

    assertThat(run.ran()).containsExactly("prefill", "encode", "decode");
    assertThat(asked).containsExactly("none");
    assertThat(run.primary()).isEqualTo("decode");
    assertThat(run.cycle().facts().get(PeerEndpoint.KEY))
        .isEqualTo(run.cycle().candidates().get(1));
    assertThat(run.headers().toSet())
        .containsEntry("x-prefiller-host-port", "10.0.0.2:8000")
        .containsEntry("x-encoder-hosts-ports", "10.0.0.3:8000");
  }

  @Test
  void decodeRunsAfterAPrefillThatFoundNoEndpoint() {
    StagedRun run = profiles().picking("decode", 0).failing("prefill").run(prefillFirst(null));

    assertThat(run.ran()).containsExactly("prefill", "decode");
    assertThat(run.results()).containsOnlyKeys("decode");
    assertThat(run.cycle().facts().get(PeerEndpoint.KEY)).isNull();
  }

  @Test
  void theFirstFailedProfileByNameExplainsARefusal() {
    StagedRun run = profiles().failing("decode").failing("prefill").run(prefillFirst(null));
    assertThat(run.ran()).containsExactly("prefill", "decode");
    assertThat(run.failure()).isEqualTo("all filtered in decode");
  }

  @Test
  void addressesOfTheNewerProtocolStandInBrackets() {
    CycleFixture cycle = new CycleFixture().idle(1);
    for (String address : List.of("fd00::1", "fd00::2")) {
      var id = new EndpointId("default", address);
      cycle.endpoint(Endpoint.of(id, address, 8000, Map.of()), EndpointLoad.UNSAMPLED);
    }
    StagedRun run =
        profiles()
            .picking("decode", 0)
            .picking("prefill", 1)
            .picking("encode", 1, 2)
            .run(handler(YES, YES), cycle.build());

    assertThat(run.headers().toSet())
        .containsEntry("x-prefiller-host-port", "[fd00::1]:8000")
        .containsEntry("x-encoder-hosts-ports", "[fd00::1]:8000,[fd00::2]:8000");
  }

  @Test
  void whatClientsSayOfOtherStagesIsTakenAway() {
    StagedRun run = profiles().picking("decode", 0).run(handler(null, null));
    assertThat(run.headers().isRemoved("x-prefiller-host-port")).isTrue();
    assertThat(run.headers().isRemoved("x-encoder-hosts-ports")).isTrue();
  }

  @Test
  void theDecisionNamesTheStagesThatFoundAnEndpoint() {
    for (boolean isEncoded : List.of(true, false)) {
      for (boolean isPrefilled : List.of(true, false)) {
        DisaggProfileHandler handler = handler(isPrefilled ? YES : NO, isEncoded ? YES : NO);
        StagedRun run =
            profiles().picking("decode", 0).picking("prefill", 1).picking("encode", 2).run(handler);
        String expected =
            (isEncoded ? "encode-" : "")
                + (isPrefilled ? "prefill-" : "")
                + (isEncoded || isPrefilled ? "decode" : "decode-only");
        assertThat(handler.decided(run.scheduled().results()).label()).isEqualTo(expected);
      }
    }
  }
}
