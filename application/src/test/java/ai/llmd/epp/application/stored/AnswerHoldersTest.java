package ai.llmd.epp.application.stored;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.domain.state.SharedState.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerHoldersTest {

  private static final StoredAnswers NEW = new StoredAnswers("", true);

  private final SharedState state = new SharedState(new Budget(1 << 20, 4));
  private final Candidates pool =
      new CycleFixture()
          .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, Map.of("llm-d.ai/role", "decode"))
          .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, Map.of("llm-d.ai/role", "prefill"))
          .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, Map.of("llm-d.ai/role", "decode"))
          .build()
          .candidates();
  private long now;
  private final AnswerHolders holders = new AnswerHolders(state, () -> now);

  private ResponseObserver follow(StoredAnswers stored, int slot) {
    return Objects.requireNonNull(holders.follow(stored, pool.get(slot)));
  }

  private void answer(StoredAnswers stored, int slot, String status, String id) {
    ResponseObserver observer = follow(stored, slot);
    observer.onHeaders(FakeResponseHead.of(Map.of(":status", status)));
    observer.onAnswerId(id);
    end(observer);
  }

  private static void end(ResponseObserver observer) {
    observer.onEnd(new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 1, 0, 0, 0));
  }

  private @Nullable Candidate holder(String id) {
    return holders.holder(pool, StoredAnswers.of(id));
  }

  @Test
  void knowTheEndpointThatGaveAnAnswer() {
    answer(NEW, 2, "200", "resp_7");

    assertThat(holder("resp_7")).isEqualTo(pool.get(2));
    assertThat(holder("resp_8")).isNull();
    assertThat(holders.holder(pool, NEW)).isNull();
  }

  @Test
  void knowItBeforeTheAnswerHasEnded() {
    ResponseObserver observer = follow(NEW, 0);
    observer.onHeaders(FakeResponseHead.of(Map.of(":status", "200")));
    observer.onAnswerId("resp_1");

    assertThat(holder("resp_1")).isEqualTo(pool.get(0));
  }

  @Test
  void knowNothingOfAnEndpointThatHasLeft() {
    answer(NEW, 2, "200", "resp_7");

    Candidates rest = pool.where(candidate -> candidate.slot() != 2);

    assertThat(holders.holder(rest, StoredAnswers.of("resp_7"))).isNull();
  }

  @Test
  void learnNothingFromErrors() {
    answer(NEW, 2, "500", "resp_7");
    end(follow(StoredAnswers.of("resp_8"), 2)); // without headers

    assertThat(holder("resp_7")).isNull();
    assertThat(holder("resp_8")).isNull();
  }

  @Test
  void learnNothingFromTheAnswerOfAnotherEndpoint() {
    ResponseObserver observer = follow(NEW, 0);
    observer.onHeaders(
        FakeResponseHead.of(
            Map.of(":status", "200"),
            Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint-served", "192.0.2.9:1"))));
    observer.onAnswerId("resp_1");

    assertThat(holder("resp_1")).isNull();
  }

  @Test
  void learnWhereAnIdIsThatWasFoundByChance() {
    ResponseObserver observer = follow(StoredAnswers.of("conv_1"), 2);
    observer.onHeaders(FakeResponseHead.of(Map.of(":status", "200")));
    end(observer);

    assertThat(holder("conv_1")).isEqualTo(pool.get(2));
  }

  @Test
  void forgetAnIdADayAfterItsLastUse() {
    answer(NEW, 0, "200", "resp_1");
    now = AnswerHolders.UNUSED.toNanos();
    assertThat(holder("resp_1")).isNotNull();
    now++;
    assertThat(holder("resp_1")).isNull();
  }

  @Test
  void rememberABoundedNumberOfIdsAndNoneThatIsTooLong() {
    for (int i = 0; i < 100; i++) {
      answer(NEW, 0, "200", "resp_" + i);
    }
    answer(NEW, 0, "200", "x".repeat(100_000));

    assertThat(state.boundSessions()).isEqualTo(4);
    assertThat(holder("resp_99")).isNotNull();
    assertThat(holder("x".repeat(100_000))).isNull();
  }

  @Test
  void followNothingThatHasNothingToDoWithStoredAnswers() {
    assertThat(holders.follow(StoredAnswers.NONE, pool.get(0))).isNull();
  }

  @Test
  void leaveWhoeverMayComputeThePromptBesideTheHolder() {
    List<Integer> slots = new ArrayList<>();
    AnswerHolders.around(pool.get(2), pool).forEach(candidate -> slots.add(candidate.slot()));

    assertThat(slots).containsExactly(1, 2);
  }

  @Test
  void stayInForceWithANewConfiguration() {
    answer(NEW, 2, "200", "resp_7");
    SharedState next = state.successor();
    next.takeEffect(List.of());

    assertThat(holder("resp_7")).isEqualTo(pool.get(2));
    assertThat(new AnswerHolders(next, () -> now).holder(pool, StoredAnswers.of("resp_7")))
        .isEqualTo(pool.get(2));
  }
}
