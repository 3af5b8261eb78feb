package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What does not fit the model servers is named by comparing predictions with what they report. */
class PreciseTruthIT {

  private static final int SERVERS = 3;
  private static final int WITHIN = 200; // requests to a server
  private static final int TURNS = 6; // of a conversation
  private static final int ROUND = 50; // conversations that go on in turn
  private static final int NUMBERS = 3_000;
  private static final String BASIS = "llm_d_epp_kv_cache_match_basis";
  private static final String CAUSE = "llm_d_epp_kv_cache_truth_cause";
  private static final String TRUTH = "llm_d_epp_kv_cache_truth_responses_total";

  /** A picker with servers that nothing was asked of. */
  private record Fresh(EppProcess epp, Client gateway) {

    static Fresh start(Stack stack, Path model, String template, String... serverFlags) {
      int events = stack.freePort();
      List<String> flags = new ArrayList<>(List.of(serverFlags));
      flags.add("--zmq-endpoint=tcp://127.0.0.1:" + events);
      stack.startSimulator(SERVERS, "1ms", flags);
      String tokens = PreciseConfiguration.local(model, template);
      String configuration = PreciseConfiguration.connectedTo(tokens, events);
      EppProcess epp = stack.startEpp(configuration, List.of());
      return new Fresh(epp, stack.startEnvoy(EnvoyMode.FULL).gateway());
    }

    /**
     * Asks, one request after the other, until every server has served so many.
     *
     * @param reached receives the port of a server that just has; nothing is asked meanwhile
     */
    List<Reply> askUntilEachServed(int requests, IntConsumer reached) {
      Map<Integer, Integer> served = new HashMap<>();
      List<Reply> replies = new ArrayList<>();
      int enough = 0;
      while (enough < SERVERS) {
        Reply reply = gateway.chat(prompt(replies.size()));
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        replies.add(reply);
        assertThat(replies.size()).as("%s", served).isLessThan(5 * SERVERS * requests);
        if (served.merge(reply.servedBy(), 1, Integer::sum) == requests) {
          reached.accept(reply.servedBy());
          enough++;
        }
      }
      return replies;
    }

    /** Whether it is what most of a server's latest responses suggest. */
    boolean isNamed(String cause, int server) {
      String pod = "pod_identifier=\"default/model-" + server + '"';
      return epp.metric(CAUSE, "cause=\"" + cause + '"', pod) == 1;
    }
  }

  /** And prompts go where they went before all the same. */
  @ParameterizedTest
  @CsvSource({"block_size, 20, ''", "template, 16, 'Another beginning. '"})
  void isNamedWithinTwoHundredRequestsToAServer(
      String cause, int blockTokens, String beginning, @TempDir Path model) throws Exception {
    SimulatorTokenizer.write(model, NUMBERS);
    Path template = model.resolve("other.jinja");
    Files.writeString(template, beginning + Files.readString(model.resolve("chat_template.jinja")));
    try (Stack stack = Stack.empty("wrong-" + cause, false)) {
      Fresh fresh = Fresh.start(stack, model, template.toString(), "--block-size=" + blockTokens);

      List<Reply> replies =
          fresh.askUntilEachServed(
              WITHIN, server -> await(cause).until(() -> fresh.isNamed(cause, server)));

      await().until(() -> fresh.epp().metric(BASIS, "basis=\"routed\"") == SERVERS);
      double most = (TURNS - 1.0) / (TURNS + 1); // of each turn, what the one before it said
      List<Reply> latest = replies.subList(replies.size() - ROUND * TURNS, replies.size());
      assertThat(Reply.cachedShare(latest)).isGreaterThan(0.7 * most);
    }
  }

  /** Hashes of blocks are made here again, from their tokens: the engine's own seed is no cause. */
  @Test
  void anotherSeedIsNoMistake(@TempDir Path model) throws Exception {
    SimulatorTokenizer.write(model, NUMBERS);
    try (Stack stack = Stack.empty("another-seed", false)) {
      Fresh fresh = Fresh.start(stack, model, "", "--hash-seed=another");

      List<Reply> replies = fresh.askUntilEachServed(WITHIN, server -> {});

      await().until(() -> fresh.epp().metric(TRUTH) == replies.size());
      assertThat(fresh.epp().metric(TRUTH, "outcome=\"agreed\""))
          .isGreaterThan(replies.size() * 9L / 10);
      assertThat(fresh.epp().metric(BASIS, "basis=\"routed\"")).isZero();
      for (String cause : List.of("hashes", "block_size", "stale", "incomplete", "tokens")) {
        assertThat(fresh.epp().metric(CAUSE, "cause=\"" + cause + '"')).as(cause).isZero();
      }
    }
  }

  /**
   * A turn of a conversation, which repeats all before it: only where blocks are announced that
   * continue others, it matters whether block sizes fit. An event comes before the next turn.
   */
  private static Prompt prompt(long number) {
    long place = number % ROUND;
    long turns = number / ROUND + place; // each conversation is at another turn than the one beside
    long conversation = turns / TURNS * ROUND + place;
    long turn = turns % TURNS;
    String said = "All there is to say about topic number " + conversation % NUMBERS + ". ";
    long sentences = (5 + conversation % 7) * (turn + 1);
    return new Prompt(said.repeat((int) sentences), "Then.", 4);
  }
}
