package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.PartsLender.Loan;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.bootstrap.cli.CommandLineResult;
import ai.llmd.epp.bootstrap.cli.EppCommandLine;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveConfigurationTest {

  private final Options options =
      ((CommandLineResult.Run) EppCommandLine.parse(Map.of(), "--pool-name=p")).options();
  private final SharedParts shared = SharedParts.build(options);
  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final LiveConfiguration serving = serving();

  private LiveConfiguration serving() {
    var wiring =
        new Wiring(
            options,
            shared,
            pool,
            Replication.none(),
            new KeptObjects(shared.meters().limits),
            new DecisionRing(1, 1),
            WaitingLimits.of(10, Duration.ofMinutes(1)));
    return new LiveConfiguration(wiring, draft("plugins: []", null));
  }

  private Draft draft(String text, @Nullable Draft inForce) {
    try {
      return shared.draft(new YamlSource("test", text), inForce);
    } catch (InvalidDocumentException e) {
      throw new AssertionError(e);
    }
  }

  private Change replace(String text) {
    return serving.replace(draft(text, serving.inForce()));
  }

  private static String follower(String tag) {
    return "plugins: [{type: closing-follower, parameters: {tag: " + tag + "}}]";
  }

  private static Endpoint pod(String name) {
    return Endpoint.of(new EndpointId("", name), "127.0.0.1", 1, Map.of());
  }

  @AfterEach
  void stop() {
    serving.close();
    shared.close();
  }

  @Test
  void reportsWhichPluginsWereKeptBuiltAndRemoved() {
    Change change = replace("plugins: [{type: queue-scorer}, {type: random-picker}]");

    assertThat(change.kept()).contains("single-profile-handler", "openai-parser");
    assertThat(change.built()).containsExactly("queue-scorer", "random-picker");
    assertThat(change.removed()).containsExactly("max-score-picker");
  }

  @Test
  void lendsWhatIsInForceWhenAStreamBegins() {
    Loan early = serving.lend();
    replace(follower("lent"));
    Loan late = serving.lend();

    assertThat(early.parts()).isNotSameAs(late.parts());
    assertThat(late.parts()).isSameAs(serving.current());
    early.giveBack();
    late.giveBack();
  }

  @Test
  void aPluginThatIsGoneFollowsThePoolUntilTheLastStreamThatUsesItHasEnded() {
    pool.keep(List.of(pod("a")));
    replace(follower("lingering"));
    Loan stream = serving.lend();
    replace(follower("next"));

    pool.keep(List.of(pod("a"), pod("b")));
    assertThat(ClosingPlugins.eventsOf("lingering")).containsExactly("met a", "met b");
    assertThat(ClosingPlugins.eventsOf("next")).containsExactly("met a", "met b");

    stream.giveBack();
    await().until(() -> ClosingPlugins.eventsOf("lingering").contains("closed"));
    pool.keep(List.of(pod("a"), pod("b"), pod("c")));
    assertThat(ClosingPlugins.eventsOf("lingering")).endsWith("met b", "closed");
    assertThat(ClosingPlugins.eventsOf("next")).endsWith("met c");
  }

  @Test
  void aPluginIsClosedAtOnceWhenNoStreamUsesIt() {
    replace(follower("unused"));
    replace("plugins: []");

    assertThat(ClosingPlugins.eventsOf("unused")).containsExactly("closed");
  }

  @Test
  void nothingReplacesWhatIsStopped() {
    Draft late = draft(follower("late"), serving.inForce());
    serving.close();

    assertThatThrownBy(() -> serving.replace(late)).hasMessageContaining("stops");
    assertThat(ClosingPlugins.eventsOf("late")).containsExactly("closed");
  }
}
