package ai.llmd.epp.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(3_600)
class StressTest {

  private static final int SCENARIOS = 10;

  @Test
  void findsThePlantedOrderOfMemoryAccessesAndNoOther(@TempDir Path folder) throws Exception {
    StressRun run = StressRun.of(folder, StressRun.sources());

    assertThat(run.failed()).as(run.output()).containsExactly(PlantedStress.class.getName());
    assertThat(run.passed()).as(run.output()).isGreaterThanOrEqualTo(SCENARIOS);
  }
}
