package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class EnginePlacesTest {

  @RepeatedTest(20)
  void findsWhatAListWouldPageAfterPage(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    EnginePlaces places = new EnginePlaces();
    for (int page = 0; page < 20; page++) {
      List<Long> engines = new ArrayList<>();
      int most = page % 2 == 0 ? Samples.MAX_ENGINES : random.nextInt(30);
      while (engines.size() < most) {
        long engine = random.nextInt(2 * Samples.MAX_ENGINES) - 3L;
        assertThat(places.of(engine)).isEqualTo(engines.indexOf(engine));
        if (!engines.contains(engine)) {
          places.add(engine);
          engines.add(engine);
        }
        assertThat(places.count()).isEqualTo(engines.size());
      }
      places.clear();
    }
  }
}
