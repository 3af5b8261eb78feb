package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.OpenStream;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The picker is killed, hangs, or was never there. */
class PickerLossIT {

  private static final int ANSWER_TOKENS = 200; // 4 s at 20 ms, for busy machines

  @Test
  void failsOnlyWhileThePickerIsAwayWhenEveryBodyPassesThroughIt() throws Exception {
    try (Stack stack = started("full", "2ms")) {
      EppProcess epp = stack.startEpp();
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      assertThat(ask(gateway, 1)).extracting(Reply::status).containsOnly(200);

      epp.close();
      assertThat(ask(gateway, 5)).extracting(Reply::status).containsOnly(500);

      stack.startEpp();
      await().until(() -> ask(gateway, 1).getFirst().status() == 200);
      assertThat(ask(gateway, 20)).extracting(Reply::status).containsOnly(200);
    }
  }

  @Test
  void servesEveryRequestWhenThereIsNoPickerAtAll() throws Exception {
    try (Stack stack = started("absent", "2ms")) {
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT);

      List<Reply> replies = ask(envoy.gateway(), 12);

      assertThat(replies).extracting(Reply::status).containsOnly(200);
      assertThat(replies).extracting(Reply::servedBy).containsAll(stack.modelPorts());
      assertThat(envoy.bypassedPicker()).isPositive();
    }
  }

  @Test
  void servesEveryRequestWhileThePickerHangsAndAsksItAgainAfterwards() throws Exception {
    try (Stack stack = started("hangs", "2ms")) {
      EppProcess epp = stack.startEpp();
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT);
      assertThat(ask(envoy.gateway(), 1)).extracting(Reply::status).containsOnly(200);

      epp.hang();
      streams(envoy.gateway(), 8).forEach(stream -> stream.assertComplete(ANSWER_TOKENS));
      assertThat(envoy.bypassedPicker()).isPositive();

      epp.resume();
      await().until(() -> isAsked(envoy));
    }
  }

  @Test
  void completesEveryStreamWhenThePickerIsKilledMeanwhile() throws Exception {
    try (Stack stack = started("killed", "20ms")) {
      EppProcess epp = stack.startEpp();
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT);

      List<OpenStream> open = streams(envoy.gateway(), 16);
      open.forEach(OpenStream::awaitFirstToken);
      assertThat(envoy.bypassedPicker()).isZero();
      try (Load load = Load.on(envoy.gateway())) {
        load.awaitMore(8);
        epp.close();
        assertThat(open).as("the kill came in mid-response").noneMatch(OpenStream::isOver);
        open.forEach(stream -> stream.assertComplete(ANSWER_TOKENS));
        load.awaitMore(40);

        assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
      }
    }
  }

  private static Stack started(String name, String tokenEvery) {
    Stack stack = Stack.empty("picker-" + name, false);
    stack.startSimulator(3, tokenEvery);
    return stack;
  }

  private static List<Reply> ask(Client gateway, int times) {
    return IntStream.range(0, times)
        .mapToObj(i -> gateway.chat(Prompt.plain("Question " + i, 3)))
        .toList();
  }

  private static List<OpenStream> streams(Client gateway, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> gateway.stream(Prompt.plain("Tell me more, " + i, ANSWER_TOKENS)))
        .toList();
  }

  private static boolean isAsked(EnvoyProcess envoy) {
    long before = envoy.bypassedPicker();
    return ask(envoy.gateway(), 1).getFirst().status() == 200 && envoy.bypassedPicker() == before;
  }
}
