package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A client whose conversations are drawn to a model server, and who asks again when it fails.
 *
 * @param pause what it waits for before it asks again
 */
record RetryingClient(Client gateway, Runnable pause) {

  private static final int TRIES = 3; // of a client that retries twice

  /** One that asks again at once. */
  RetryingClient(Client gateway) {
    this(gateway, () -> {});
  }

  /** Prompts that were just sent to a server, so that a picker wants them there again. */
  List<Prompt> promptsAt(MortalServer server, int count) {
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; prompts.size() < count; i++) {
      assertThat(i).as("prompts until %d went to one server", count).isLessThan(50 * count);
      Prompt prompt = Prompt.about("topic " + i, "Say something.");
      if (gateway.chat(prompt).servedBy() == server.port()) {
        prompts.add(prompt);
      }
    }
    return prompts;
  }

  /** How many of all its tries fail. */
  int failures(Prompt prompt) {
    int failures = 0;
    for (int i = 0; i < TRIES; i++) {
      if (gateway.chat(prompt).status() != 200) {
        failures++;
        pause.run();
      }
    }
    return failures;
  }

  /** Asks about one after the other for so long. */
  void askFor(Duration time, List<Prompt> prompts) {
    long end = System.nanoTime() + time.toNanos();
    for (int i = 0; System.nanoTime() - end < 0; i++) {
      gateway.chat(prompts.get(i % prompts.size()));
    }
  }

  /** Asks about each so often; returns how many questions that were. */
  int ask(List<Prompt> prompts, int rounds) {
    for (int round = 0; round < rounds; round++) {
      prompts.forEach(gateway::chat);
    }
    return rounds * prompts.size();
  }
}
