package ai.llmd.epp.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every target with its seeds, with what was once found, and with some thousand other inputs. */
class FuzzTargetsTest {

  private static final int INPUTS = 4_000;

  static Stream<FuzzTarget> targets() {
    return FuzzTarget.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void readsItsSeeds(FuzzTarget target) {
    assertThat(target.seeds()).isNotEmpty();
    target.seeds().forEach(seed -> run(target, "a seed", seed));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void readsWhatWasOnceFound(FuzzTarget target) throws IOException {
    FoundInputs.of(target).forEach(input -> run(target, "a finding", input));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void readsWhatIsMadeOfItsSeeds(FuzzTarget target) {
    for (int number = 0; number < INPUTS; number++) {
      run(target, "input " + number, new Mutation(target.seeds(), number).input());
    }
  }

  @Test
  void aPlantedFaultIsFoundAndItsInputShown() {
    List<byte[]> seeds = List.of("[[1],[2]]".getBytes(StandardCharsets.UTF_8));
    var planted = new FuzzTarget(Planted.class, Planted::fuzzerTestOneInput, seeds);

    assertThatThrownBy(() -> readsWhatIsMadeOfItsSeeds(planted))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("Planted fails with input \\d+: \\S*")
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  private static final class Planted {

    static void fuzzerTestOneInput(byte[] data) {
      if (new String(data, StandardCharsets.UTF_8).startsWith("[[1]]")) {
        throw new IllegalStateException("as planted");
      }
    }
  }

  @Test
  void inputsAreTheSameInEveryRun() {
    List<byte[]> seeds = List.of("{\"a\":[1,2,3]}".getBytes(StandardCharsets.UTF_8));

    assertThat(new Mutation(seeds, 7).input()).isEqualTo(new Mutation(seeds, 7).input());
    assertThat(new Mutation(seeds, 7).input()).isNotEqualTo(new Mutation(seeds, 8).input());
  }

  private static void run(FuzzTarget target, String what, byte[] input) {
    try {
      target.run().accept(input);
    } catch (Throwable failure) {
      throw new AssertionError(
          "%s fails with %s: %s".formatted(target, what, Base64.getEncoder().encodeToString(input)),
          failure);
    }
  }
}
